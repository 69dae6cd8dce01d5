// SPDX-License-Identifier: Apache-2.0
// The order of the work, and what the operator can do when a part of it fails.
#include "vindex/execute.hpp"

#include "vindex/estimate.hpp"
#include "vindex/examine.hpp"
#include "vindex/manifest.hpp"
#include "vindex/preflight.hpp"
#include "vindex/stage.hpp"
#include "vindex/sums.hpp"
#include "vindex/tool.hpp"

#include "shared/words.hpp"

#include <skw/failure.hpp>
#include <skw/process.hpp>
#include <skw/services.hpp>

#include <algorithm>
#include <system_error>

namespace skw::vindex {
namespace {

namespace fs = std::filesystem;

std::uint64_t total_size(const Files& files)
{
    std::uint64_t sum = 0;
    for (const auto& [name, size] : files) {
        sum = plus(sum, size);
    }
    return sum;
}

std::string count_text(const Files& files)
{
    return std::to_string(files.size()) + " file(s), " + size_text(total_size(files));
}

class Work {
public:
    Work(const sdk::Call& call, Job job)
        : call_(call),
          job_(std::move(job)),
          scratch_(call),
          process_(call),
          folder_(scratch_.folder(job_.folder))
    {
        if (job_.wants_slice()) {
            slice_folder_ = scratch_.folder(job_.slice);
        }
    }

    json::value run()
    {
        preflight_ = run_preflight(call_, job_);
        // The host lets a folder stand here only if an earlier try of this very plan has finished it.
        const bool extracted = take_up(folder_, job_.shown);
        const bool sliced = job_.wants_slice() && take_up(slice_folder_, job_.shown_slice);
        const Source source = stage_source(call_, job_, preflight_.selection);
        if (!extracted) {
            extract();
        }
        Examined made = guarded([&] {
            call_.info("checking " + job_.shown);
            Examined examined = examine_vindex(call_, folder_, job_, preflight_.model, source, hasher());
            for (const std::string& name :
                 check_copies(folder_, snapshot_folder(scratch_.path(), job_), examined.files)) {
                call_.warning(name + " of the source is not in the vindex: larql has left it out");
            }
            return examined;
        });
        call_.info("checked " + count_text(made.files));
        if (job_.wants_slice()) {
            made = slice(made, sliced);
        }
        publish(made);
        return result(made);
    }

private:
    Hasher hasher() const
    {
        return [this](const fs::path& path) {
            const json::object answer = read_json_object(scratch_.hash(path.string()), "skw.file/1");
            return Fields(answer, "skw.file/1").text("sha256");
        };
    }

    // A check that failed says what to do with what lies there.
    template<class Check>
    Examined guarded(Check&& check) const
    {
        try {
            return check();
        } catch (const sdk::Failure& failure) {
            if (failure.status() != SKW_E_BAD_INPUT) {
                throw;
            }
            throw sdk::Failure(SKW_E_BAD_INPUT, failure.place(), failure.message(),
                               "what " + preflight_.larql.version +
                                   " wrote is not a good vindex; nothing was uploaded, and it stays in " +
                                   job_.shown +
                                   ". Run again with --force to extract anew, perhaps with another "
                                   "larql; the staged source is kept");
        }
    }

    void require_folder(const fs::path& folder, const std::string& shown_as, const char* command) const
    {
        std::error_code failure;
        if (!fs::is_directory(fs::symlink_status(folder, failure))) {
            throw sdk::Failure(SKW_E_BAD_INPUT, shown_as,
                               std::string("'larql ") + command +
                                   "' ended with exit code 0 but wrote nothing there",
                               "run again with another larql");
        }
    }

    void extract()
    {
        call_.info("extracting to " + job_.shown + " (" + job_.quant + ")");
        ExtractLines lines(call_, preflight_.model.layers);
        const std::string stays =
            "what it wrote stays in " + job_.shown +
            ", and nothing was uploaded; run again with --force to extract anew from the "
            "staged source, which is kept";
        const ToolEnd end = unless_hanging("larql extract", stays, [&] {
            return run_tool(process_, step_extract, [&](std::int32_t stream, std::string_view line) {
                if (stream == 2) {
                    lines.take(line);
                }
            });
        });
        if (!end.good()) {
            throw sdk::Failure(SKW_E_FAILED, "larql extract", end.text(), stays);
        }
        require_folder(folder_, job_.shown, "extract");
    }

    // S6, or what lies there is checked again and gone on with.
    bool take_up(const fs::path& folder, const std::string& shown_as) const
    {
        std::error_code failure;
        if (!fs::is_regular_file(fs::symlink_status(folder / "index.json", failure))) {
            require_absent(folder, shown_as);
            return false;
        }
        fs::remove(folder / std::string(manifest_file), failure); // ours, written anew after the checks
        call_.info("going on with " + shown_as + " of an earlier run");
        return true;
    }

    void run_slice() const
    {
        call_.info("slicing to " + job_.shown_slice + " (" + std::string(slice_preset) + ")");
        const std::string stays =
            "the whole vindex stays in " + job_.shown + ", and nothing was uploaded; run again with --force";
        const ToolEnd end = unless_hanging("larql slice", stays, [&] {
            return run_tool(process_, step_slice, [](std::int32_t, std::string_view) {});
        });
        if (!end.good()) {
            throw sdk::Failure(SKW_E_FAILED, "larql slice", end.text(), stays);
        }
    }

    Examined slice(const Examined& full, bool is_there)
    {
        if (!is_there) {
            run_slice();
        }
        require_folder(slice_folder_, job_.shown_slice, "slice");
        Examined slice =
            guarded([&] { return examine_slice(call_, slice_folder_, full, folder_, hasher()); });
        call_.info("checked slice: " + count_text(slice.files));
        return slice;
    }

    void refuse_large(const Files& files) const
    {
        const auto largest = std::ranges::max_element(files, {}, &Files::value_type::second);
        if (largest != files.end() && largest->second > upload_limit) {
            throw sdk::Failure(SKW_E_UNSUPPORTED, largest->first,
                               "it has " + gigabytes_text(largest->second) +
                                   "; larql sends a file in one piece, and the Hub takes at most " +
                                   gigabytes_text(upload_limit) + " that way",
                               "the vindex stays in " + job_.shown_uploaded() +
                                   "; upload it with a client that sends large files in parts");
        }
    }

    void publish(Examined& made)
    {
        refuse_large(made.files);
        const fs::path& folder = job_.wants_slice() ? slice_folder_ : folder_;
        const std::string name(manifest_file);
        const std::string text = make_manifest(job_, preflight_.larql, made.files, made.hashes);
        write_new_file(folder / name, text, name);
        made.files[name] = text.size();
        scratch_.keep(job_.folder); // from here on another run need not extract again
        if (job_.wants_slice()) {
            scratch_.keep(job_.slice);
        }
        call_.info("publishing " + count_text(made.files));
        const std::string stays =
            "the target may hold a part of the vindex now; a repository that is new is still "
            "private and not listed. The vindex stays in " +
            job_.shown_uploaded() +
            ". Run the same command again to go on with the upload, or with --force to do it all anew";
        const ToolEnd end = unless_hanging("larql publish", stays, [&] {
            return run_tool(process_, step_publish,
                            [this](std::int32_t, std::string_view line) { call_.debug(line); });
        });
        if (!end.good()) {
            throw sdk::Failure(SKW_E_FAILED, "larql publish", end.text(), stays);
        }
    }

    json::value result(const Examined& made) const
    {
        const std::uint64_t bytes = total_size(made.files);
        const sdk::Card card(call_);
        card.add_fact("larql_version", preflight_.larql.version);
        card.add_fact("larql_sha256", preflight_.larql.sha256);
        card.add_fact("slices", slices_fact(job_));
        card.add_fact("vindex_files", std::to_string(made.files.size()));
        card.add_fact("vindex_bytes", std::to_string(bytes));
        json::object metrics;
        metrics["files"] = made.files.size();
        metrics["bytes"] = bytes;
        metrics["source_bytes"] = preflight_.selection.bytes();
        json::object patch;
        patch["tags"] = json::array();
        patch["facts"] = json::object();
        json::object document;
        document["schema"] = "skw.result/1";
        document["outputs"] = json::array();
        document["steps"] = json::array();
        document["card"] = std::move(patch);
        document["metrics"] = std::move(metrics);
        return document;
    }

    sdk::Call call_;
    Job job_;
    sdk::Scratch scratch_;
    sdk::Process process_;
    fs::path folder_, slice_folder_;
    Preflight preflight_;
};

} // namespace

json::value execute_plan(const sdk::Call& call, const json::value& plan)
{
    return Work(call, read_job(plan)).run();
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// larql takes any snapshot of a cache that has weights, in the order of the directory; so there is just one.
#include "vindex/stage.hpp"

#include "vindex/json_fields.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <system_error>

namespace skw::vindex {
namespace {

namespace fs = std::filesystem;

std::string cache_name(const std::string& repo)
{
    std::string name = repo;
    return "models--" + name.replace(name.find('/'), 1, "--");
}

void require_only(const fs::path& folder, const fs::path& only)
{
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure)) {
        if (entry->path().filename() != only) {
            throw sdk::Failure(SKW_E_BAD_INPUT, folder.filename().string(),
                               "the job's own cache also holds '" + shown(entry->path().filename().string()) +
                                   "'; larql might read that instead of the pinned snapshot",
                               "remove it and run again");
        }
    }
    if (failure) {
        throw sdk::Failure(SKW_E_IO, folder.string(), "cannot be listed: " + failure.message());
    }
}

// S3: both parse.
void check_documents(const fs::path& snapshot)
{
    for (const char* name : {"config.json", "tokenizer.json"}) {
        constexpr std::uint64_t limit = 256u << 20;
        require_json(LocalFile(snapshot / name, name).read_all(limit), name);
    }
}

} // namespace

fs::path snapshot_folder(const fs::path& scratch, const Job& job)
{
    return scratch / cache_folder / cache_name(job.repo) / "snapshots" / job.commit;
}

void check_cache(const fs::path& scratch, const Job& job, const Selection& selection)
{
    const fs::path cache = scratch / cache_folder, model = cache / cache_name(job.repo);
    require_only(cache, model.filename());
    require_only(model, "snapshots");
    require_only(model / "snapshots", job.commit);
    for (const auto& [name, size] : read_folder(model / "snapshots" / job.commit)) {
        const bool ours =
            std::ranges::find(selection.shards, name, &SourceFile::path) != selection.shards.end();
        if (name.ends_with(".safetensors") && !ours) {
            throw sdk::Failure(
                SKW_E_BAD_INPUT, shown(name),
                "the staged snapshot holds weights that do not belong to this model; larql would "
                "map them as well",
                "remove them and run again");
        }
    }
}

Source stage_source(const sdk::Call& call, const Job& job, const Selection& selection)
{
    const sdk::Scratch scratch(call);
    const fs::path root = scratch.path();
    const fs::path snapshot = snapshot_folder(root, job);
    const std::vector<std::string> paths = selection.paths();
    call.info("staging " + std::to_string(paths.size()) + " file(s), " + size_text(selection.bytes()) +
              ", of " + job.repo + " at " + job.commit.substr(0, 12));
    scratch.keep(cache_folder);
    sdk::Hub(call).fetch(source_id, snapshot.string(), step_stage, paths);
    check_cache(root, job, selection);
    check_documents(snapshot);
    return Source(snapshot, selection);
}

void require_absent(const fs::path& folder, std::string_view shown_as)
{
    std::error_code failure;
    const fs::file_status status = fs::symlink_status(folder, failure);
    const bool empty = status.type() == fs::file_type::directory && fs::is_empty(folder, failure) && !failure;
    if (status.type() != fs::file_type::not_found && !empty) {
        throw sdk::Failure(SKW_E_BAD_INPUT, std::string(shown_as),
                           "the folder is not empty; larql would mix what lies there with what it writes",
                           "run again with --force, which removes it first");
    }
}

} // namespace skw::vindex

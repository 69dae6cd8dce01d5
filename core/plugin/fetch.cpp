// SPDX-License-Identifier: Apache-2.0
// Several files at a time, with one sum of progress and one outcome.
#include "plugin/fetch.hpp"

#include "plugin/fetched_file.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_at_once = 4;
constexpr std::uint64_t largest_sum = (std::uint64_t{1} << 53) - 1;
constexpr std::uint64_t report_every = 1u << 20; // bytes

// Thrown in the files that go on while another has failed.
struct Abandoned {};

class Fetch {
public:
    Fetch(const FetchRequest& request, std::uint64_t total, const std::stop_token& stop,
          const FetchProgress& progress, const FetchFileProgress& file_progress)
        : total_(total),
          stop_(stop),
          progress_(progress),
          file_progress_(file_progress),
          files_(request.files)
    {
        // The largest first: otherwise one of them may be the last, and alone.
        std::stable_sort(files_.begin(), files_.end(),
                         [](const SourceFile& a, const SourceFile& b) { return a.size > b.size; });
    }

    void run(Sources& sources, const std::string& input, const OpenFolder& into)
    {
        const FetchContext context{.sources = sources,
                                   .input = input,
                                   .into = into,
                                   .check = [this] { check(); },
                                   .moved = {}};
        {
            std::vector<std::jthread> others;
            while (others.size() + 1 < std::min(most_at_once, files_.size())) {
                try {
                    others.emplace_back([&] { work(context); });
                } catch (const std::system_error&) {
                    break; // fewer threads do the same work
                }
            }
            work(context);
        }
        if (failure_) {
            throw *failure_;
        }
        report(total_);
    }

private:
    void work(const FetchContext& context) noexcept
    {
        try {
            for (std::size_t at = next_++; at < files_.size(); at = next_++) {
                check();
                FileCount count{.file = files_[at]};
                FetchContext own = context;
                own.moved = [this, &count](std::int64_t bytes) { moved(count, bytes); };
                tell(count, true);
                fetch_file(own, files_[at]);
            }
        } catch (const Abandoned&) {
            return;
        } catch (const Error& error) {
            fail(error);
        } catch (...) {
            fail(Error(ErrorCode::resource, context.input, "cannot be fetched: the memory does not suffice"));
        }
    }

    // The outcome crosses as a value; the first one counts.
    void fail(const Error& error) noexcept
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        ended_ = true;
        if (!failure_) {
            failure_ = error;
        }
    }

    void check() const
    {
        if (stop_.stop_requested()) {
            throw Error(ErrorCode::cancelled, {}, "stopped by the operator");
        }
        if (ended_) {
            throw Abandoned();
        }
    }

    struct FileCount {
        const SourceFile& file;
        std::uint64_t done = 0, told = 0;
    };

    void moved(FileCount& count, std::int64_t bytes)
    {
        const auto by = static_cast<std::uint64_t>(bytes); // modulo 2^64, as the sums are
        {
            const std::lock_guard<std::mutex> guard(mutex_);
            done_ += by;
            if (bytes < 0 || done_ >= reported_ + report_every) {
                report(done_);
            }
        }
        count.done += by;
        tell(count, bytes < 0 || count.done == count.file.size);
    }

    // By the file's own thread.
    void tell(FileCount& count, bool at_once) const
    {
        if (file_progress_ && (at_once || count.done >= count.told + report_every)) {
            count.told = count.done;
            file_progress_(count.file.path, count.done, count.file.size);
        }
    }

    void report(std::uint64_t done)
    {
        reported_ = done;
        if (progress_) {
            progress_(done, total_);
        }
    }

    const std::uint64_t total_;
    const std::stop_token stop_;
    const FetchProgress& progress_;
    const FetchFileProgress& file_progress_;
    std::vector<SourceFile> files_;
    std::atomic<std::size_t> next_{0};
    std::atomic<bool> ended_{false};
    std::mutex mutex_;
    std::uint64_t done_ = 0, reported_ = 0;
    std::optional<Error> failure_;
};

// Paths that can lie beside each other below one folder, each once. Gives the sum of the sizes.
std::uint64_t check_files(const FetchRequest& request)
{
    std::set<std::string> paths;
    std::uint64_t total = 0;
    for (const SourceFile& file : request.files) {
        const std::string place = request.input + "/" + file.path;
        if (!RepoPath::parse(file.path) || !paths.insert(file.path).second) {
            throw Error(ErrorCode::contract, place, "is no path of a file, or is asked for twice");
        }
        if (file.size > largest_sum - total) {
            throw Error(ErrorCode::bad_input, place, "is larger than any file can be");
        }
        total += file.size;
    }
    for (const std::string& path : paths) {
        if (paths.contains(part_name(path))) {
            throw Error(ErrorCode::unsupported, request.input + "/" + part_name(path),
                        "cannot be fetched together with " + path +
                            ": the unfinished one has the name of the other");
        }
    }
    return total;
}

void check_room(const FetchRequest& request, const OpenFolder& into)
{
    std::uint64_t missing = 0;
    for (const SourceFile& file : request.files) {
        missing += file.size - bytes_there(into, file);
    }
    const std::uint64_t free = read_free_space(into.path());
    if (missing > free) {
        throw Error(ErrorCode::no_space, into.path().string(),
                    "needs " + std::to_string(missing) + " bytes (" + human_bytes(missing) +
                        ") more, and the file system has " + std::to_string(free) + " (" + human_bytes(free) +
                        ") free",
                    "free some space, or choose another folder with --scratch");
    }
    if (missing > request.allowed) {
        throw Error(ErrorCode::contract, "input " + request.input,
                    "needs " + std::to_string(missing) + " bytes of scratch, the plan has " +
                        std::to_string(request.allowed) + " left");
    }
}

} // namespace

void fetch_files(Sources& sources, const fs::path& scratch, const FetchRequest& request,
                 const std::stop_token& stop, const FetchProgress& progress,
                 const FetchFileProgress& file_progress)
{
    const std::optional<std::vector<std::string>> parts = parts_below(request.into, scratch);
    if (!parts || !RepoPath::parse(request.into.native().substr(scratch.native().size() + 1)) ||
        parts->front().starts_with(".keep")) {
        throw Error(ErrorCode::contract, request.into.string(), "is not below the scratch directory");
    }
    const std::uint64_t total = check_files(request);
    const OpenFolder into = OpenFolder(scratch).make(*parts);
    check_room(request, into);
    Fetch(request, total, stop, progress, file_progress).run(sources, request.input, into);
}

} // namespace skw::plugin

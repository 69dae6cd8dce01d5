// SPDX-License-Identifier: Apache-2.0
// Outputs on their way: written below the scratch root, hashed as the bytes pass, gone if anything fails.
#pragma once

#include "plugin/rights.hpp"
#include "support/digest.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// Makes the folder if needed and keeps other processes from using it until the last copy is gone. Within one
// process all callers share one lease. Throws Error(conflict) while another process has it.
std::shared_ptr<const void> lease_scratch_root(const std::filesystem::path& root);

class Staging;

// One output that is being filled, either by write() or by take(). Calls that overlap are refused.
class OutputFile {
public:
    OutputFile(Staging& staging, std::string id, PlannedOutput planned, std::filesystem::path target);
    ~OutputFile(); // drops what is not finished

    const std::string& id() const noexcept { return id_; }
    void write(std::span<const std::byte> bytes);
    // The content of a finished file below `scratch`, which is moved when the output is finished.
    void take(const std::filesystem::path& file, const std::filesystem::path& scratch,
              const std::stop_token& stop);
    StagedOutput finish();

private:
    // What a file looks like from outside: differs if it was written to after it was hashed.
    struct Look {
        std::uint64_t device = 0, inode = 0, size = 0;
        std::int64_t seconds = 0, nanoseconds = 0;
        bool operator==(const Look&) const = default;
    };
    static Look look_at(const std::filesystem::path& file);
    std::unique_lock<std::mutex> enter(); // throws Error(contract) for overlapping calls
    void start_file();
    void require_room(std::size_t bytes) const; // throws Error(contract): more than the plan says

    Staging& staging_;
    std::string id_;
    PlannedOutput planned_;
    std::filesystem::path target_;
    std::mutex mutex_;
    std::optional<File> file_;
    std::filesystem::path taken_; // from take()
    Look taken_look_;
    Sha256Stream hash_;
    std::uint64_t size_ = 0;
    bool broken_ = false; // a write failed half way: what is in the file is not what was hashed
    bool finished_ = false;
};

// The outputs of one execution. Threads: any.
class Staging {
public:
    Staging(std::filesystem::path root, const Rights& rights) : root_(std::move(root)), rights_(rights) {}
    ~Staging(); // removes what was staged, unless release() was called

    std::shared_ptr<OutputFile> open(std::string_view output); // throws Error(contract)
    void finished(StagedOutput output);
    // Every planned output must be there. Throws Error(contract) that names the first missing one.
    std::vector<StagedOutput> complete() const;
    void release() noexcept { released_ = true; }

private:
    std::filesystem::path root_;
    const Rights& rights_;
    mutable std::mutex mutex_;
    std::set<std::string, std::less<>> opened_;
    std::vector<StagedOutput> staged_;
    bool released_ = false;
};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Room on disk for one execution, and what of it survives a failure.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace skw::plugin {

// The folder <root>/resume/<plugin id>/<target>-<plan> of mode 0700. The same plan always has the same folder;
// the first path() makes it, removes all in it that an earlier try did not keep(), and removes the folders of
// other plans for the same target. What is kept stands in the file ".keep" of the folder, written at once, so
// that it survives the end of the process as well; a line that begins with "/" names a folder of the plan,
// which lies beside this one. Needs the lease of the root. Threads: any.
class ScratchRoom {
public:
    // name: "<target>-<plan>", each a hash. allowed: bytes of the plan; 0: no room at all; nullopt: as much
    // as the file system has.
    ScratchRoom(const std::filesystem::path& root, std::string_view plugin_id, std::string_view name,
                std::optional<std::uint64_t> allowed);
    // Throws nothing. Removes what is not kept; all of it after succeeded().
    ~ScratchRoom();
    ScratchRoom(const ScratchRoom&) = delete;
    ScratchRoom& operator=(const ScratchRoom&) = delete;

    std::filesystem::path path(); // absolute; throws Error(contract) if the plan asked for no room
    std::optional<std::filesystem::path> path_if_made() const; // nullopt before the first path()
    std::uint64_t quota();
    // name: of something in the folder, there or not yet. Throws Error(bad_argument).
    void keep(std::string_view name);
    // name: a folder of the plan, finished; the next run of the same plan finds it allowed to be there.
    void keep_folder(std::string_view name);
    void forget_folders() noexcept { forget_folders_ = true; } // they are made anew; before the first path()
    void succeeded() noexcept { succeeded_ = true; }

private:
    const std::filesystem::path& folder(); // needs the lock
    void make();
    void leave();
    void add_to_marker(std::string line);

    const std::filesystem::path root_;
    const std::string plugin_id_, name_;
    const std::filesystem::path here_;
    const std::optional<std::uint64_t> allowed_;
    mutable std::mutex mutex_;
    std::set<std::string> kept_; // relative to the folder; or "/" and a folder of the plan
    bool made_ = false;
    bool succeeded_ = false;
    bool forget_folders_ = false;
};

// The folders that an earlier try of a plan has kept. Reads only.
std::set<std::string> read_kept_folders(const std::filesystem::path& root, std::string_view plugin_id,
                                        std::string_view name);

} // namespace skw::plugin

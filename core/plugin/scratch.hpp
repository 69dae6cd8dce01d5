// SPDX-License-Identifier: Apache-2.0
// Room on disk for one execution, and what of it survives a failure.
#pragma once

#include "support/files.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace skw::plugin {

// A fresh folder of mode 0700 below the scratch root, made by the first path(). What keep() named moves to
// <root>/kept/<plugin id>/<plan> when the execution fails, and back into the fresh folder when the same plan
// is executed again. All else goes at the end. Threads: any.
class ScratchRoom {
public:
    // allowed: bytes of the plan; 0: no room at all; nullopt: as much as the file system has.
    // plan: a short name that is the same for the same plan.
    ScratchRoom(std::filesystem::path root, std::string_view plugin_id, std::string_view plan,
                std::optional<std::uint64_t> allowed);
    ~ScratchRoom(); // throws nothing; as after a failure, unless succeeded() was called

    std::filesystem::path path(); // throws Error(contract) if the plan asked for no room
    std::uint64_t quota();
    void keep(std::string_view name); // throws Error(bad_argument)
    void succeeded() noexcept { succeeded_ = true; }

private:
    std::filesystem::path folder(); // needs the lock
    void bring_back(const std::filesystem::path& into) const;

    std::filesystem::path root_, kept_;
    std::optional<std::uint64_t> allowed_;
    std::mutex mutex_;
    std::optional<TempFolder> folder_;
    std::set<std::string> names_;
    bool succeeded_ = false;
};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// What a running publish tells whoever watches it.
#pragma once

#include <cstdint>
#include <string_view>

namespace skw::publish {

// May be called from several threads.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void line(std::string_view kind, std::string_view text) = 0; // "mtp: saved 15 tensor(s) ..."
    virtual void warning(std::string_view text) = 0;
    virtual void detail(std::string_view text) = 0; // for -v
    // How far a long stage is, in bytes; total 0 = unknown. Comes often: the observer thins it out.
    enum class Stage { making, uploading };
    virtual void progress(std::string_view kind, Stage stage, std::uint64_t done, std::uint64_t total) = 0;
};

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// What a running publish tells whoever watches it.
#pragma once

#include "support/error.hpp"

#include <cstdint>
#include <string_view>

namespace skw::publish {

// May be called from several threads.
class Observer {
public:
    virtual ~Observer() = default;
    // The next entry's turn; number counts from 1.
    virtual void entry(std::string_view key, std::size_t number, std::size_t count) = 0;
    virtual void line(std::string_view kind, std::string_view text) = 0; // "mtp: saved 15 tensor(s) ..."
    virtual void warning(std::string_view text) = 0;
    virtual void detail(std::string_view text) = 0; // for -v
    // Something went wrong for good: an artifact, or its filing. The run may go on with the next one.
    virtual void failed(const Error& error) = 0;
    // How far a long stage is; total 0 = unknown. Comes often: the observer thins it out.
    enum class Stage { making, uploading };
    enum class Unit { bytes, items };
    struct Amount {
        std::uint64_t done = 0, total = 0;
        Unit unit = Unit::bytes;
    };
    virtual void progress(std::string_view kind, Stage stage, Amount amount) = 0;
    // One of the files that the last progress is the sum of; all of it done = it has ended. For an observer
    // that shows more than the sum.
    virtual void transfer(std::string_view /*name*/, std::uint64_t /*done*/, std::uint64_t /*size*/) {}
    virtual void stage_over() {} // whatever has been in progress is not any more, however it ended
};

} // namespace skw::publish

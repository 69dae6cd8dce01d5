// SPDX-License-Identifier: Apache-2.0
// What a plugin tells while it executes, told on to whoever watches the publish.
#pragma once

#include "plugin/host.hpp"
#include "publish/observer.hpp"

#include <set>
#include <string>
#include <string_view>

namespace skw::publish {

class Telling : public plugin::Events {
public:
    // plan: skw.plan/1, for the units of its steps, or empty.
    Telling(Observer& observer, std::string_view kind, const json::object& plan);

    void log(int level, std::string_view text) override;
    void progress(std::string_view step, std::uint64_t done, std::uint64_t total) override;

private:
    Observer& observer_;
    std::string kind_;
    std::set<std::string, std::less<>> counted_; // steps that count items, not bytes
};

} // namespace skw::publish

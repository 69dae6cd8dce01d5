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
    ~Telling() override { observer_.stage_over(); }
    Telling(const Telling&) = delete;
    Telling& operator=(const Telling&) = delete;

    void log(int level, std::string_view text) override;
    void progress(std::string_view step, std::uint64_t done, std::uint64_t total) override;
    void transfer(std::string_view name, std::uint64_t done, std::uint64_t size) override;

private:
    Observer& observer_;
    std::string kind_;
    std::set<std::string, std::less<>> counted_; // steps that count items, not bytes
};

} // namespace skw::publish

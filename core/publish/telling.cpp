// SPDX-License-Identifier: Apache-2.0
// What a plugin tells while it executes.
#include "publish/telling.hpp"

#include <skw/plugin.h>

namespace skw::publish {

Telling::Telling(Observer& observer, std::string_view kind, const json::object& plan)
    : observer_(observer),
      kind_(kind)
{
    const json::value* steps = plan.if_contains("steps");
    if (steps == nullptr) {
        return;
    }
    for (const json::value& step : steps->as_array()) {
        const json::value* unit = step.as_object().if_contains("unit");
        if (unit != nullptr && *unit == "items") {
            counted_.emplace(step.at("id").as_string());
        }
    }
}

void Telling::log(int level, std::string_view text)
{
    if (level <= SKW_LOG_WARNING) {
        observer_.warning(kind_ + ": " + std::string(text));
    } else if (level == SKW_LOG_INFO) {
        observer_.line(kind_, text);
    } else {
        observer_.detail(kind_ + ": " + std::string(text));
    }
}

void Telling::progress(std::string_view step, std::uint64_t done, std::uint64_t total)
{
    observer_.progress(
        kind_, Observer::Stage::making,
        {done, total, counted_.contains(step) ? Observer::Unit::items : Observer::Unit::bytes});
}

void Telling::transfer(std::string_view name, std::uint64_t done, std::uint64_t size)
{
    observer_.transfer(name, done, size);
}

} // namespace skw::publish

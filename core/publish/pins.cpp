// SPDX-License-Identifier: Apache-2.0
// Whether what a reviewed plan was made for is still as it was.
#include "publish/pins.hpp"

#include "support/error.hpp"

namespace skw::publish {
namespace {

constexpr const char* next_step = "make a new plan with --plan-out, and review it";

std::string state_of(const std::optional<std::string>& head)
{
    return head ? "at " + head->substr(0, 12) : std::string("not there");
}

} // namespace

Pins pins_of(const Facts& facts, json::object pinned_plan)
{
    Pins pins{std::move(pinned_plan), {}, {}};
    for (const PinnedInput& input : facts.inputs) {
        pins.revisions[input.id] = std::string(input.tree.commit.text());
    }
    if (facts.target.head) {
        pins.head = std::string(facts.target.head->text());
    }
    return pins;
}

void require_pins(const Pins& pins, const Facts& facts, std::string_view kind)
{
    const Pins now = pins_of(facts, {});
    for (const PinnedInput& input : facts.inputs) {
        const auto planned = pins.revisions.find(input.id);
        const std::string& commit = now.revisions.at(input.id);
        if (planned == pins.revisions.end() || planned->second != commit) {
            throw Error(ErrorCode::stale_plan, std::string(kind),
                        "the source hf://" + input.tree.repo.text() + " has changed since the plan was made: " +
                            (planned == pins.revisions.end() ? "the plan does not read it"
                                                             : "it was " + state_of(planned->second)) +
                            " and is " + state_of(commit),
                        next_step);
        }
    }
    if (pins.head != now.head) {
        throw Error(ErrorCode::stale_plan, std::string(kind),
                    "the target hf://" + facts.target.repo.text() +
                        " has changed since the plan was made: it was " + state_of(pins.head) + " and is " +
                        state_of(now.head),
                    next_step);
    }
}

void require_same_plan(const Pins& pins, const json::object& plan, std::string_view kind)
{
    if (pins.may_be_done && plan.contains("up_to_date")) {
        return;
    }
    if (pins.document != plan) {
        throw Error(ErrorCode::stale_plan, std::string(kind),
                    "this program would now do something else than the plan says", next_step);
    }
}

} // namespace skw::publish

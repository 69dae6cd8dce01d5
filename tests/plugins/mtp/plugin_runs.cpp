// SPDX-License-Identifier: Apache-2.0
// The way into the plugin through its exported entry.
#include "fake_host.hpp"

#include "../slot_run.hpp"

#include <utility>

namespace skw::test {

Outcome FakeHost::run(skw_status (SKW_CALL* skw_artifact::*slot)(skw_instance*, skw_call*, const char*,
                                                                 std::uint64_t, const skw_sink*),
                      std::string_view request)
{
    current_ = {};
    std::string document;
    const skw_status status = run_slot(&raw_, "mtp", slot, request, document);
    current_.status = status;
    current_.document = std::move(document);
    return current_;
}

Outcome FakeHost::execute(std::string_view plan_json)
{
    return run(&skw_artifact::execute, plan_json);
}

Outcome FakeHost::plan(std::string_view request_json)
{
    return run(&skw_artifact::plan, request_json);
}

Outcome FakeHost::validate(std::string_view entry_json)
{
    return run(&skw_artifact::validate, entry_json);
}

Outcome FakeHost::inspect(std::string_view request_json)
{
    return run(&skw_artifact::inspect, request_json);
}

Outcome FakeHost::describe()
{
    current_ = {};
    std::string document;
    const skw_sink sink{&document, &append_text};
    current_.status = linked_artifact().describe(&raw_, &sink);
    current_.document = std::move(document);
    return current_;
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// The border of the library: one class, one entry function.
#include "mtp/describe.hpp"
#include "mtp/doctor.hpp"
#include "mtp/execute.hpp"
#include "mtp/inspect.hpp"
#include "mtp/plan.hpp"
#include "mtp/validate.hpp"
#include "shared/documents.hpp"

#include <skw/plugin.hpp>

namespace skw::mtp {

namespace json = boost::json;

class Plugin {
public:
    static constexpr std::string_view kind = "mtp";

    static json::value describe() { return describe_kind(); }
    json::value validate(sdk::Call&, const json::value& entry) { return validate_entry(entry.get_object()); }
    json::value plan(sdk::Call&, const json::value& request) { return plan_sidecar(request); }
    json::value execute(sdk::Call& call, const json::value& plan) { return execute_plan(call, plan); }
    json::value doctor(sdk::Call&, const json::value&) { return check_machine(); }
    json::value inspect(sdk::Call& call, const json::value& request) { return inspect_source(call, request); }
};

} // namespace skw::mtp

SKW_EXPORT_PLUGIN(skw::mtp::Plugin)

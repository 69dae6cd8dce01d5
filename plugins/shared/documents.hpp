// SPDX-License-Identifier: Apache-2.0
// The host's documents as Boost.JSON values, and the parts that the plans of the built-in kinds share.
#pragma once

#include <skw/failure.hpp>
#include <skw/json_writer.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skw::builtin {

namespace json = boost::json;

// Reads one document of the host. Throws Failure(SKW_E_BAD_ARGUMENT): text that is no JSON object would be
// the host's bug.
json::value read_document(std::string_view text);
std::string write_document(const json::value& document); // members in the order of insertion

// A member that may be absent or of another shape, of an object that may be null: null, or "".
const json::object* find_object(const json::object* in, std::string_view name);
std::string find_text(const json::object* in, std::string_view name);

// What a planner is asked, read out of skw.plan_request/1. Throws Failure(SKW_E_BAD_ARGUMENT).
struct PlanRequest {
    explicit PlanRequest(const json::value& document);
    std::string field(std::string_view name) const;        // text of the entry; "" if absent or not text
    std::string repo_as_file(std::string_view name) const; // the same with "/" as "--"
    // scratch + "/" + name, as it is shown to the operator.
    std::string below_scratch(std::string_view name) const;

    std::string kind, key, scratch;
    bool force = false;
    json::object entry;
    const json::object* facts = nullptr; // null in an offline plan; lives as long as the document
};

// A plan in the making: the members in the documented order, filled by the kind, empty otherwise.
class PlanBuilder {
public:
    explicit PlanBuilder(std::string_view kind) : kind_(kind) {}

    json::array summary, inputs, outputs, mirrors, folders, steps, tools, warnings, needs_facts;
    json::object target, card, totals;
    std::vector<std::string> up_to_date; // messages; not empty: nothing is left to do

    void add_summary(std::string_view label, std::string_view value);
    // An input; revision null before it is pinned.
    void add_input(std::string_view id, std::string_view repo, json::value revision,
                   const std::vector<std::string>& patterns);
    json::value finish() &&; // skw.plan/1

private:
    std::string kind_;
};

// The plan of an entry that does not ask for this kind.
json::value unconfigured_plan(std::string_view kind, std::string_view message);

// A step with every documented member; change what differs.
json::object make_step(std::string_view id, std::string_view title, std::string_view kind);

json::array json_list(const std::vector<std::string>& texts);

} // namespace skw::builtin

// Lets the slots of the built-in plugins take and return Boost.JSON values.
template<>
struct skw::sdk::json_text<boost::json::value> {
    static boost::json::value read(std::string_view text) { return skw::builtin::read_document(text); }
    static std::string write(const boost::json::value& value) { return skw::builtin::write_document(value); }
};

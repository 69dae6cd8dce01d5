// SPDX-License-Identifier: Apache-2.0
// Looks for the flags in larql's own help: its version number does not tell them.
#include "vindex/doctor.hpp"

#include "shared/checks.hpp"
#include "shared/documents.hpp"
#include "vindex/json_fields.hpp"
#include "vindex/rules.hpp"
#include "vindex/tool.hpp"

#include <skw/failure.hpp>
#include <skw/services.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace skw::vindex {
namespace {

constexpr const char* other_larql = "is this the larql of the LARQL project? Install one that is";

struct Said {
    bool found = false;
    std::string path, text;
    std::string problem; // "" = it ended as a program that was asked for help does
};

Said ask(const sdk::Probe& probe, const std::vector<std::string>& words)
{
    const json::object answer = read_json_object(probe.tool_says("larql", words), "tool_says");
    const Fields fields(answer, "tool_says");
    Said said;
    said.found = fields.find_truth("found");
    if (!said.found) {
        return said;
    }
    said.path = fields.find_text("path").value_or("");
    said.text = fields.find_text("text").value_or("");
    if (const auto signal = fields.find_whole("signal")) {
        said.problem = "was ended by signal " + std::to_string(*signal);
    } else if (const auto exit = fields.find_whole("exit"); exit.value_or(1) != 0) {
        said.problem = "ended with exit code " + std::to_string(exit.value_or(1));
    }
    return said;
}

bool any_slice(const json::value& request)
{
    const json::object* asked = request.if_object();
    const json::value* entries = asked != nullptr ? asked->if_contains("entries") : nullptr;
    return entries != nullptr && entries->is_array() &&
           std::ranges::any_of(entries->get_array(), [](const json::value& entry) {
               return entry.is_object() && slices_text(entry.get_object()) != "none";
           });
}

// One verb of larql: whether its help tells of every word that the plans use.
void check_verb(const sdk::Probe& probe, std::string_view verb, builtin::Checks& checks)
{
    const std::string id = "larql-" + std::string(verb), name = "larql " + std::string(verb);
    const Said said = ask(probe, {std::string(verb), "--help"});
    if (!said.problem.empty()) {
        checks.fail(id, "'" + name + " --help' " + said.problem, other_larql);
        return;
    }
    std::string missing, there;
    for (const Need& need : needs_of_larql()) {
        if (need.verb == verb) {
            std::string& list = mentions(said.text, need.word) ? there : missing;
            list += (list.empty() ? "" : ", ") + std::string(need.word);
        }
    }
    if (missing.empty()) {
        checks.ok(id, name + " has what a vindex takes: " + there);
    } else {
        checks.fail(id, name + " does not tell of " + missing + ", which publishing a vindex needs",
                    "install a larql that has it; its version number alone does not tell");
    }
}

void check_larql(const sdk::Probe& probe, bool with_slice, builtin::Checks& checks)
{
    const Said version = ask(probe, {"--version"});
    if (!version.found) {
        checks.skip("larql", "larql is not on PATH, so its flags are not known");
        return;
    }
    const std::string first = shown(version.text.substr(0, version.text.find('\n')).substr(0, 100));
    if (!version.problem.empty() || first.empty()) {
        checks.fail("larql-version",
                    "'larql --version' " + (version.problem.empty() ? "prints nothing" : version.problem) +
                        (first.empty() ? "" : ": " + first),
                    other_larql);
        return;
    }
    checks.ok("larql-version", "larql says it is " + first);
    check_verb(probe, "extract", checks);
    check_verb(probe, "publish", checks);
    if (with_slice) {
        check_verb(probe, "slice", checks);
    }
}

} // namespace

json::value check_machine(const sdk::Call& call, const json::value& request)
{
    builtin::Checks checks;
    try {
        check_larql(sdk::Probe(call), any_slice(request), checks);
    } catch (const sdk::Failure& failure) {
        if (failure.status() == SKW_E_CANCELLED) {
            throw;
        }
        if (failure.status() == SKW_E_UNSUPPORTED) { // a host older than the question
            checks.skip("larql", "this program cannot ask larql for its flags");
        } else if (failure.status() == SKW_E_TIMED_OUT) {
            checks.fail("larql", "larql hangs when it is asked for its version or its help", other_larql);
        } else if (failure.status() == SKW_E_BAD_INPUT) {
            checks.fail("larql", "larql prints without end when it is asked for its version or its help",
                        other_larql);
        } else {
            checks.fail("larql", "larql cannot be asked: " + failure.message(), other_larql);
        }
    }
    return std::move(checks).document();
}

} // namespace skw::vindex

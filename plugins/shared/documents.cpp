// SPDX-License-Identifier: Apache-2.0
// Reading requests and writing plans.
#include "shared/documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>

namespace skw::builtin {
namespace {

[[noreturn]] void refuse(std::string_view what)
{
    throw sdk::Failure(SKW_E_BAD_ARGUMENT, {}, "the host's document " + std::string(what));
}

} // namespace

const json::object* find_object(const json::object* in, std::string_view name)
{
    const json::value* value = in == nullptr ? nullptr : in->if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

std::string find_text(const json::object* in, std::string_view name)
{
    const json::value* value = in == nullptr ? nullptr : in->if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::value read_document(std::string_view text)
{
    json::parse_options options;
    options.max_depth = 64;
    boost::system::error_code failure;
    json::value document = json::parse(text, failure, {}, options);
    if (failure || !document.is_object()) {
        refuse("is not a JSON object");
    }
    return document;
}

std::string write_document(const json::value& document)
{
    return json::serialize(document);
}

PlanRequest::PlanRequest(const json::value& document)
{
    const json::object* request = document.if_object();
    const json::object* found = request != nullptr ? find_object(request, "entry") : nullptr;
    if (found == nullptr) {
        refuse("has no entry");
    }
    entry = *found;
    kind = find_text(request, "kind");
    scratch = find_text(request, "scratch");
    key = field("key");
    facts = find_object(request, "facts");
    if (const json::object* options = find_object(request, "options")) {
        const json::value* forced = options->if_contains("force");
        force = forced != nullptr && forced->is_bool() && forced->get_bool();
    }
}

std::string PlanRequest::field(std::string_view name) const
{
    return find_text(&entry, name);
}

std::string PlanRequest::repo_as_file(std::string_view name) const
{
    std::string repo = field(name);
    const std::size_t slash = repo.find('/');
    return slash == std::string::npos ? repo : repo.replace(slash, 1, "--");
}

std::string PlanRequest::below_scratch(std::string_view name) const
{
    return (scratch.ends_with('/') ? scratch : scratch + "/") + std::string(name);
}

void PlanBuilder::add_summary(std::string_view label, std::string_view value)
{
    json::object line;
    line["label"] = label;
    line["value"] = value;
    summary.push_back(std::move(line));
}

void PlanBuilder::add_input(std::string_view id, std::string_view repo, json::value revision,
                            const std::vector<std::string>& patterns)
{
    json::object input;
    input["id"] = id;
    input["repo"] = repo;
    input["revision"] = std::move(revision);
    input["patterns"] = json_list(patterns);
    inputs.push_back(std::move(input));
}

json::value PlanBuilder::finish() &&
{
    json::object plan;
    plan["schema"] = "skw.plan/1";
    plan["kind"] = kind_;
    plan["configured"] = true;
    plan["summary"] = std::move(summary);
    if (!up_to_date.empty()) {
        json::object done;
        done["messages"] = json_list(up_to_date);
        plan["up_to_date"] = std::move(done);
    }
    plan["inputs"] = std::move(inputs);
    plan["outputs"] = std::move(outputs);
    if (!mirrors.empty()) {
        plan["mirrors"] = std::move(mirrors);
    }
    if (!folders.empty()) {
        plan["folders"] = std::move(folders);
    }
    plan["target"] = std::move(target);
    plan["steps"] = std::move(steps);
    plan["card"] = std::move(card);
    plan["tools"] = std::move(tools);
    for (const char* sum : {"fetch_bytes", "scratch_bytes", "send_bytes"}) {
        totals.emplace(sum, nullptr); // stays as the kind set it
    }
    plan["totals"] = std::move(totals);
    plan["warnings"] = std::move(warnings);
    if (!needs_facts.empty()) {
        plan["needs_facts"] = std::move(needs_facts);
    }
    return plan;
}

json::value unconfigured_plan(std::string_view kind, std::string_view message)
{
    json::object plan;
    plan["schema"] = "skw.plan/1";
    plan["kind"] = kind;
    plan["configured"] = false;
    plan["message"] = message;
    return plan;
}

json::object make_step(std::string_view id, std::string_view title, std::string_view kind)
{
    json::object step;
    step["id"] = id;
    step["title"] = title;
    step["kind"] = kind;
    for (const char* list : {"inputs", "outputs", "tools"}) {
        step[list] = json::array();
    }
    step["scratch_bytes"] = 0;
    step["unit"] = "bytes";
    step["total"] = nullptr;
    step["idempotent"] = true;
    step["depends_on"] = json::array();
    return step;
}

json::array json_list(const std::vector<std::string>& texts)
{
    json::array list;
    list.reserve(texts.size());
    for (const std::string& text : texts) {
        list.emplace_back(text);
    }
    return list;
}

} // namespace skw::builtin

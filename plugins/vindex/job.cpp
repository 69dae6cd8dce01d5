// SPDX-License-Identifier: Apache-2.0
// The commands of the plan are the only place where the folders stand as the operator knows them.
#include "vindex/job.hpp"

#include "shared/entry_fields.hpp"

#include <skw/failure.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <algorithm>

namespace skw::vindex {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse_plan()
{
    throw sdk::Failure(SKW_E_BAD_ARGUMENT, {}, "the plan is not one of this kind");
}

std::string text_of(const json::value* value)
{
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array& list_of(const json::object& object, std::string_view name)
{
    static const json::array none;
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

bool is_commit(std::string_view text)
{
    return text.size() == 40 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void read_source(const json::object& plan, Job& job)
{
    for (const json::value& input : list_of(plan, "inputs")) {
        const json::object* object = input.if_object();
        if (object != nullptr && text_of(object->if_contains("id")) == source_id) {
            job.repo = text_of(object->if_contains("repo"));
            job.commit = text_of(object->if_contains("revision"));
        }
    }
    if (!builtin::is_repo_id(job.repo)) {
        throw sdk::Failure(SKW_E_BAD_INPUT, "source_model",
                           "is not the name of a Hub repository (owner/name), so the source cannot be pinned "
                           "to a commit",
                           "a vindex is made from a pinned source only: name the model's repository");
    }
    if (!is_commit(job.commit)) {
        throw sdk::Failure(SKW_E_BAD_INPUT, job.repo,
                           "the source is not pinned to a commit of 40 hex digits; a branch may move while "
                           "it is extracted");
    }
}

void read_commands(const json::object& plan, Job& job)
{
    for (const json::value& step : list_of(plan, "steps")) {
        const json::object* object = step.if_object();
        if (object == nullptr) {
            refuse_plan();
        }
        Words words;
        for (const json::value& word : list_of(*object, "command")) {
            words.push_back(text_of(&word));
        }
        if (!words.empty()) {
            job.commands[text_of(object->if_contains("id"))] = std::move(words);
        }
    }
}

// The word behind a flag.
std::string option(const Words& words, std::string_view flag)
{
    const auto found = std::ranges::find(words, flag);
    return found == words.end() || found + 1 == words.end() ? std::string() : *(found + 1);
}

} // namespace

Job read_job(const json::value& document)
{
    const json::object* plan = document.if_object();
    if (plan == nullptr) {
        refuse_plan();
    }
    Job job;
    read_commands(*plan, job);
    read_source(*plan, job);
    const json::array& folders = list_of(*plan, "folders");
    if (folders.empty() || folders.size() > 2) {
        refuse_plan();
    }
    job.folder = text_of(&folders[0]);
    job.shown = option(job.commands[std::string(step_extract)], "-o");
    job.quant = option(job.commands[std::string(step_extract)], "--quant");
    if (folders.size() == 2) {
        job.slice = text_of(&folders[1]);
        job.shown_slice = option(job.commands[std::string(step_slice)], "-o");
    }
    const json::value* host = plan->if_contains("host");
    if (host != nullptr && host->is_object()) {
        job.program = text_of(host->get_object().if_contains("name")) + " " +
                      text_of(host->get_object().if_contains("version"));
    }
    const bool whole = !job.folder.empty() && !job.shown.empty() && !job.quant.empty() &&
                       job.commands.contains(step_publish) && job.wants_slice() == !job.shown_slice.empty();
    if (!whole) {
        refuse_plan();
    }
    return job;
}

} // namespace skw::vindex

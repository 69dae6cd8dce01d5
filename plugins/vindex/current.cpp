// SPDX-License-Identifier: Apache-2.0
// Compares the facts about target and source.
#include "vindex/current.hpp"

#include "vindex/job.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <string>

namespace skw::vindex {
namespace {

namespace json = boost::json;

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

bool holds(const json::object* target, std::string_view path)
{
    const json::value* files = target == nullptr ? nullptr : target->if_contains("files");
    return files != nullptr && files->is_array() &&
           std::ranges::any_of(files->get_array(), [&](const json::value& file) {
               return find_text(file.if_object(), "path") == path;
           });
}

} // namespace

bool is_current(const builtin::PlanRequest& request, std::string_view slices)
{
    if (request.force) {
        return false;
    }
    const json::object* target = find_object(request.facts, "target");
    const json::object* card = find_object(find_object(target, "card"), "foxlight");
    const std::string revision =
        find_text(find_object(find_object(request.facts, "inputs"), source_id), "revision");
    return card != nullptr && !revision.empty() && !card->contains("state") &&
           find_text(card, "artifact_type") == "vindex" &&
           find_text(card, "source_repo") == request.field("source_model") &&
           find_text(card, "source_revision") == revision &&
           find_text(card, "quant") == request.field("quant") && find_text(card, "slices") == slices &&
           holds(target, "index.json") && holds(target, "skulk-manifest.json");
}

} // namespace skw::vindex

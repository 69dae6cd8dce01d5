// SPDX-License-Identifier: Apache-2.0
// Compares the facts about target and source.
#include "vindex/current.hpp"

#include "shared/documents.hpp"
#include "vindex/job.hpp"
#include "vindex/sums.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace skw::vindex {
namespace {

namespace json = boost::json;
using builtin::find_object;
using builtin::find_text;

// Whether the target holds these files, and as many files and bytes as its card counts (the card itself and
// licence files come on top).
bool is_whole(const json::object* target, const json::object* card)
{
    const json::value* files = target == nullptr ? nullptr : target->if_contains("files");
    if (files == nullptr || !files->is_array()) {
        return false;
    }
    std::uint64_t count = 0, bytes = 0;
    bool has_index = false, has_manifest = false;
    for (const json::value& file : files->get_array()) {
        const std::string path = find_text(file.if_object(), "path");
        has_index = has_index || path == "index.json";
        has_manifest = has_manifest || path == "skulk-manifest.json";
        boost::system::error_code odd;
        const json::value* size = file.is_object() ? file.get_object().if_contains("size") : nullptr;
        bytes = plus(bytes, size == nullptr ? 0 : size->to_number<std::uint64_t>(odd));
        count += path == "README.md" || path.starts_with('.') ? 0 : 1;
    }
    const auto counted = [&](std::string_view fact) {
        const std::string text = find_text(card, fact);
        std::uint64_t number = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        return failure == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                          : std::nullopt;
    };
    const auto wanted_files = counted("vindex_files"), wanted_bytes = counted("vindex_bytes");
    return has_index && has_manifest && wanted_files && count >= *wanted_files && wanted_bytes &&
           bytes >= *wanted_bytes;
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
    return card != nullptr && !revision.empty() && find_text(card, "state") != "publishing" &&
           find_text(card, "artifact_type") == "vindex" &&
           find_text(card, "source_repo") == request.field("source_model") &&
           find_text(card, "source_revision") == revision &&
           find_text(card, "quant") == request.field("quant") && find_text(card, "slices") == slices &&
           is_whole(target, card);
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// settings.json of a repo, written and read.
#include "localhub/repo.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

// One of two words; the first one when the member is not there.
bool is_second(const Reader& reader, std::string_view name, std::string_view first, std::string_view second)
{
    const std::string word = reader.find_string(name).value_or(std::string(first));
    if (word != first && word != second) {
        reader.fault(name, "must be \"" + std::string(first) + "\" or \"" + std::string(second) + "\"");
    }
    return word == second;
}

} // namespace

bool is_region(std::string_view text)
{
    return text.size() >= 2 && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::string settings_text(const RepoSettings& settings)
{
    json::array access(settings.access.begin(), settings.access.end());
    return pretty_json(
        json::object{{"id", settings.id},
                     {"_id", settings.internal},
                     {"created", settings.created},
                     {"private", settings.is_private},
                     {"gated", settings.gated.empty() ? json::value(false) : json::value(settings.gated)},
                     {"access", std::move(access)},
                     {"duplication", settings.duplication ? "enabled" : "disabled"},
                     {"region", settings.region},
                     {"storage", settings.new_storage ? "xet" : "lfs"}});
}

RepoSettings settings_of(const json::value& value, const std::filesystem::path& place)
{
    RepoSettings settings;
    Findings findings(place.string());
    const Reader reader(value, findings);
    settings.id = reader.string("id");
    settings.internal = reader.string("_id");
    settings.created = reader.string("created");
    settings.is_private = reader.boolean("private", false);
    if (const json::value* gated = value.as_object().if_contains("gated");
        gated != nullptr && gated->is_string()) {
        settings.gated = std::string(gated->get_string());
    }
    settings.access = reader.strings("access");
    settings.duplication = !is_second(reader, "duplication", "enabled", "disabled");
    settings.region = reader.find_string("region").value_or("us");
    if (!is_region(settings.region)) {
        reader.fault("region", "must be the name of a region, such as \"us\"");
    }
    settings.new_storage = is_second(reader, "storage", "lfs", "xet");
    findings.throw_if_any();
    return settings;
}

} // namespace skw::localhub

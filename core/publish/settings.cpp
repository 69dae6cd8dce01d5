// SPDX-License-Identifier: Apache-2.0
// Settings of one run, checked by the same rules as the catalog.
#include "publish/settings.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <optional>

namespace skw::publish {
namespace {

constexpr std::string_view option = "--set";

struct OwnPath { // artifacts.<kind>.<field>
    std::string kind, field;
};

std::optional<OwnPath> find_own_path(std::string_view name)
{
    static constexpr std::string_view begin = "artifacts.";
    if (!name.starts_with(begin)) {
        return std::nullopt;
    }
    name.remove_prefix(begin.size());
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == std::string_view::npos || dot + 1 == name.size()) {
        return std::nullopt;
    }
    return OwnPath{std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

// A kind with fields of its own at the top level of an entry is not asked about any below "artifacts".
void check_own_path(const OwnPath& path, const Kinds& kinds)
{
    const plugin::Candidate* plugin = kinds.inventory().find_kind(path.kind);
    if (plugin == nullptr) {
        const std::string near = nearest_name(path.kind, kinds.names());
        throw Error(ErrorCode::bad_argument, std::string(option),
                    "there is no artifact kind " + python_repr(printable(path.kind, 200)),
                    near.empty() ? "`skulk-weights plugins list` shows the kinds"
                                 : "did you mean " + near + "?");
    }
    for (const plugin::Kind& kind : plugin->kinds) {
        if (kind.name == path.kind && !kind.entry_fields.empty()) {
            throw Error(ErrorCode::bad_argument, std::string(option),
                        "the fields of " + path.kind + " stand at the top level of an entry",
                        "write --set " + path.field + "=VALUE");
        }
    }
}

json::object& member_object(json::object& parent, std::string_view name)
{
    json::value& member = parent[name];
    if (!member.is_object()) {
        member.emplace_object();
    }
    return member.get_object();
}

json::value parse_value(std::string_view text)
{
    try {
        return parse_json(text, option);
    } catch (const Error&) {
        return json::value(text); // most values are plain words
    }
}

} // namespace

Setting parse_setting(std::string_view text, const Kinds& kinds)
{
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
        throw Error(ErrorCode::bad_argument, std::string(option),
                    "needs FIELD=VALUE, not " + python_repr(printable(text, 200)),
                    "such as --set mtp_names=mtp");
    }
    const std::string field(text.substr(0, equals));
    const std::vector<std::string> known = kinds.fields();
    const auto own = find_own_path(field);
    if (own) {
        check_own_path(*own, kinds);
    } else if (std::find(known.begin(), known.end(), field) == known.end()) {
        const std::string near = nearest_name(field, known);
        throw Error(ErrorCode::bad_argument, std::string(option),
                    python_repr(printable(field, 200)) + " is not a field of an artifact kind",
                    near.empty() ? "`skulk-weights plugins show KIND` lists the fields"
                                 : "did you mean " + near + "?");
    }
    return {field, parse_value(text.substr(equals + 1))};
}

void apply_settings(std::span<const Setting> settings, catalog::Entry& entry, const Kinds& kinds)
{
    for (const Setting& setting : settings) {
        if (const auto own = find_own_path(setting.field)) {
            json::object& fields = member_object(member_object(entry.fields, "artifacts"), own->kind);
            fields[own->field] = setting.value;
        } else {
            entry.fields[setting.field] = setting.value;
        }
    }
    if (settings.empty()) {
        return;
    }
    // The entry was good before, so whatever is found now the settings have done.
    const std::vector<catalog::FieldFinding> findings = kinds.check(entry.fields);
    if (!findings.empty()) {
        throw Error(ErrorCode::bad_input, std::string(option) + " " + findings.front().field,
                    findings.front().message,
                    "`skulk-weights catalog show " + entry.key + "` prints the entry as it is without --set");
    }
}

json::object options_of(std::span<const Setting> settings, plugin::Artifact& artifact)
{
    const plugin::Kind& kind = artifact.kind();
    json::object out;
    for (const Setting& setting : settings) {
        const auto own = find_own_path(setting.field);
        const bool is_ours = own ? own->kind == kind.name
                                 : std::find(kind.entry_fields.begin(), kind.entry_fields.end(),
                                             setting.field) != kind.entry_fields.end();
        if (!is_ours) {
            throw Error(ErrorCode::bad_argument, std::string(option),
                        setting.field + " is not a field of the kind " + kind.name);
        }
        out[own ? own->field : setting.field] = setting.value;
    }
    for (const plugin::Finding& finding : artifact.validate(out)) {
        // Complaints about what an entry has besides are not about these.
        const std::string field = finding.path.substr(finding.path.rfind('/') + 1);
        if (finding.severity == "error" && out.contains(field)) {
            throw Error(ErrorCode::bad_input, std::string(option) + " " + field, finding.message,
                        finding.hint);
        }
    }
    return out;
}

void check_distinct(std::span<const Setting> settings)
{
    for (std::size_t at = 0; at < settings.size(); ++at) {
        for (std::size_t before = 0; before < at; ++before) {
            if (settings[at].field == settings[before].field) {
                throw Error(
                    ErrorCode::bad_argument, std::string(option), settings[at].field + " is given twice",
                    "a field that takes a list takes it with commas: --set mtp_accept=dspark,non-finite");
            }
        }
    }
}

} // namespace skw::publish

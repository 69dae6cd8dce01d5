// SPDX-License-Identifier: Apache-2.0
// The documents of a plugin, apart from its plans.
#include "plugin/documents.hpp"

#include "plugin/rights.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <map>

namespace skw::plugin {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> allowed)
{
    return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

Error bad_document(const std::string& plugin, const std::string& schema, std::string reason)
{
    return Error(ErrorCode::contract, "plugin " + plugin + ": " + schema, std::move(reason),
                 "this is a fault of the plugin; tell its author");
}

} // namespace

DocumentCheck::DocumentCheck(const json::value& document, const Candidate& plugin, std::string_view schema)
    : place_(schema),
      plugin_(plugin.id),
      findings_(place_),
      in_(document, findings_)
{
    if (in_.string("schema") != schema) {
        in_.fault("schema", "must be \"" + place_ + "\"");
    }
}

void DocumentCheck::finish() const
{
    if (!findings_.empty()) {
        throw bad_document(plugin_, place_, printable(findings_.lines().front()));
    }
}

json::value parse_plugin_document(std::string_view text, const Candidate& plugin, std::string_view schema)
{
    try {
        return parse_json(text, schema);
    } catch (const Error& error) {
        throw bad_document(plugin.id, std::string(schema), printable(error.reason()));
    }
}

std::vector<Reader> elements(const Reader& in, std::string_view name, bool needed)
{
    const auto keep = [](const Reader& element) { return element; };
    return needed ? in.each(name, keep) : in.each_if_any(name, keep);
}

bool is_document_id(std::string_view text)
{
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_.:/-").find(c) != std::string_view::npos;
    });
}

bool is_one_line(std::string_view text)
{
    return !text.empty() && is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

void check_describe(const json::value& document, const Candidate& plugin)
{
    DocumentCheck check(document, plugin, "skw.describe/1");
    std::vector<std::string> described;
    for (const Reader& kind : elements(check.in(), "kinds", true)) {
        described.push_back(kind.string("name"));
        kind.string("title");
        kind.string("summary");
        kind.object("entry_schema");
        kind.strings("services_used");
        kind.strings("tools_used");
    }
    std::vector<std::string> promised;
    for (const Kind& kind : plugin.kinds) {
        promised.push_back(kind.name);
    }
    std::sort(described.begin(), described.end());
    std::sort(promised.begin(), promised.end());
    if (described != promised) {
        check.in().fault("kinds", "must be the kinds of the manifest");
    }
    check.finish();
}

void check_checks(const json::value& document, const Candidate& plugin)
{
    DocumentCheck check(document, plugin, "skw.checks/1");
    for (const Reader& item : elements(check.in(), "items", true)) {
        if (!is_document_id(item.string("id"))) {
            item.fault("id", "must be letters, digits and _ - . : /");
        }
        if (!is_one_of(item.string("status"), {"ok", "warn", "fail", "skip"})) {
            item.fault("status", "must be ok, warn, fail or skip");
        }
        if (!is_one_line(item.string("message"))) {
            item.fault("message", "must be one line without control characters");
        }
        item.find_string("hint");
    }
    check.finish();
}

void check_inspection(const json::value& document, const Candidate& plugin)
{
    DocumentCheck check(document, plugin, "skw.inspection/1");
    const auto need_line = [](const Reader& in, std::string_view name) {
        if (!is_one_line(in.string(name))) {
            in.fault(name, "must be one line without control characters");
        }
    };
    for (const Reader& line : elements(check.in(), "summary", true)) {
        need_line(line, "label");
        need_line(line, "value");
    }
    for (const Reader& table : elements(check.in(), "tables", false)) {
        need_line(table, "title");
        const std::vector<std::string> columns = table.strings("columns");
        if (columns.empty() || !std::all_of(columns.begin(), columns.end(), is_one_line)) {
            table.fault("columns", "must be a list of names");
        }
        const json::value* rows =
            table.value().is_object() ? table.value().get_object().if_contains("rows") : nullptr;
        const auto is_row = [&](const json::value& row) {
            return row.is_array() && row.get_array().size() == columns.size() &&
                   std::ranges::all_of(row.get_array(), [](const json::value& cell) {
                       return cell.is_string() &&
                              (cell.get_string().empty() || is_one_line(cell.get_string()));
                   });
        };
        if (rows == nullptr || !rows->is_array() || !std::ranges::all_of(rows->get_array(), is_row)) {
            table.fault("rows", "must be lists of texts, as many as columns");
        }
    }
    const auto allow_line = [](const Reader& in, std::string_view name) {
        const std::string text = in.find_string(name).value_or("");
        if (!text.empty() && !is_one_line(text)) {
            in.fault(name, "must be one line without control characters");
        }
    };
    for (const Reader& refusal : elements(check.in(), "refusals", true)) {
        need_line(refusal, "message");
        allow_line(refusal, "place");
        allow_line(refusal, "hint");
    }
    const Reader totals = check.in().object("totals");
    totals.find_size("fetch_bytes");
    totals.find_size("output_bytes");
    totals.find_size("scratch_bytes");
    check.finish();
}

std::vector<Finding> read_findings(const json::value& document, const Candidate& plugin)
{
    DocumentCheck check(document, plugin, "skw.findings/1");
    std::vector<Finding> findings;
    for (const Reader& item : elements(check.in(), "items", true)) {
        Finding finding{.code = item.string("code"),
                        .severity = item.string("severity"),
                        .path = item.string("path"),
                        .message = item.string("message"),
                        .hint = item.find_string("hint").value_or("")};
        if (!is_one_of(finding.severity, {"error", "warning", "info"})) {
            item.fault("severity", "must be error, warning or info");
        }
        if (!finding.path.empty() && finding.path.front() != '/') {
            item.fault("path", "must be a JSON Pointer");
        }
        if (!is_one_line(finding.message)) {
            item.fault("message", "must be one line without control characters");
        }
        findings.push_back(std::move(finding));
    }
    check.finish();
    return findings;
}

void check_result(const json::value& document, const Candidate& plugin,
                  const std::vector<StagedOutput>& staged)
{
    DocumentCheck check(document, plugin, "skw.result/1");
    std::map<std::string, const StagedOutput*> left;
    for (const StagedOutput& output : staged) {
        left.emplace(output.id, &output);
    }
    for (const Reader& claim : elements(check.in(), "outputs", true)) {
        const std::string id = claim.string("id");
        const auto real = left.find(id);
        if (real == left.end()) {
            claim.fault("id", "is no output that was made, or stands twice");
            continue;
        }
        if (claim.size("size") != real->second->size) {
            claim.fault("size", "is not the size of the bytes that were written");
        }
        if (claim.string("sha256") != real->second->sha256.hex()) {
            claim.fault("sha256", "is not the hash of the bytes that were written");
        }
        left.erase(real);
    }
    if (!left.empty()) {
        check.in().fault("outputs", "leaves out " + python_repr(left.begin()->first));
    }
    check.finish();
}

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The rules of quant, slices and output_name.
#include "vindex/rules.hpp"

#include "shared/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <set>

namespace skw::vindex {
namespace {

namespace json = boost::json;
using builtin::FieldFindings;

void check_quant(const json::object& entry, FieldFindings& findings)
{
    const std::optional<std::string> quant = builtin::required_text(entry, "quant", findings);
    if (quant && *quant != "q4k") {
        findings.add("quant", "unknown-quant", "unsupported quant " + builtin::python_repr(*quant),
                     "the one supported quant is q4k");
    }
}

const json::array* slices_of(const json::object& entry)
{
    const json::value* slices = entry.if_contains("slices");
    return slices != nullptr ? slices->if_array() : nullptr;
}

void check_slices(const json::object& entry, FieldFindings& findings)
{
    const json::array* slices = slices_of(entry);
    if (slices == nullptr || slices->empty()) {
        findings.add("slices", "not-a-list", "slices must be a non-empty list");
        return;
    }
    if (!std::all_of(slices->begin(), slices->end(), [](const json::value& v) { return v.is_string(); })) {
        findings.add("slices", "not-text", "slices must contain only strings");
        return;
    }
    std::set<std::string> unknown; // sorted by code point, without repeats
    bool full = false;
    for (const json::value& slice : *slices) {
        const std::string name(slice.get_string());
        full = full || name == "full";
        if (name != "full" && name != "expert-server") {
            unknown.insert(name);
        }
    }
    if (!unknown.empty()) {
        findings.add("slices", "unknown-slice",
                     "unsupported slices " +
                         builtin::python_repr(std::vector<std::string>(unknown.begin(), unknown.end())),
                     "use full, or expert-server");
    } else if (full && slices->size() > 1) {
        findings.add("slices", "full-not-alone", "full must not be combined with other slices");
    }
}

// The name becomes a folder below the scratch root and a word of two commands.
bool is_safe_basename(std::string_view name)
{
    return name.size() <= 255 && name.ends_with(".vindex") && name.front() != '.' && name.front() != '-' &&
           std::none_of(name.begin(), name.end(), [](char c) {
               return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

void check_output_name(const json::object& entry, FieldFindings& findings)
{
    const std::optional<std::string> name = builtin::required_text(entry, "output_name", findings);
    if (name && !is_safe_basename(*name)) {
        findings.add("output_name", "not-a-basename", "output_name must be a .vindex basename",
                     "a plain name without slashes, backslashes or control characters that does not begin "
                     "with a dot or a dash");
    }
}

} // namespace

json::value check_entry(const json::object& entry)
{
    FieldFindings findings;
    check_quant(entry, findings);
    check_slices(entry, findings);
    check_output_name(entry, findings);
    return findings.document();
}

std::string slices_text(const json::object& entry)
{
    const json::array* slices = slices_of(entry);
    std::string text;
    if (slices != nullptr) {
        for (const json::value& slice : *slices) {
            const json::string* name = slice.if_string();
            text += (text.empty() ? "" : ",") + (name != nullptr ? std::string(*name) : std::string());
        }
    }
    return text == "full" || text.empty() ? "none" : text;
}

} // namespace skw::vindex

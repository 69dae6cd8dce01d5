// SPDX-License-Identifier: Apache-2.0
// Field rules as the built-in plugins have them, in one small class, so that the catalogue is tested without
// them.
#pragma once

#include "catalog/catalog.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace skw::tests {

class SampleRules : public catalog::FieldRules {
public:
    std::vector<std::string> fields() const override
    {
        return {"quant",
                "slices",
                "output_name",
                "mtp_source_repo",
                "mtp_sidecar_repo",
                "assistant_model_repo",
                "vision_source_repo",
                "vision_sidecar_repo"};
    }

    // In the order in which the plugins are asked: vision's findings come before vindex's here, on purpose.
    std::vector<catalog::FieldFinding> check(const json::object& entry) const override
    {
        std::vector<catalog::FieldFinding> out;
        pair(entry, "vision", out);
        const bool mtp = pair(entry, "mtp", out);
        assistant(entry, mtp, out);
        vindex(entry, out);
        return out;
    }

private:
    using Findings = std::vector<catalog::FieldFinding>;

    static std::string text(const json::object& entry, std::string_view field)
    {
        const json::value* value = entry.if_contains(field);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    }
    static bool is_null(const json::object& entry, std::string_view field)
    {
        const json::value* value = entry.if_contains(field);
        return value == nullptr || value->is_null();
    }
    static bool is_filled(const json::object& entry, std::string_view field)
    {
        return text(entry, field).find_first_not_of(" \t\n") != std::string::npos;
    }
    static bool is_repo(const std::string& text)
    {
        const auto fits = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
        };
        const std::size_t slash = text.find('/');
        return slash != std::string::npos && slash > 0 && slash + 1 < text.size() &&
               std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(slash), fits) &&
               std::all_of(text.begin() + static_cast<std::ptrdiff_t>(slash) + 1, text.end(), fits);
    }
    static std::string owner(const std::string& repo) { return repo.substr(0, repo.find('/')); }

    static bool pair(const json::object& entry, const std::string& kind, Findings& out)
    {
        const std::string source = kind + "_source_repo", sidecar = kind + "_sidecar_repo";
        for (const std::string& field : {source, sidecar}) {
            if (!is_null(entry, field) && !is_filled(entry, field)) {
                out.push_back({field, field + " must be a non-empty string"});
                return false;
            }
        }
        if (is_null(entry, source) != is_null(entry, sidecar)) {
            out.push_back({source, source + " and " + sidecar + " must both be set together or not at all"});
            return !is_null(entry, source);
        }
        if (is_null(entry, source)) {
            return false;
        }
        for (const std::string& field : {source, sidecar}) {
            if (!is_repo(text(entry, field))) {
                out.push_back({field, field + " must look like owner/name"});
                return true;
            }
        }
        const std::string expected = owner(text(entry, "hf_repo"));
        if (owner(text(entry, sidecar)) != expected) {
            out.push_back({sidecar, sidecar + " owner must be " + python_repr(expected)});
        }
        return true;
    }
    static void assistant(const json::object& entry, bool mtp, Findings& out)
    {
        const std::string field = "assistant_model_repo";
        if (is_null(entry, field)) {
            return;
        }
        if (!is_filled(entry, field)) {
            out.push_back({field, field + " must be a non-empty string"});
        } else if (!is_repo(text(entry, field))) {
            out.push_back({field, field + " must look like owner/name"});
        } else if (mtp) {
            out.push_back({field, field + " and mtp_source_repo are mutually exclusive"});
        }
    }
    static void vindex(const json::object& entry, Findings& out)
    {
        if (!is_filled(entry, "quant")) {
            out.push_back({"quant", "quant must be a non-empty string"});
        } else if (text(entry, "quant") != "q4k") {
            out.push_back({"quant", "unsupported quant " + python_repr(text(entry, "quant"))});
        }
        slices(entry, out);
        const std::string name = text(entry, "output_name");
        if (!is_filled(entry, "output_name")) {
            out.push_back({"output_name", "output_name must be a non-empty string"});
        } else if (name.find('/') != std::string::npos || !name.ends_with(".vindex")) {
            out.push_back({"output_name", "output_name must be a .vindex basename"});
        }
    }
    static void slices(const json::object& entry, Findings& out)
    {
        const json::value* value = entry.if_contains("slices");
        if (value == nullptr || !value->is_array() || value->get_array().empty()) {
            out.push_back({"slices", "slices must be a non-empty list"});
            return;
        }
        std::set<std::string> unknown;
        bool full = false;
        for (const json::value& slice : value->get_array()) {
            if (!slice.is_string()) {
                out.push_back({"slices", "slices must contain only strings"});
                return;
            }
            const std::string name(slice.get_string());
            full = full || name == "full";
            if (name != "full" && name != "expert-server") {
                unknown.insert(name);
            }
        }
        if (!unknown.empty()) {
            out.push_back({"slices", "unsupported slices " + python_repr(std::vector<std::string>(
                                                                 unknown.begin(), unknown.end()))});
        } else if (full && value->get_array().size() > 1) {
            out.push_back({"slices", "full must not be combined with other slices"});
        }
    }
};

} // namespace skw::tests

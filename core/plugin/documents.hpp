// SPDX-License-Identifier: Apache-2.0
// What all documents of a plugin have in common: a schema, and complaints that name the plugin.
#pragma once

#include "plugin/host.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// Reads one document of a plugin and collects what is wrong with it.
class DocumentCheck {
public:
    // The document must outlive the check.
    DocumentCheck(const json::value& document, const Candidate& plugin, std::string_view schema);
    const Reader& in() const noexcept { return in_; }
    void finish() const; // throws Error(contract) if anything was found

private:
    std::string place_;
    std::string plugin_;
    Findings findings_;
    Reader in_;
};

// The text a slot wrote, parsed. Throws Error(contract) that names the plugin.
json::value parse_plugin_document(std::string_view text, const Candidate& plugin, std::string_view schema);

// The elements of a list; a missing list is a fault if needed.
std::vector<Reader> elements(const Reader& in, std::string_view name, bool needed);

// 1 to 128 of [A-Za-z0-9_.:/-].
bool is_document_id(std::string_view text);
// UTF-8 without control characters, not empty.
bool is_one_line(std::string_view text);

} // namespace skw::plugin

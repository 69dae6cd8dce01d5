// SPDX-License-Identifier: Apache-2.0
// The model card of a published artifact: provenance and licence in, the text of README.md out.
#pragma once

#include "support/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skw::card {

// The source's licence, carried along unchanged.
struct License {
    std::vector<std::string> ids;          // "apache-2.0"; several where the source lists several
    std::optional<std::string> name, link; // for custom licences
    bool known() const { return !ids.empty() || name.has_value(); }
};

// Out of a Hub reply's cardData (the front matter of the source's README.md).
License read_license(const json::object& card_data);

// A file of the published repo, for the table of files.
struct CardFile {
    std::string path;
    std::uint64_t size = 0;
    std::string sha256; // 64 hex digits
};

struct CardFacts {
    std::string repo;                           // the repo the card is for
    std::string artifact_type;                  // "mtp-sidecar"
    std::string source_repo;                    // what the weights were made from: also base_model
    std::optional<std::string> source_revision; // 40 hex digits
    std::string target_model;
    std::optional<std::string> quant;
    std::optional<std::string> base_model_relation; // nullopt: the card says nothing, and the Hub may guess
    std::string catalog_key;
    std::string extracted_with; // "skulk-weights 1.2.3"
    std::string generated_at;   // RFC 3339, UTC
    License license;
    std::vector<std::string> license_files;                 // of the source, carried along
    std::vector<CardFile> files;                            // all but the card itself
    std::vector<std::string> tags;                          // beyond the ones every card has
    std::string about, usage;                               // Markdown of the artifact kind's own
    std::vector<std::pair<std::string, std::string>> facts; // further rows of the provenance
    std::vector<std::string> notes;                         // plain paragraphs
};

// The whole file. Begins with "---"; front matter keys in the order base_model, base_model_relation, tags,
// license, license_name, license_link, foxlight. Strings of others can neither end their YAML scalar nor
// become Markdown.
std::string make_card(const CardFacts& facts);

// The card of a repo that a tool is still filling: it says so, and names the kind for whoever comes next.
// made_private: we made the repo, and made it private until it is complete.
std::string make_unfinished_card(const CardFacts& facts, bool made_private);

// A card of make_card() for a repo that is complete, but still private although it is not meant to be; and
// the same card without that mark.
std::string mark_hidden(const std::string& card);
std::string unmark_hidden(const std::string& card);

} // namespace skw::card

// SPDX-License-Identifier: Apache-2.0
// The rules that catalog fields of different kinds share, with the messages the contract fixes.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skw::builtin {

namespace json = boost::json;

// Complaints about one entry, in the order they are added. The host puts "<key>: " before each message.
class FieldFindings {
public:
    void add(std::string_view field, std::string_view code, std::string_view message,
             std::string_view hint = {});
    bool empty() const noexcept { return items_.empty(); }
    json::value document() const; // skw.findings/1

private:
    json::array items_;
};

// "owner/name", [A-Za-z0-9_.-]+ on both sides; no side begins with "-" or is "." or "..", because repo ids
// become words of commands and parts of paths. At most 96 characters a side.
bool is_repo_id(std::string_view text);
// What stands before the slash. needs: is_repo_id(repo).
std::string_view owner_of(std::string_view repo);

// A field that must be there: its text; nullopt after adding "<field> must be a non-empty string".
std::optional<std::string> required_text(const json::object& entry, std::string_view field,
                                         FieldFindings& findings);

// A field that may be absent or null. `ok` is false after a complaint was added.
struct OptionalText {
    bool ok = true;
    std::optional<std::string> text;
};
OptionalText optional_text(const json::object& entry, std::string_view field, FieldFindings& findings);

// Adds "<field> must look like owner/name" and gives false unless repo is a repo id.
bool check_repo_form(std::string_view field, std::string_view repo, FieldFindings& findings);

// A source repo and the repo its sidecar goes to: both or none, both of the right form, the sidecar owned by
// the owner of hf_repo. Stops at its first complaint, so that the messages come in the contract's order.
struct RepoPair {
    std::string source, sidecar;
};
struct RepoPairResult {
    bool ok = true;                // false: a complaint was added
    std::optional<RepoPair> repos; // nullopt: the entry has neither, or a complaint was added
};
RepoPairResult check_repo_pair(const json::object& entry, std::string_view source_field,
                               std::string_view sidecar_field, FieldFindings& findings);

// Adds "<field> must differ from <other>" and gives false if the entry's `other` is the same repo as repo.
// The Hub ignores case when it looks a repo up, so case makes no difference here either.
bool check_other_target(const json::object& entry, std::string_view field, std::string_view repo,
                        std::string_view other, FieldFindings& findings);

// What a card may say as base_model_relation: absent, null, or one of the Hub's four words.
void check_base_model_relation(const json::object& entry, std::string_view field, FieldFindings& findings);

} // namespace skw::builtin

// SPDX-License-Identifier: Apache-2.0
// The Hub's routes: what every one of them is given, and one function a family of routes.
#pragma once

#include "localhub/collections.hpp"
#include "localhub/forgetting.hpp"
#include "localhub/http.hpp"
#include "localhub/refusal.hpp"
#include "localhub/store.hpp"
#include "localhub/target.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace skw::localhub {

// One running Hub. Its members outlive every call.
struct Hub {
    Store& store;
    Collections& collections;
    std::size_t page_size;
    std::uint64_t multipart_threshold, part_size;
    bool resolve_cache;   // regular files answer with a relative redirect
    bool storage_hash;    // listings tell the storage hash of what is in the new storage
    std::string endpoint; // "http://127.0.0.1:41234"
    std::string storage_endpoint;
    std::uint64_t forget_above = std::numeric_limits<std::uint64_t>::max(); // larger uploads are not kept
    ForgettingUploads forgetting{}; // those of them that come in parts
};

struct Call {
    Hub& hub;
    HttpRequest& http;
    Target target;
    std::optional<Account> account;
    std::string base; // the endpoint as this client calls it, from its Host header
    bool resolve_cache = false;

    const std::string& segment(std::size_t at) const; // "" beyond the end
    // The repo, if this account may see it; a renamed one throws the redirect.
    RepoPtr repo(std::string_view kind, std::string_view id) const;
    void require_token() const;                       // 401
    void require_owner(std::string_view owner) const; // 401, 403
    void require_write(const Repo& repo) const;
    bool may_read_content(const Repo& repo) const;                            // of a repo that it may see
    void require_content(const Repo& repo) const;                             // gated: 401, 403
    std::string commit_of(const Repo& repo, std::string_view revision) const; // RevisionNotFound
    std::size_t page_size() const; // "limit", within the page size of the server
    // The "Link" header of the next page: this address with another cursor.
    std::string next_link(std::string_view cursor) const;
};

// A revision is one segment ("refs%2Fpr%2F1") or, from some clients, three ("refs/pr/1").
struct Revision {
    std::string name;
    std::size_t next; // the segment behind it
};
Revision revision_at(const Call& call, std::size_t at);

std::string web_prefix(std::string_view kind);               // "" or "datasets/": of pages and files
std::string kind_of_type(std::string_view type);             // "model" -> "models"; 400 for anything else
bool asks_private(const json::object& body, bool otherwise); // "visibility", or else "private"
std::string new_repo_id(const Call& call, std::string_view name, std::string_view organization); // checked

// Every route of the Hub's own host. nullopt is never given: what is not known is a 404.
HttpReply hub_reply(Call& call);
// Every route of the content store.
HttpReply storage_reply(Hub& hub, HttpRequest& http, const Target& target);

// Families; each gives nullopt for a route that it does not know. `at` is the segment behind the repo.
using MaybeReply = std::optional<HttpReply>;
MaybeReply account_reply(Call& call); // whoami, create, delete, move, validate-yaml
MaybeReply repo_settings_reply(Call& call, const RepoPtr& repo, std::size_t at);
MaybeReply info_reply(Call& call, const RepoPtr& repo, std::size_t at);
MaybeReply tree_reply(Call& call, const RepoPtr& repo, std::size_t at);
MaybeReply refs_reply(Call& call, const RepoPtr& repo, std::size_t at);
MaybeReply commit_reply(Call& call, const RepoPtr& repo, std::size_t at);
MaybeReply duplicate_reply(Call& call, const RepoPtr& repo, std::size_t at); // of a repo, of its objects
MaybeReply collections_reply(Call& call);
HttpReply repo_list_reply(Call& call, std::string_view kind);
HttpReply lfs_reply(Call& call, const RepoPtr& repo, std::string_view action); // "batch", "verify"
HttpReply complete_multipart_reply(Call& call);
HttpReply resolve_reply(Call& call, const RepoPtr& repo, std::size_t at, bool raw);
HttpReply resolve_cache_reply(Call& call, const RepoPtr& repo, std::size_t at);

// A file's bytes with the range that was asked for: 200, 206, 304 or 416.
HttpReply content_reply(const HttpRequest& http, const Objects& objects, std::string_view sha256,
                        std::uint64_t size, std::string_view etag);

} // namespace skw::localhub

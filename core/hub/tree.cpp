// SPDX-License-Identifier: Apache-2.0
// The listing of a repo at one commit, over all its pages.
#include "hub/pages.hpp"
#include "hub/session.hpp"

#include "support/hex.hpp"

#include <algorithm>
#include <set>

namespace skw::hub {
namespace {

constexpr std::uint64_t page_limit = 8u << 20;
constexpr std::size_t most_pages = 2'000;
constexpr std::size_t most_files = 200'000; // twice what the Hub recommends for a repo

// An odd one is as good as none: it only means that the Hub cannot copy the file by itself.
std::optional<std::string> parse_storage_hash(const json::object& entry)
{
    const json::value* const value = entry.if_contains("xetHash");
    const json::string* const text = value != nullptr ? value->if_string() : nullptr;
    if (text == nullptr || text->size() != 64 || !is_lower_hex(std::string_view(*text))) {
        return std::nullopt;
    }
    return std::string(*text);
}

// nullopt: a folder.
std::optional<RemoteFile> parse_entry(const Reader& in)
{
    const std::string type = in.string("type");
    const std::string path_text = in.string("path");
    const auto path = RepoPath::parse(path_text);
    if (!path) {
        in.fault("path", "is not a path that can be used: " + safe(path_text));
        return std::nullopt;
    }
    if (type == "directory") {
        return std::nullopt;
    }
    if (type != "file") {
        in.fault("type", "is neither file nor directory: " + safe(type));
        return std::nullopt;
    }
    RemoteFile file{*path, in.size("size"), in.string("oid"), std::nullopt, std::nullopt};
    if (file.blob_id.size() != 40 || !is_lower_hex(file.blob_id)) {
        in.fault("oid", "is not a git id");
    }
    if (const auto large = in.find_object("lfs")) {
        const std::string oid = large->string("oid");
        file.sha256 = Sha256::parse(oid);
        if (!file.sha256) {
            large->fault("oid", "is not a SHA-256");
        }
        if (large->size("size") != file.size) {
            large->fault("size", "differs from the entry's own");
        }
        file.storage_hash = parse_storage_hash(in.value().as_object());
    }
    return file;
}

} // namespace

Tree Client::read_tree(const RepoId& repo, const CommitId& commit)
{
    Session& session = state_->session;
    const std::string place = "listing of " + repo.text() + "@" + std::string(commit.text());
    Tree tree{repo, commit, {}};
    Request first =
        session.get(api_path(repo, "/tree/" + std::string(commit.text()) + "?recursive=true&expand=false"));
    first.reply_limit = page_limit;
    read_pages(session, std::move(first), place, most_pages, [&](const Reply& reply) {
        if (reply.status != 200) {
            throw session.error(reply, place, repo.text());
        }
        const json::value page = parse_reply(reply, place);
        if (!page.is_array()) {
            throw bad_reply(place, "it is not a list");
        }
        if (tree.files.size() + page.get_array().size() > most_files) {
            throw Error(ErrorCode::unsupported, place, "more than " + std::to_string(most_files) + " files");
        }
        Findings findings(place);
        std::size_t index = 0;
        for (const json::value& element : page.get_array()) {
            const Reader in(element, findings, "/" + std::to_string(index++));
            if (auto file = parse_entry(in)) {
                tree.files.push_back(std::move(*file));
            }
        }
        findings.throw_if_any();
        return true;
    });
    const auto path_of = [](const RemoteFile& file) -> const std::string& { return file.path.text(); };
    std::ranges::sort(tree.files, {}, path_of);
    const auto twice = std::ranges::adjacent_find(tree.files, {}, path_of);
    if (twice != tree.files.end()) {
        throw bad_reply(place, "the path " + safe(twice->path.text()) + " is listed twice");
    }
    return tree;
}

} // namespace skw::hub

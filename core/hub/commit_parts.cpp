// SPDX-License-Identifier: Apache-2.0
// The checks before and after a commit.
#include "hub/commit_parts.hpp"

#include "support/digest.hpp"

#include <algorithm>
#include <set>

namespace skw::hub {
namespace {

std::string place_of(const CommitRequest& request)
{
    return "commit to " + request.repo.text();
}

// The listing's word for the content: SHA-256 of a large file, blob id of another.
bool holds(const RemoteFile& file, const Addition& addition)
{
    if (addition.path.text() == attributes_path) {
        return true; // the Hub adds lines of its own to it
    }
    if (file.size != addition.size) {
        return false;
    }
    if (file.sha256) {
        return *file.sha256 == addition.sha256;
    }
    return !is_remote(addition) && addition.size <= largest_regular_bytes &&
           file.blob_id == git_blob_id(content_of(addition));
}

} // namespace

void check_request(const CommitRequest& request)
{
    const auto refuse = [&](const RepoPath& path, const std::string& why) {
        return Error(ErrorCode::bad_argument, place_of(request) + ": " + safe(path.text()), why);
    };
    std::set<std::string_view> paths;
    for (const Addition& addition : request.additions) {
        if (!paths.insert(addition.path.text()).second) {
            throw refuse(addition.path, "is added twice");
        }
        if (const std::string* const text = std::get_if<std::string>(&addition.content)) {
            if (text->size() != addition.size || sha256_of(*text) != addition.sha256) {
                throw refuse(addition.path, "its size or SHA-256 is not that of its content");
            }
        } else if (const RemoteContent* const remote = std::get_if<RemoteContent>(&addition.content)) {
            if (!remote->file.sha256) {
                throw refuse(addition.path, "is to come from another repo, whose listing gives no SHA-256");
            }
            if (addition.size == 0 || remote->file.size != addition.size ||
                *remote->file.sha256 != addition.sha256) {
                throw refuse(addition.path, "its size or SHA-256 is not that of the listing it comes from");
            }
        } else if (File::open_read(std::get<std::filesystem::path>(addition.content)).size() !=
                   addition.size) {
            throw refuse(addition.path, "the file to send no longer has its size");
        }
    }
    for (const RepoPath& path : request.deletions) {
        if (!paths.insert(path.text()).second) {
            throw refuse(path, "is deleted as well as added, or deleted twice");
        }
    }
}

std::string content_of(const Addition& addition)
{
    if (const std::string* const text = std::get_if<std::string>(&addition.content)) {
        return *text;
    }
    if (is_remote(addition)) {
        throw Error(ErrorCode::bad_argument, safe(addition.path.text()),
                    "is a file of another repo, which this step does not read");
    }
    const auto& file = std::get<std::filesystem::path>(addition.content);
    std::string content = skw::read_file(file, largest_regular_bytes);
    if (sha256_of(content) !=
        addition.sha256) { // no store checks the bytes of a file that goes inside the commit
        throw Error(ErrorCode::bad_argument, file.string(), "no longer has the content that is to be sent");
    }
    return content;
}

void check_card(Session& session, const CommitRequest& request)
{
    const auto card = std::ranges::find_if(
        request.additions, [](const Addition& addition) { return addition.path.text() == "README.md"; });
    if (card == request.additions.end() || is_remote(*card) || card->size > largest_regular_bytes) {
        return;
    }
    const std::string place = place_of(request) + ": README.md";
    json::object body;
    body["content"] = content_of(*card);
    body["repoType"] = "model";
    const Reply reply = session.send(session.post("/api/validate-yaml", canonical_json(body)), place);
    if (reply.status == 404) {
        return; // a mirror without this route: the commit itself is checked as well
    }
    if (reply.status != 200 && reply.status != 400) {
        throw session.error(reply, place);
    }
    const json::value document = parse_reply(reply, place);
    Findings findings(place);
    const Reader in(document, findings);
    std::string problems;
    in.each_if_any("errors", [&](const Reader& error) {
        if (problems.size() < 1000) {
            problems +=
                (problems.empty() ? "" : "; ") + safe(error.find_string("message").value_or("unnamed"));
        }
        return true;
    });
    findings.throw_if_any();
    if (!problems.empty()) {
        throw Error(ErrorCode::bad_input, place, "the Hub refuses the card: " + problems,
                    "correct the front matter of the card");
    }
    if (reply.status != 200) {
        throw session.error(reply, place);
    }
}

std::string find_difference(const CommitRequest& request, const Tree& tree)
{
    for (const Addition& addition : request.additions) {
        const RemoteFile* const file = tree.find(addition.path.text());
        if (file == nullptr) {
            return safe(addition.path.text()) + " is not in it";
        }
        if (!holds(*file, addition)) {
            return safe(addition.path.text()) + " has other content";
        }
    }
    for (const RepoPath& path : request.deletions) {
        if (tree.find(path.text()) != nullptr) {
            return safe(path.text()) + " is still in it";
        }
    }
    return {};
}

} // namespace skw::hub

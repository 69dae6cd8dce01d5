// SPDX-License-Identifier: Apache-2.0
// The steps around a commit.
#include "hub/commit_parts.hpp"

#include "hub/base64.hpp"
#include "support/digest.hpp"
#include "support/hex.hpp"

#include <algorithm>
#include <set>
#include <span>

namespace skw::hub {
namespace {

constexpr std::uint64_t sample_bytes = 512;
constexpr std::size_t files_per_question = 256;
constexpr std::size_t body_in_memory = 4u << 20;
constexpr std::uint64_t most_regular_bytes = 1'000'000'000; // the Hub's limit for one commit
constexpr std::string_view attributes = ".gitattributes";

std::string place_of(const CommitRequest& request)
{
    return "commit to " + request.repo.text();
}

std::string sample_of(const Addition& addition)
{
    if (const std::string* const text = std::get_if<std::string>(&addition.content)) {
        return text->substr(0, sample_bytes);
    }
    const File file = File::open_read(std::get<std::filesystem::path>(addition.content));
    std::string sample(static_cast<std::size_t>(std::min(addition.size, sample_bytes)), '\0');
    sample.resize(file.read_at(0, std::as_writable_bytes(std::span(sample))));
    return sample;
}

json::object line_of(const char* key, json::object value)
{
    json::object line;
    line["key"] = key;
    line["value"] = std::move(value);
    return line;
}

// The listing's word for the content: SHA-256 of a large file, blob id of another.
bool holds(const RemoteFile& file, const Addition& addition)
{
    if (addition.path.text() == attributes) {
        return true; // the Hub adds lines of its own to it
    }
    if (file.size != addition.size) {
        return false;
    }
    if (file.sha256) {
        return *file.sha256 == addition.sha256;
    }
    return addition.size <= largest_regular_bytes && file.blob_id == git_blob_id(content_of(addition));
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
    if (card == request.additions.end() || card->size > largest_regular_bytes) {
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

std::vector<Planned> ask_modes(Session& session, const CommitRequest& request)
{
    const std::string place = place_of(request);
    std::vector<Planned> plan;
    for (std::size_t begin = 0; begin < request.additions.size(); begin += files_per_question) {
        const std::size_t end = std::min(begin + files_per_question, request.additions.size());
        json::array files;
        for (std::size_t i = begin; i < end; ++i) {
            const Addition& addition = request.additions[i];
            json::object file;
            file["path"] = addition.path.text();
            file["size"] = addition.size;
            file["sample"] = to_base64(sample_of(addition));
            files.push_back(std::move(file));
        }
        json::object body;
        body["files"] = std::move(files);
        for (const Addition& addition : request.additions) {
            if (addition.path.text() == attributes) {
                body["gitAttributes"] = content_of(addition);
            } else if (addition.path.text() == ".gitignore") {
                body["gitIgnore"] = content_of(addition);
            }
        }
        const Reply reply = session.send(
            session.post(api_path(request.repo, "/preupload/main"), canonical_json(body)), place);
        if (reply.status != 200) {
            throw session.error(reply, place, request.repo.text());
        }
        const json::value document = parse_reply(reply, place);
        Findings findings(place);
        const Reader in(document, findings);
        // "Unchanged" means something only where the Hub looked at the commit that we build on.
        const bool same_base = in.find_string("commitOid").value_or("") == request.parent.text();
        std::vector<std::optional<Planned>> found(end - begin);
        in.each("files", [&](const Reader& file) {
            const std::string path = file.string("path"), mode = file.string("uploadMode");
            const bool ignored = file.boolean("shouldIgnore", false);
            const std::string oid = file.find_string("oid").value_or("");
            for (std::size_t i = begin; i < end; ++i) {
                const Addition& addition = request.additions[i];
                if (addition.path.text() != path) {
                    continue;
                }
                if (ignored) {
                    throw Error(ErrorCode::bad_input, place + ": " + safe(path),
                                "the repo's .gitignore leaves this file out",
                                "remove the pattern from the repo's .gitignore");
                }
                if (mode != "lfs" && mode != "regular") {
                    file.fault("uploadMode", "is neither lfs nor regular: " + safe(mode));
                }
                Planned planned;
                planned.addition = &addition;
                planned.large = mode == "lfs" && addition.size > 0; // an empty file is always regular
                if (!planned.large && addition.size > largest_regular_bytes) {
                    file.fault("uploadMode", "is regular for a file above 10 MiB");
                } else if (same_base && !oid.empty()) {
                    planned.unchanged = oid.size() == 64
                                            ? oid == addition.sha256.hex()
                                            : !planned.large && oid == git_blob_id(content_of(addition));
                }
                found[i - begin] = planned;
            }
            return true;
        });
        findings.throw_if_any();
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (!found[i]) {
                throw bad_reply(place,
                                "it says nothing about " + safe(request.additions[begin + i].path.text()));
            }
            plan.push_back(*found[i]);
        }
    }
    return plan;
}

CommitBody::CommitBody(const CommitRequest& request, const std::vector<Planned>& plan)
{
    json::object header;
    header["summary"] = request.summary;
    header["description"] = request.description;
    header["parentCommit"] = request.parent.text();
    add(canonical_json(line_of("header", std::move(header))));
    std::uint64_t regular = 0;
    for (const Planned& planned : plan) {
        if (planned.unchanged) {
            continue;
        }
        const Addition& addition = *planned.addition;
        json::object value;
        value["path"] = addition.path.text();
        if (planned.large) {
            value["algo"] = "sha256";
            value["oid"] = addition.sha256.hex();
            value["size"] = addition.size;
            add(canonical_json(line_of("lfsFile", std::move(value))));
            continue;
        }
        regular += addition.size;
        if (regular > most_regular_bytes) {
            throw Error(ErrorCode::unsupported, place_of(request),
                        "more than 1 GB of small files in one commit", "publish them in several commits");
        }
        value["content"] = to_base64(content_of(addition));
        value["encoding"] = "base64";
        add(canonical_json(line_of("file", std::move(value))));
    }
    for (const RepoPath& path : request.deletions) {
        json::object value;
        value["path"] = path.text();
        add(canonical_json(line_of("deletedFile", std::move(value))));
    }
    if (file_) {
        file_->write(std::as_bytes(std::span(text_)));
        file_bytes_ += text_.size();
        text_.clear();
    }
}

void CommitBody::add(std::string line)
{
    text_ += line;
    text_ += '\n';
    if (text_.size() > body_in_memory) {
        if (!file_) {
            folder_ = std::make_unique<TempFolder>();
            file_ = File::create(folder_->path() / "commit.ndjson");
        }
        file_->write(std::as_bytes(std::span(text_)));
        file_bytes_ += text_.size();
        text_.clear();
    }
}

void CommitBody::put_into(Request& request) const
{
    if (file_) {
        request.body = FilePart{file_->path(), 0, file_bytes_};
    } else {
        request.body = text_;
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

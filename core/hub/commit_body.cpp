// SPDX-License-Identifier: Apache-2.0
// The lines of a commit.
#include "hub/commit_parts.hpp"

#include "hub/base64.hpp"

#include <span>

namespace skw::hub {
namespace {

constexpr std::size_t body_in_memory = 2u << 20;
constexpr std::uint64_t most_regular_bytes = 1'000'000'000; // the Hub's limit for one commit

json::object line_of(const char* key, json::object value)
{
    json::object line;
    line["key"] = key;
    line["value"] = std::move(value);
    return line;
}

} // namespace

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
            throw Error(ErrorCode::unsupported, "commit to " + request.repo.text(),
                        "more than 1 GB of small files in one commit", "publish them in several commits");
        }
        add_file(addition);
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

// The line of one file, block by block: written as JSON in one piece, a file of 10 MiB would take five times
// its size.
void CommitBody::add_file(const Addition& addition)
{
    constexpr std::size_t block = 3u << 18; // a multiple of 3: base64 of blocks is base64 of the whole
    const std::string content = content_of(addition);
    append(R"({"key":"file","value":{"content":")");
    for (std::size_t at = 0; at < content.size(); at += block) {
        append(to_base64(std::string_view(content).substr(at, block)));
    }
    json::object path;
    path["path"] = addition.path.text();
    const std::string rest = canonical_json(path); // {"path":"..."}
    append(R"(","encoding":"base64",)" + rest.substr(1) + "}\n");
}

void CommitBody::add(std::string line)
{
    append(line + "\n");
}

void CommitBody::append(std::string_view text)
{
    text_ += text;
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

} // namespace skw::hub

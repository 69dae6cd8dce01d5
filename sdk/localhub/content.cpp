// SPDX-License-Identifier: Apache-2.0
// Bytes going out: ranges of files, resolve and raw.
#include "localhub/api.hpp"

#include <algorithm>
#include <charconv>

namespace skw::localhub {
namespace {

using namespace std::chrono_literals;

class ObjectSource : public BodySource {
public:
    ObjectSource(std::unique_ptr<ObjectReader> object, std::uint64_t offset, std::uint64_t length)
        : object_(std::move(object)),
          offset_(offset),
          left_(length)
    {
    }
    std::size_t read(std::span<std::byte> into) override
    {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, into.size()));
        const std::size_t got = object_->read_at(offset_, into.first(want));
        offset_ += got;
        left_ -= got;
        return got;
    }

private:
    std::unique_ptr<ObjectReader> object_;
    std::uint64_t offset_, left_;
};

struct Range {
    enum class Kind { whole, part, beyond } kind = Kind::whole;
    std::uint64_t first = 0, length = 0;
};

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

// One range is served; several, or what is no range of bytes, get the whole file as RFC 9110 permits.
Range parse_range(std::string_view header, std::uint64_t size)
{
    const Range whole{Range::Kind::whole, 0, size};
    if (!header.starts_with("bytes=") || header.find(',') != std::string_view::npos) {
        return whole;
    }
    header.remove_prefix(6);
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) {
        return whole;
    }
    const auto first = number(header.substr(0, dash));
    const auto last = number(header.substr(dash + 1));
    if (dash == 0) { // the last N bytes
        if (!last) {
            return whole;
        }
        const std::uint64_t length = std::min(*last, size);
        return length == 0 ? Range{Range::Kind::beyond, 0, 0}
                           : Range{Range::Kind::part, size - length, length};
    }
    if (!first || (!last && dash + 1 != header.size()) || (last && *last < *first)) {
        return whole;
    }
    if (*first >= size) {
        return {Range::Kind::beyond, 0, 0};
    }
    return {Range::Kind::part, *first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

std::string disposition(std::string_view path)
{
    const std::string_view name = path.substr(path.rfind('/') + 1);
    std::string ascii;
    for (const char c : name) {
        ascii += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e || c == '"'
                     ? '_'
                     : c;
    }
    return "inline; filename*=UTF-8''" + encode_segment(name) + "; filename=\"" + ascii + "\";";
}

struct Found {
    std::string commit, path;
    TreeFile file;
};

Found find_file(Call& call, const Repo& repo, std::size_t at)
{
    const Revision revision = revision_at(call, at);
    const std::string commit = call.commit_of(repo, revision.name);
    const std::string path = call.target.rest(revision.next);
    const auto tree = repo.tree(commit);
    const auto file = tree->find(path);
    if (file == tree->end()) {
        throw entry_not_found(path, commit);
    }
    return {commit, path, file->second};
}

void add_facts(HttpReply& reply, const Found& found)
{
    reply.add("X-Repo-Commit", found.commit);
    reply.add("X-Linked-Size", std::to_string(found.file.size));
    reply.add("X-Linked-Etag", '"' + (found.file.lfs ? found.file.sha256 : found.file.oid) + '"');
    reply.add("Content-Disposition", disposition(found.path));
}

// Whether the client has this version already.
bool matches(std::string_view if_none_match, std::string_view etag)
{
    return !if_none_match.empty() &&
           (if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos);
}

HttpReply redirect(int status, const std::string& place, std::string_view etag)
{
    HttpReply reply = text_reply(status == 302 ? "Found. The content is at the address in Location.\n"
                                               : "Temporary Redirect.\n",
                                 status);
    reply.add("Location", place);
    reply.add("ETag", '"' + std::string(etag) + '"');
    reply.add("Accept-Ranges", "bytes");
    return reply;
}

// Status and headers for the range that was asked for; the caller adds the bytes of `range`.
HttpReply begin_content(const HttpRequest& http, std::uint64_t size, std::string_view etag, Range& range)
{
    HttpReply reply;
    range = parse_range(http.header("range"), size);
    reply.add("Accept-Ranges", "bytes");
    reply.add("ETag", '"' + std::string(etag) + '"');
    if (range.kind == Range::Kind::beyond && size == 0) {
        // A client that probes with the first byte must be told that the file is empty, not that it failed.
        reply.add("Content-Range", "bytes */0");
        range.kind = Range::Kind::whole;
    } else if (range.kind == Range::Kind::beyond) {
        reply.status = 416;
        reply.add("Content-Range", "bytes */" + std::to_string(size));
        reply.add("X-Error-Message", "Range Not Satisfiable");
    } else if (range.kind == Range::Kind::part) {
        reply.status = 206;
        reply.add("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                       std::to_string(range.first + range.length - 1) + "/" +
                                       std::to_string(size));
    }
    return reply;
}

HttpReply pointer_reply(const HttpRequest& http, const TreeFile& file)
{
    const std::string pointer = lfs_pointer(file.sha256, file.size);
    Range range;
    HttpReply reply = begin_content(http, pointer.size(), file.oid, range);
    reply.text =
        pointer.substr(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.length));
    reply.add("Content-Type", "text/plain; charset=utf-8");
    return reply;
}

} // namespace

HttpReply content_reply(const HttpRequest& http, const Objects& objects, std::string_view sha256,
                        std::uint64_t size, std::string_view etag)
{
    Range range;
    HttpReply reply = begin_content(http, size, etag, range);
    if (range.length > 0) {
        reply.source = std::make_unique<ObjectSource>(objects.open(sha256), range.first, range.length);
        reply.source_bytes = range.length;
    }
    return reply;
}

HttpReply resolve_reply(Call& call, const RepoPtr& repo, std::size_t at, bool raw)
{
    call.require_content(*repo);
    const Found found = find_file(call, *repo, at);
    const Objects& objects = call.hub.store.objects();
    HttpReply reply;
    if (!raw && matches(call.http.header("if-none-match"), found.file.oid)) {
        reply.status = 304;
        reply.add("ETag", '"' + found.file.oid + '"');
    } else if (raw && found.file.lfs) {
        reply = pointer_reply(call.http, found.file);
        reply.add("X-Repo-Commit", found.commit);
        return reply;
    } else if (found.file.lfs) {
        const std::string query = "response-content-disposition=" + encode_segment(disposition(found.path));
        const std::string place = call.hub.store.signer().sign(
            "GET", "/objects/" + repo->kind() + "/" + repo->settings().id + "/" + found.file.sha256, query,
            1h);
        reply = redirect(302, call.hub.storage_endpoint + place, found.file.oid);
    } else if (!raw && call.resolve_cache) {
        const std::string place = "/api/resolve-cache/" + repo->kind() + "/" + repo->settings().id + "/" +
                                  found.commit + "/" + encode_segment(found.path) + "?etag=%22" +
                                  found.file.oid + "%22";
        reply = redirect(307, place, found.file.oid);
    } else {
        reply = content_reply(call.http, objects, found.file.sha256, found.file.size, found.file.oid);
        reply.add("Content-Type", "text/plain; charset=utf-8");
    }
    add_facts(reply, found);
    return reply;
}

HttpReply resolve_cache_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    call.require_content(*repo);
    const Found found = find_file(call, *repo, at);
    HttpReply reply = content_reply(call.http, call.hub.store.objects(), found.file.sha256, found.file.size,
                                    found.file.oid);
    reply.add("Content-Type", "text/plain; charset=utf-8");
    add_facts(reply, found);
    return reply;
}

} // namespace skw::localhub

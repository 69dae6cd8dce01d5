// SPDX-License-Identifier: Apache-2.0
// The content store: signed addresses for GET of objects, PUT of objects and of parts.
#include "localhub/api.hpp"
#include "localhub/uploads.hpp"

#include <charconv>

namespace skw::localhub {
namespace {

std::uint64_t number(std::string_view text) // 0 for what is none
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

// A body that has to have exactly this length goes into `sink`.
template<class Sink>
void take_body(HttpRequest& http, std::uint64_t size, Sink& sink)
{
    if (!http.content_length) {
        throw Refusal(411, "Content-Length is needed.", "MissingContentLength");
    }
    if (*http.content_length != size) {
        throw Refusal(400, "The body does not have the size that was announced.", "IncompleteBody");
    }
    std::vector<std::byte> block(256u << 10);
    std::uint64_t done = 0;
    while (const std::size_t got = http.body->read(block)) {
        sink.write(std::span(block).first(got));
        done += got;
    }
    if (done != size) {
        throw Refusal(400, "The body ended early.", "IncompleteBody");
    }
}

HttpReply put_object(Hub& hub, HttpRequest& http, const Target& target, const RepoPtr& repo)
{
    const std::string& oid = target.segments[4];
    const std::uint64_t size = number(target.parameter("size"));
    const Objects& objects = hub.store.objects();
    Objects::Incoming incoming = size > hub.forget_above ? objects.receive_and_forget() : objects.receive();
    take_body(http, size, incoming);
    if (!incoming.keep(oid)) {
        throw Refusal(400, "The content does not have the SHA-256 that was announced.", "BadDigest");
    }
    repo->add_lfs(oid);
    HttpReply reply;
    reply.add("ETag", '"' + oid + '"');
    return reply;
}

HttpReply put_part(Hub& hub, HttpRequest& http, const Target& target)
{
    const Upload upload = read_upload(hub.store.uploads(), target.segments[1]);
    const std::uint64_t part = number(target.segments[2]);
    if (part == 0 || part > upload.parts()) {
        throw Refusal(404, "The upload has no such part.", "NoSuchUpload");
    }
    IncomingPart incoming(hub.store.uploads(), upload.id, part);
    take_body(http, upload.bytes_of(part), incoming);
    HttpReply reply;
    reply.add("ETag", '"' +
                          (upload.size > hub.forget_above
                               ? hub.forgetting.take(hub.store.uploads(), upload, part, incoming)
                               : incoming.keep()) +
                          '"');
    return reply;
}

} // namespace

HttpReply storage_reply(Hub& hub, HttpRequest& http, const Target& target)
{
    if (!http.header("authorization").empty()) {
        // As the real store does; it also shows that a client kept its token to itself.
        throw Refusal(400, "Only one auth mechanism is allowed: the signature in the address.",
                      "InvalidArgument");
    }
    switch (hub.store.signer().check(http.method, target.path, target.query)) {
    case Signer::Verdict::expired: throw Refusal(403, "Request has expired", "AccessDenied");
    case Signer::Verdict::forged: throw Refusal(403, "Invalid signature", "SignatureDoesNotMatch");
    case Signer::Verdict::good: break;
    }
    const auto& segments = target.segments;
    if (segments.size() == 3 && segments[0] == "parts" && http.method == "PUT") {
        return put_part(hub, http, target);
    }
    if (segments.size() != 5 || segments[0] != "objects") {
        throw Refusal(404, "There is no such object.", "NoSuchKey");
    }
    const RepoPtr repo = hub.store.find(segments[1], segments[2] + "/" + segments[3]);
    if (repo && http.method == "PUT") {
        return put_object(hub, http, target, repo);
    }
    if (!repo || !repo->has_lfs(segments[4]) || http.method != "GET") {
        throw Refusal(404, "There is no such object.", "NoSuchKey");
    }
    const Objects& objects = hub.store.objects();
    HttpReply reply = content_reply(http, objects, segments[4], objects.size(segments[4]), segments[4]);
    reply.add("Content-Type", "application/octet-stream");
    reply.add("Cache-Control", "public, max-age=31536000");
    if (const std::string& shown = target.parameter("response-content-disposition"); !shown.empty()) {
        reply.add("Content-Disposition", shown);
    }
    return reply;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// The Git-LFS batch protocol with the Hub's multipart extension.
#include "localhub/api.hpp"
#include "localhub/uploads.hpp"
#include "support/hex.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>

namespace skw::localhub {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_objects = 1000;
constexpr std::uint64_t largest_object = 500'000'000'000; // as the Hub documents it
constexpr std::uint64_t most_parts = 10'000;
constexpr auto put_life = 15min;
constexpr auto get_life = 1h;
constexpr auto completion_life = 24h;

HttpReply lfs_json(const json::value& value)
{
    HttpReply reply = json_reply(value);
    *reply.find("Content-Type") = "application/vnd.git-lfs+json; charset=utf-8";
    return reply;
}

struct Wanted {
    std::string oid;
    std::uint64_t size;
};

Wanted wanted_object(const json::value& element)
{
    const json::object* object = element.if_object();
    const json::value* size = object != nullptr ? object->if_contains("size") : nullptr;
    if (size == nullptr || !size->is_int64() || size->get_int64() < 0) {
        throw Refusal(422, "Each object needs an oid and a size.");
    }
    Wanted out{text_member(*object, "oid", ""), static_cast<std::uint64_t>(size->get_int64())};
    if (out.oid.size() != 64 || !is_lower_hex(out.oid)) {
        throw Refusal(422, "An oid must be a SHA-256 in hex.");
    }
    return out;
}

json::object multipart_upload(const Call& call, const Repo& repo, const Wanted& wanted)
{
    const std::uint64_t least = (wanted.size + most_parts - 1) / most_parts;
    const Upload upload{.id = random_hex(32),
                        .kind = repo.kind(),
                        .repo = repo.settings().id,
                        .oid = wanted.oid,
                        .size = wanted.size,
                        .part_size = std::max(call.hub.part_size, least)};
    begin_upload(call.hub.store.uploads(), upload);
    const Signer& signer = call.hub.store.signer();
    json::object header{{"chunk_size", std::to_string(upload.part_size)}};
    for (std::uint64_t part = 1; part <= upload.parts(); ++part) {
        header[part_name(part)] = call.hub.storage_endpoint +
                                  signer.sign("PUT", "/parts/" + upload.id + "/" + part_name(part),
                                              "size=" + std::to_string(upload.bytes_of(part)), put_life);
    }
    const std::string href =
        call.base + signer.sign("POST", "/api/complete_multipart", "uploadId=" + upload.id, completion_life);
    return {{"href", href}, {"header", std::move(header)}};
}

std::string object_path(const Repo& repo, std::string_view oid)
{
    return "/objects/" + repo.kind() + "/" + repo.settings().id + "/" + std::string(oid);
}

json::object upload_answer(const Call& call, const Repo& repo, const Wanted& wanted, bool multipart)
{
    json::object out{{"oid", wanted.oid}, {"size", wanted.size}, {"authenticated", true}};
    if (wanted.size > largest_object) {
        out["error"] = {{"code", 422}, {"message", "The file is larger than 500 GB."}};
        return out;
    }
    if (repo.has_lfs(wanted.oid)) {
        return out; // no actions: it is here
    }
    json::object upload;
    if (multipart) {
        upload = multipart_upload(call, repo, wanted);
    } else {
        upload["href"] = call.hub.storage_endpoint +
                         call.hub.store.signer().sign("PUT", object_path(repo, wanted.oid),
                                                      "size=" + std::to_string(wanted.size), put_life);
        upload["header"] = json::object();
    }
    const std::string verify =
        call.base + "/" + web_prefix(repo.kind()) + repo.settings().id + ".git/info/lfs/objects/verify";
    out["actions"] = {{"upload", std::move(upload)}, {"verify", {{"href", verify}}}};
    return out;
}

json::object download_answer(const Call& call, const Repo& repo, const Wanted& wanted)
{
    json::object out{{"oid", wanted.oid}, {"size", wanted.size}, {"authenticated", true}};
    if (repo.has_lfs(wanted.oid)) {
        const std::string place =
            call.hub.store.signer().sign("GET", object_path(repo, wanted.oid), "", get_life);
        out["actions"] = {
            {"download", {{"href", call.hub.storage_endpoint + place}, {"header", json::object()}}}};
    } else {
        out["error"] = {{"code", 404}, {"message", "The object is not in this repository."}};
    }
    return out;
}

HttpReply batch(Call& call, const Repo& repo)
{
    const json::object body = read_json_body(call.http);
    const std::string operation = text_member(body, "operation", "");
    if (operation == "upload") {
        call.require_write(repo);
    } else if (operation == "download") {
        call.require_content(repo);
    } else {
        throw Refusal(422, "\"operation\" must be upload or download.");
    }
    const json::value* objects = body.if_contains("objects");
    if (objects == nullptr || !objects->is_array() || objects->get_array().empty()) {
        throw Refusal(422, "\"objects\" must be a list that is not empty.");
    }
    if (objects->get_array().size() > most_objects) {
        throw Refusal(413, "At most " + std::to_string(most_objects) + " objects a request.");
    }
    bool offered = false;
    if (const json::value* transfers = body.if_contains("transfers");
        transfers != nullptr && transfers->is_array()) {
        const json::array& names = transfers->get_array();
        offered = std::find(names.begin(), names.end(), json::value("multipart")) != names.end();
    }
    json::array out;
    bool multipart_used = false;
    for (const json::value& element : objects->get_array()) {
        const Wanted wanted = wanted_object(element);
        const bool multipart = offered && wanted.size > call.hub.multipart_threshold;
        multipart_used = multipart_used || (multipart && operation == "upload");
        out.push_back(operation == "upload" ? upload_answer(call, repo, wanted, multipart)
                                            : download_answer(call, repo, wanted));
    }
    return lfs_json(
        json::object{{"transfer", multipart_used ? "multipart" : "basic"}, {"objects", std::move(out)}});
}

HttpReply verify(Call& call, const Repo& repo)
{
    call.require_write(repo);
    const Wanted wanted = wanted_object(json::value(read_json_body(call.http)));
    if (!repo.has_lfs(wanted.oid)) {
        throw Refusal(404, "The object is not in this repository.");
    }
    if (call.hub.store.objects().size(wanted.oid) != wanted.size) {
        throw Refusal(400, "The object has another size.");
    }
    return lfs_json(json::object());
}

} // namespace

HttpReply lfs_reply(Call& call, const RepoPtr& repo, std::string_view action)
{
    return action == "batch" ? batch(call, *repo) : verify(call, *repo);
}

HttpReply complete_multipart_reply(Call& call)
{
    // The signature is the permission: this call comes without a token.
    const auto verdict = call.hub.store.signer().check("POST", call.target.path, call.target.query);
    if (verdict != Signer::Verdict::good) {
        throw Refusal(403, verdict == Signer::Verdict::expired ? "Request has expired" : "Invalid signature");
    }
    const std::filesystem::path uploads = call.hub.store.uploads();
    Upload upload;
    try {
        upload = read_upload(uploads, call.target.parameter("uploadId"));
    } catch (const Refusal&) {
        throw Refusal(400, "This upload was completed before, or is not known.");
    }
    const json::object body = read_json_body(call.http);
    const json::value* parts = body.if_contains("parts");
    if (text_member(body, "oid", "") != upload.oid || parts == nullptr || !parts->is_array()) {
        throw Refusal(400, "The completion must name the oid of the upload and its parts.");
    }
    std::map<std::uint64_t, std::string> etags;
    for (const json::value& element : parts->get_array()) {
        const json::object* part = element.if_object();
        const json::value* number = part != nullptr ? part->if_contains("partNumber") : nullptr;
        const std::string etag = part != nullptr ? text_member(*part, "etag", "") : "";
        if (number == nullptr || !number->is_int64() || number->get_int64() < 1 || etag.size() < 3 ||
            !etag.starts_with('"') || !etag.ends_with('"')) {
            throw Refusal(400, "Each part needs a partNumber and its etag with the quotes.");
        }
        etags[static_cast<std::uint64_t>(number->get_int64())] = etag.substr(1, etag.size() - 2);
    }
    const RepoPtr repo = call.hub.store.find(upload.kind, upload.repo);
    if (!repo || etags.size() != upload.parts()) {
        throw Refusal(400,
                      repo ? "The number of parts is not that of the upload." : "The repository is gone.");
    }
    if (upload.size > call.hub.forget_above) {
        call.hub.forgetting.finish(uploads, upload, etags, call.hub.store.objects());
    } else {
        finish_upload(uploads, upload, etags, call.hub.store.objects());
    }
    repo->add_lfs(upload.oid);
    return json_reply(json::object{{"success", true}});
}

} // namespace skw::localhub

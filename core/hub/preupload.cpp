// SPDX-License-Identifier: Apache-2.0
// Asks the Hub which files go by LFS and which it has already.
#include "hub/commit_parts.hpp"

#include "hub/base64.hpp"
#include "support/digest.hpp"

#include <algorithm>
#include <map>
#include <span>

namespace skw::hub {
namespace {

constexpr std::uint64_t sample_bytes = 512;
constexpr std::size_t files_per_question = 256;

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

// The Hub's word on one file.
Planned parse_mode(const Reader& file, const Addition& addition, bool same_base, const std::string& place)
{
    const std::string mode = file.string("uploadMode");
    const std::string oid = file.find_string("oid").value_or("");
    if (file.boolean("shouldIgnore", false)) {
        throw Error(ErrorCode::bad_input, place + ": " + safe(addition.path.text()),
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
        planned.unchanged = oid.size() == 64 ? oid == addition.sha256.hex()
                                             : !planned.large && oid == git_blob_id(content_of(addition));
    }
    return planned;
}

std::string question(const CommitRequest& request, std::span<const Addition* const> additions)
{
    json::array files;
    for (const Addition* const addition : additions) {
        json::object file;
        file["path"] = addition->path.text();
        file["size"] = addition->size;
        file["sample"] = to_base64(sample_of(*addition));
        files.push_back(std::move(file));
    }
    json::object body;
    body["files"] = std::move(files);
    for (const Addition& addition : request.additions) {
        if (addition.path.text() == attributes_path && !is_remote(addition)) {
            body["gitAttributes"] = content_of(addition);
        } else if (addition.path.text() == ".gitignore" && !is_remote(addition)) {
            body["gitIgnore"] = content_of(addition);
        }
    }
    return canonical_json(body);
}

} // namespace

std::vector<Planned> ask_modes(Session& session, const CommitRequest& request)
{
    const std::string place = "commit to " + request.repo.text();
    std::vector<const Addition*> asked;
    for (const Addition& addition : request.additions) {
        if (!is_remote(addition)) {
            asked.push_back(&addition);
        }
    }
    std::map<const Addition*, Planned> known;
    for (std::size_t begin = 0; begin < asked.size(); begin += files_per_question) {
        const auto some = std::span(asked).subspan(begin, std::min(files_per_question, asked.size() - begin));
        const Reply reply = session.send(
            session.post(api_path(request.repo, "/preupload/main"), question(request, some)), place);
        if (reply.status != 200) {
            throw session.error(reply, place, request.repo.text());
        }
        const json::value document = parse_reply(reply, place);
        Findings findings(place);
        const Reader in(document, findings);
        // "Unchanged" means something only where the Hub looked at the commit that we build on.
        const bool same_base = in.find_string("commitOid").value_or("") == request.parent.text();
        in.each("files", [&](const Reader& file) {
            const std::string path = file.string("path");
            for (const Addition* const addition : some) {
                if (addition->path.text() == path) {
                    known[addition] = parse_mode(file, *addition, same_base, place);
                }
            }
            return true;
        });
        findings.throw_if_any();
    }
    std::vector<Planned> plan;
    for (const Addition& addition : request.additions) {
        Planned planned;
        planned.addition = &addition;
        planned.large = true; // of another repo's listing, which gave its SHA-256
        if (!is_remote(addition)) {
            const auto found = known.find(&addition);
            if (found == known.end()) {
                throw bad_reply(place, "it says nothing about " + safe(addition.path.text()));
            }
            planned = found->second;
        }
        plan.push_back(planned);
    }
    return plan;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Collections: find one by its title, make one, file a repo in one.
#include "hub/pages.hpp"
#include "hub/session.hpp"

#include <algorithm>

namespace skw::hub {
namespace {

constexpr std::uint64_t page_limit = 8u << 20;
constexpr std::uint64_t collection_limit = 16u << 20; // a single one comes with all its items
constexpr std::size_t most_pages = 100;

bool is_slug(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const auto allowed = [](char c) {
        return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '%' && c != '\\';
    };
    return slash != 0 && slash != std::string_view::npos && slash + 1 < text.size() &&
           text.find('/', slash + 1) == std::string_view::npos && text.size() <= 400 &&
           std::all_of(text.begin(), text.end(), allowed);
}

void require_slug(std::string_view slug, const std::string& place)
{
    if (!is_slug(slug)) {
        throw Error(ErrorCode::bad_argument, place, "is not a collection's slug",
                    "a slug is owner/title-and-24-hex-digits");
    }
}

Collection parse_collection(const Reader& in)
{
    Collection collection;
    collection.slug = in.string("slug");
    collection.title = in.string("title");
    if (!is_slug(collection.slug)) {
        in.fault("slug", "is not a collection's: " + safe(collection.slug));
    }
    return collection;
}

Collection collection_of(const Reply& reply, const std::string& place)
{
    const json::value document = parse_reply(reply, place);
    Findings findings(place);
    Collection collection = parse_collection(Reader(document, findings));
    findings.throw_if_any();
    return collection;
}

Collection read_collection(Session& session, const std::string& slug, const std::string& place)
{
    Request request = session.get("/api/collections/" + encode_path(slug));
    request.reply_limit = collection_limit;
    const Reply reply = session.send(std::move(request), place);
    if (reply.status != 200) {
        throw session.error(reply, place);
    }
    return collection_of(reply, place);
}

// The slug that a 409 names; "" = none.
std::string slug_of_conflict(const Reply& reply, const std::string& place)
{
    const json::value document = parse_reply(reply, place);
    Findings findings(place);
    const std::string slug = Reader(document, findings).find_string("slug").value_or("");
    return findings.empty() && is_slug(slug) ? slug : std::string();
}

} // namespace

std::optional<Collection> Client::find_collection(std::string_view slug)
{
    const std::string place = "collection " + safe(slug);
    require_slug(slug, place);
    Session& session = state_->session;
    Request request = session.get("/api/collections/" + encode_path(slug));
    request.reply_limit = collection_limit;
    const Reply reply = session.send(std::move(request), place);
    // Without a token the Hub answers 401 for what it hides.
    if (reply.status == 404 || (reply.status == 401 && !session.has_token())) {
        return std::nullopt;
    }
    if (reply.status != 200) {
        throw session.error(reply, place);
    }
    return collection_of(reply, place);
}

std::optional<Collection> Client::find_collection(std::string_view owner, std::string_view title)
{
    Session& session = state_->session;
    const std::string place = "collections of " + safe(owner);
    Request first = session.get("/api/collections?owner=" + encode_segment(owner) + "&limit=100");
    first.reply_limit = page_limit;
    std::optional<Collection> found;
    read_pages(session, std::move(first), place, most_pages, [&](const Reply& reply) {
        if (reply.status != 200) {
            throw session.error(reply, place);
        }
        const json::value page = parse_reply(reply, place);
        if (!page.is_array()) {
            throw bad_reply(place, "it is not a list");
        }
        Findings findings(place);
        std::size_t index = 0;
        for (const json::value& element : page.get_array()) {
            Collection entry = parse_collection(Reader(element, findings, "/" + std::to_string(index++)));
            const bool same_owner = entry.slug.starts_with(std::string(owner) + "/");
            if (!found && same_owner && entry.title == title) {
                found = std::move(entry);
            }
        }
        findings.throw_if_any();
        return !found;
    });
    return found;
}

Collection Client::create_collection(std::string_view owner, std::string_view title)
{
    Session& session = state_->session;
    const std::string place = "collection \"" + safe(title) + "\" of " + safe(owner);
    json::object body;
    body["title"] = title;
    body["namespace"] = owner;
    body["private"] = false;
    // Repeatable: the second one finds the first by its title.
    Request request = session.post("/api/collections", canonical_json(body));
    request.reply_limit = collection_limit;
    const Reply reply = session.send(std::move(request), place);
    if (reply.status == 409) {
        if (const std::string slug = slug_of_conflict(reply, place); !slug.empty()) {
            return read_collection(session, slug, place);
        }
        if (auto there = find_collection(owner, title)) {
            return std::move(*there);
        }
    }
    if (reply.status != 200 && reply.status != 201) {
        throw session.error(reply, place);
    }
    return collection_of(reply, place);
}

bool Client::add_to_collection(std::string_view slug, const RepoId& repo)
{
    Session& session = state_->session;
    const std::string place = "collection " + safe(slug);
    require_slug(slug, place);
    json::object item;
    item["type"] = "model";
    item["id"] = repo.text();
    json::object body;
    body["item"] = std::move(item);
    Request request = session.post("/api/collections/" + encode_path(slug) + "/items", canonical_json(body));
    request.reply_limit = collection_limit;
    const Reply reply = session.send(std::move(request), place);
    if (reply.status == 409) {
        return false;
    }
    if (reply.status != 200 && reply.status != 201) {
        throw session.error(reply, place);
    }
    return true;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// The routes of collections.
#include "localhub/api.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::localhub {
namespace {

// Lengths in characters, as the Hub counts them.
constexpr std::size_t longest_title = 60, longest_description = 150, longest_note = 500;
constexpr std::size_t items_in_lists = 4;

enum class Shape { single, in_list };

std::size_t characters(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string limited(const json::object& body, std::string_view name, std::string_view otherwise,
                    std::size_t most)
{
    std::string text = text_member(body, name, otherwise);
    if (characters(text) > most) {
        throw Refusal(400, "\"" + std::string(name) + "\" must have at most " + std::to_string(most) +
                               " characters");
    }
    return text;
}

bool may_see(const Call& call, const CollectionRecord& record)
{
    return !record.is_private || (call.account && call.account->owns(record.owner));
}

json::object shown(const Call& call, const CollectionRecord& record, Shape shape)
{
    json::array items;
    for (std::size_t i = 0; i < record.items.size(); ++i) {
        if (shape == Shape::in_list && i == items_in_lists) {
            break;
        }
        const CollectionItem& item = record.items[i];
        json::object one{{"_id", item.internal}, {"type", item.type}, {"id", item.id}, {"position", i}};
        if (!item.note.empty()) {
            one["note"] = {{"text", item.note}, {"html", item.note}};
        }
        if (item.type == "model" || item.type == "dataset" || item.type == "space") {
            one["repoType"] = item.type;
        }
        items.push_back(std::move(one));
    }
    json::object out{{"slug", record.slug()},
                     {"title", record.title},
                     {"description", record.description},
                     {"gating", false},
                     {"lastUpdated", record.updated},
                     {"owner",
                      {{"_id", record.owner},
                       {"type", "user"},
                       {"name", record.owner},
                       {"fullname", record.owner},
                       {"avatarUrl", ""}}},
                     {"items", std::move(items)},
                     {"theme", record.theme},
                     {"private", record.is_private},
                     {"upvotes", 0},
                     {"isUpvotedByUser", false}};
    if (shape == Shape::single) { // in a list this member would make a client fail
        out["position"] = record.position;
        out["shareUrl"] = call.base + "/collections/" + record.slug();
    }
    return out;
}

CollectionRecord found(const Call& call, const std::string& slug)
{
    const auto record = call.hub.collections.find(slug);
    if (!record || !may_see(call, *record)) {
        throw Refusal(404, "Collection not found: " + printable(slug, 200));
    }
    return *record;
}

CollectionItem new_item(const Call& call, const json::object& body)
{
    const json::value* given = body.if_contains("item");
    if (given == nullptr || !given->is_object()) {
        throw Refusal(400, "\"item\" must be an object");
    }
    CollectionItem item{.internal = random_hex(24),
                        .type = text_member(given->get_object(), "type", ""),
                        .id = text_member(given->get_object(), "id", ""),
                        .note = limited(body, "note", "", longest_note)};
    static constexpr std::array<std::string_view, 6> types{"model", "dataset",    "space",
                                                           "paper", "collection", "bucket"};
    if (std::find(types.begin(), types.end(), item.type) == types.end() || item.id.empty()) {
        throw Refusal(400, "\"item\" needs a type and an id");
    }
    if (item.type == "model" || item.type == "dataset" || item.type == "space") {
        try {
            item.id = call.repo(kind_of_type(item.type), item.id)->settings().id;
        } catch (const Refusal&) {
            throw Refusal(404, "There is no such " + item.type + ": " + printable(item.id, 200));
        }
    }
    return item;
}

HttpReply list(Call& call)
{
    const auto given = [&](std::string_view name, const std::string& value) {
        bool any = false;
        for (const auto& [key, wanted] : call.target.parameters) {
            if (key == name) {
                any = true;
                if (wanted == value) {
                    return true;
                }
            }
        }
        return !any;
    };
    const std::string words = call.target.parameter("q");
    const std::string cursor = call.target.parameter("cursor");
    const std::size_t limit = call.page_size();
    json::array out;
    std::string last;
    bool more = false, reached = cursor.empty();
    for (const CollectionRecord& record : call.hub.collections.all()) {
        const std::string item = call.target.parameter("item");
        const bool holds =
            item.empty() || std::any_of(record.items.begin(), record.items.end(),
                                        [&](const auto& one) { return one.type + "s/" + one.id == item; });
        if (!may_see(call, record) || !given("owner", record.owner) || !holds ||
            record.title.find(words) == std::string::npos) {
            continue;
        }
        if (!reached) {
            reached = record.internal == cursor;
            continue;
        }
        if (out.size() == limit) {
            more = true;
            break;
        }
        out.push_back(shown(call, record, Shape::in_list));
        last = record.internal;
    }
    HttpReply reply = json_reply(out);
    if (more) {
        reply.add("Link", call.next_link(last));
    }
    return reply;
}

HttpReply create(Call& call)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    CollectionRecord record;
    record.internal = random_hex(24);
    record.owner = text_member(body, "namespace", call.account->name);
    record.title = limited(body, "title", "", longest_title);
    record.description = limited(body, "description", "", longest_description);
    record.is_private = boolean_member(body, "private", false);
    record.updated = now_text();
    call.require_owner(record.owner);
    if (record.title.empty()) {
        throw Refusal(400, "\"title\" must not be empty");
    }
    const auto changing = call.hub.collections.change();
    for (const CollectionRecord& other : call.hub.collections.all()) {
        if (other.owner == record.owner && other.title == record.title) {
            Refusal refusal(409, "You already have a collection with this title.");
            refusal.body["slug"] = other.slug(); // clients with "exists ok" read it
            throw refusal;
        }
    }
    if (body.contains("item")) {
        record.items.push_back(new_item(call, body));
    }
    call.hub.collections.save(record);
    return json_reply(shown(call, record, Shape::single));
}

HttpReply change(Call& call, CollectionRecord record)
{
    const json::object body = read_json_body(call.http);
    record.title = limited(body, "title", record.title, longest_title);
    record.description = limited(body, "description", record.description, longest_description);
    record.is_private = boolean_member(body, "private", record.is_private);
    record.theme = text_member(body, "theme", record.theme);
    if (const json::value* position = body.if_contains("position");
        position != nullptr && position->is_int64()) {
        record.position = static_cast<std::uint64_t>(std::max<std::int64_t>(0, position->get_int64()));
    }
    static constexpr std::array<std::string_view, 6> themes{"orange", "blue", "green",
                                                            "purple", "pink", "indigo"};
    if (record.title.empty() || std::find(themes.begin(), themes.end(), record.theme) == themes.end()) {
        throw Refusal(400, record.title.empty() ? "\"title\" must not be empty" : "There is no such theme.");
    }
    record.updated = now_text();
    call.hub.collections.save(record);
    return json_reply(json::object{{"success", true}, {"data", shown(call, record, Shape::single)}});
}

HttpReply add_item(Call& call, CollectionRecord record)
{
    CollectionItem item = new_item(call, read_json_body(call.http));
    for (const CollectionItem& other : record.items) {
        if (other.type == item.type && other.id == item.id) {
            throw Refusal(409, "The item is in the collection already.");
        }
    }
    record.items.push_back(std::move(item));
    record.updated = now_text();
    call.hub.collections.save(record);
    return json_reply(shown(call, record, Shape::single));
}

HttpReply change_item(Call& call, CollectionRecord record, const std::string& id, bool remove)
{
    const auto item = std::find_if(record.items.begin(), record.items.end(),
                                   [&](const CollectionItem& one) { return one.internal == id; });
    if (item == record.items.end()) {
        throw Refusal(404, "The item is not in the collection.");
    }
    if (remove) {
        record.items.erase(item);
    } else {
        const json::object body = read_json_body(call.http);
        item->note = limited(body, "note", item->note, longest_note);
        if (const json::value* to = body.if_contains("position"); to != nullptr && to->is_int64()) {
            const CollectionItem moved = *item;
            record.items.erase(item);
            const auto place =
                std::clamp<std::int64_t>(to->get_int64(), 0, static_cast<std::int64_t>(record.items.size()));
            record.items.insert(record.items.begin() + place, moved);
        }
    }
    record.updated = now_text();
    call.hub.collections.save(record);
    return json_reply(json::object{{"success", true}});
}

} // namespace

MaybeReply collections_reply(Call& call)
{
    if (call.segment(1) != "collections") {
        return std::nullopt;
    }
    const std::string_view method = call.http.method;
    const std::size_t count = call.target.segments.size();
    if (count == 2) {
        return method == "GET"    ? MaybeReply(list(call))
               : method == "POST" ? MaybeReply(create(call))
                                  : std::nullopt;
    }
    // The slug comes with its slash or as one encoded segment.
    const bool whole = call.segment(2).find('/') != std::string::npos;
    const std::string slug = whole ? call.segment(2) : call.segment(2) + "/" + call.segment(3);
    const std::size_t at = whole ? 3 : 4;
    if (method == "GET" && count == at) {
        return json_reply(shown(call, found(call, slug), Shape::single));
    }
    if (method != "PATCH" && method != "POST" && method != "DELETE") {
        return std::nullopt;
    }
    call.require_token();
    const auto changing = call.hub.collections.change();
    CollectionRecord record = found(call, slug);
    call.require_owner(record.owner);
    if (count == at && method == "PATCH") {
        return change(call, std::move(record));
    }
    if (count == at && method == "DELETE") {
        call.hub.collections.remove(record.internal);
        return text_reply("OK");
    }
    // "items" is written so by one client, "item" by another.
    if ((call.segment(at) == "items" || call.segment(at) == "item") && count == at + 1 && method == "POST") {
        return add_item(call, std::move(record));
    }
    if (call.segment(at) == "items" && count == at + 2 && method != "POST") {
        return change_item(call, std::move(record), call.segment(at + 1), method == "DELETE");
    }
    return std::nullopt;
}

} // namespace skw::localhub

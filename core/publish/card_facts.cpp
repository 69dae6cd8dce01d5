// SPDX-License-Identifier: Apache-2.0
// The facts of one artifact's card.
#include "publish/card_facts.hpp"

#include "publish/front_matter.hpp"
#include "support/clock.hpp"
#include "support/error.hpp"
#include "support/secrets.hpp"
#include "support/version.hpp"

namespace skw::publish {
namespace {

std::string text_member(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::string> optional_member(const json::object& object, std::string_view name)
{
    std::string text = text_member(object, name);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// Which of several entries has published it is one: their targets may be the same.
json::object without_circumstances(json::object card)
{
    if (json::value* ours = card.if_contains("foxlight"); ours != nullptr && ours->is_object()) {
        for (const char* name : {"source_revision", "catalog_key", "extracted_with", "generated_at"}) {
            ours->get_object().erase(name);
        }
    }
    return card;
}

} // namespace

card::CardFacts make_card_facts(const Work& work, const json::object& plan, const Facts& facts,
                                const plugin::CardNotes& notes)
{
    const json::object& told = plan.at("card").as_object();
    card::CardFacts card;
    card.repo = facts.target.repo.text();
    card.artifact_type = text_member(told, "artifact_type");
    card.source_repo = text_member(told, "source_repo");
    card.target_model = text_member(told, "target_model");
    card.quant = optional_member(told, "quant");
    card.base_model_relation = optional_member(told, "base_model_relation");
    if (const PinnedInput* source = find_source(facts, plan)) {
        card.source_revision = source->tree.commit.text();
        card.license = card::read_license(source->info.card_data);
        for (const hub::RemoteFile& file : source->license_files) {
            card.license_files.push_back(file.path.text());
        }
    }
    card.catalog_key = work.request.entry.key;
    card.extracted_with = std::string("skulk-weights ") + SKW_VERSION;
    card.generated_at = utc_text(work.options.now);
    if (const json::value* tags = told.if_contains("tags"); tags != nullptr && tags->is_array()) {
        for (const json::value& tag : tags->get_array()) {
            card.tags.emplace_back(tag.as_string());
        }
    }
    card.about = text_member(told, "about");
    card.usage = text_member(told, "usage");
    card.tags.insert(card.tags.end(), notes.tags.begin(), notes.tags.end());
    card.facts = notes.facts;
    card.notes = notes.notes;
    if (!card.license.known()) {
        work.warn("the source names no license; the card says that the source's applies");
    }
    return card;
}

std::string checked_card(const card::CardFacts& facts, std::string_view summary)
{
    std::string text = card::make_card(facts);
    if (holds_secret(text) || holds_secret(summary)) {
        throw Error(
            ErrorCode::contract, "hf://" + facts.repo,
            "the card would show a token to everybody; nothing was published",
            "look for a token in the catalog entry, in the source's card and in what the plugin says");
    }
    return text;
}

bool says_the_same(const TargetState& target, const card::CardFacts& facts)
{
    const std::optional<json::object> ours = read_front_matter(card::make_card(facts));
    return ours && target.card &&
           canonical_json(without_circumstances(*ours)) ==
               canonical_json(without_circumstances(*target.card));
}

} // namespace skw::publish

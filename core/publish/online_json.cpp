// SPDX-License-Identifier: Apache-2.0
// A look ahead as a document.
#include "publish/online.hpp"

#include "support/error.hpp"

namespace skw::publish {
namespace {

json::value number(const std::optional<std::uint64_t>& bytes)
{
    return bytes ? json::value(*bytes) : json::value();
}

json::object pile_json(const Pile& pile)
{
    return {{"files", pile.files}, {"bytes", pile.bytes}};
}

json::array texts(const std::vector<std::string>& list)
{
    json::array out;
    for (const std::string& text : list) {
        out.emplace_back(text);
    }
    return out;
}

json::array sources_json(const ArtifactLook& look)
{
    json::array out;
    for (const SourceLook& source : look.sources) {
        out.push_back(json::object{{"id", source.id},
                                   {"repo", source.repo.text()},
                                   {"revision", source.commit.text()},
                                   {"files", source.files},
                                   {"bytes", source.bytes}});
    }
    return out;
}

// Without its tables: they may be long, and `inspect` shows them.
json::value inspection_part(const ArtifactLook& look)
{
    if (!look.inspection) {
        return nullptr;
    }
    return json::object{{"summary", look.inspection->at("summary")},
                        {"totals", look.inspection->at("totals")}};
}

json::value tensors_json(const ArtifactLook& look)
{
    const json::value* details = look.inspection ? look.inspection->if_contains("details") : nullptr;
    const json::value* tensors =
        details != nullptr && details->is_object() ? details->get_object().if_contains("tensors") : nullptr;
    return tensors != nullptr && tensors->is_array() ? json::value(tensors->get_array().size())
                                                     : json::value();
}

json::value mirror_json(const ArtifactLook& look)
{
    if (!look.mirror) {
        return nullptr;
    }
    return json::object{{"all", pile_json(look.mirror->all)},
                        {"there", pile_json(look.mirror->there)},
                        {"inlined", pile_json(look.mirror->inlined)},
                        {"copied", pile_json(look.mirror->copied)},
                        {"copy_only", look.mirror->copy_only}};
}

json::value target_json(const ArtifactLook& look)
{
    if (!look.target) {
        return nullptr;
    }
    return json::object{{"repo", look.target->text()},
                        {"head", look.head ? json::value(look.head->text()) : json::value()},
                        {"state", name_of(look.standing)},
                        {"private", look.is_private},
                        {"messages", texts(look.messages)},
                        {"earlier_entry", look.earlier.empty() ? json::value() : json::value(look.earlier)}};
}

json::value filing_json(const ArtifactLook& look)
{
    if (!look.filing) {
        return nullptr;
    }
    return json::object{
        {"title", look.filing->title.empty() ? json::value() : json::value(look.filing->title)},
        {"slug", look.filing->slug ? json::value(*look.filing->slug) : json::value()},
        {"exists", look.filing->known ? json::value(look.filing->slug.has_value()) : json::value()}};
}

} // namespace

json::value look_json(const ArtifactLook& look)
{
    if (!look.configured && look.problems.empty()) {
        return nullptr;
    }
    json::object out;
    out["sources"] = sources_json(look);
    out["inspection"] = inspection_part(look);
    out["tensors"] = tensors_json(look);
    out["mirror"] = mirror_json(look);
    out["licenses"] = pile_json(look.licenses);
    out["removals"] = texts(look.removals);
    out["fetch_bytes"] = number(look.fetch);
    out["staged_bytes"] = look.staged;
    out["send_bytes"] = number(look.send);
    out["send_is_estimate"] = look.send_is_estimate;
    out["target"] = target_json(look);
    out["may_write"] =
        look.may_write == MayWrite::unknown ? json::value() : json::value(look.may_write == MayWrite::yes);
    out["may_write_reason"] =
        look.may_write_reason.empty() ? json::value() : json::value(look.may_write_reason);
    out["scratch"] = json::object{{"needed_bytes", number(look.scratch_needed)},
                                  {"is_estimate", look.scratch_is_estimate},
                                  {"free_bytes", number(look.scratch_free)}};
    out["collection"] = filing_json(look);
    json::array problems;
    for (const Error& problem : look.problems) {
        problems.push_back(json::object{{"code", name_of(problem.code())},
                                        {"place", problem.place()},
                                        {"reason", problem.reason()},
                                        {"hint", problem.hint()}});
    }
    out["problems"] = std::move(problems);
    return out;
}

} // namespace skw::publish

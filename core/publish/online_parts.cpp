// SPDX-License-Identifier: Apache-2.0
// The questions of a look ahead.
#include "publish/online_parts.hpp"

#include "hub/account.hpp"
#include "publish/card_facts.hpp"
#include "publish/inspect.hpp"
#include "publish/mirror.hpp"
#include "publish/preconditions.hpp"
#include "publish/target_guard.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

const json::array* find_list(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
}

std::optional<std::uint64_t> find_size(const json::object& totals, std::string_view name)
{
    const json::value* value = totals.if_contains(name);
    boost::system::error_code failure;
    const std::uint64_t number =
        value != nullptr && value->is_number() ? value->to_number<std::uint64_t>(failure) : 0;
    return value != nullptr && value->is_number() && !failure ? std::optional(number) : std::nullopt;
}

std::string text_of(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? printable(value->get_string()) : std::string();
}

// Every file that the plan may mirror: which of them the plugin takes shows when it runs.
std::vector<plugin::MirroredFile> declared_by(const json::object& plan, const Facts& facts)
{
    std::vector<plugin::MirroredFile> declared;
    const json::array* mirrors = find_list(plan, "mirrors");
    for (const json::value& mirror : mirrors != nullptr ? *mirrors : json::array()) {
        const std::string_view id = mirror.at("input").as_string();
        for (const PinnedInput& input : facts.inputs) {
            for (const hub::RemoteFile& file : input.tree.files) {
                const std::string& path = file.path.text();
                if (input.id == id && path != "README.md" && path != ".gitattributes") {
                    declared.push_back({input.id, {path, file.size, file.sha256, file.blob_id}});
                }
            }
        }
    }
    return declared;
}

// What a plugin that cannot look says in its plan.
void take_totals(const json::object& plan, ArtifactLook& look)
{
    const json::value* totals = plan.if_contains("totals");
    if (totals != nullptr && totals->is_object()) {
        look.fetch = find_size(totals->get_object(), "fetch_bytes");
        look.send = find_size(totals->get_object(), "send_bytes");
        look.scratch_needed = find_size(totals->get_object(), "scratch_bytes");
    }
}

} // namespace

void look_at_sources(const Facts& facts, ArtifactLook& look)
{
    for (const PinnedInput& input : facts.inputs) {
        SourceLook source{input.id, input.tree.repo, input.tree.commit, input.tree.files.size(), 0};
        for (const hub::RemoteFile& file : input.tree.files) {
            source.bytes += file.size;
        }
        look.sources.push_back(std::move(source));
    }
}

void inspect_source(const Looking& at, ArtifactLook& look)
{
    const PinnedInput* source = find_source(at.facts, at.plan);
    if (source == nullptr || !at.artifact.can_inspect()) {
        take_totals(at.plan, look);
        return;
    }
    Inspection found =
        inspect_input(*source, look.kind, inspect_options(at.request.entry, at.artifact.kind()), at.kinds,
                      at.hub, at.options.stop, at.observer);
    for (const json::value& refusal : found.document.at("refusals").as_array()) {
        const json::object& one = refusal.as_object();
        look.problems.emplace_back(ErrorCode::unsupported, text_of(one, "place"), text_of(one, "message"),
                                   text_of(one, "hint"));
    }
    const json::object& totals = found.document.at("totals").as_object();
    look.fetch = find_size(totals, "fetch_bytes");
    look.send = find_size(totals, "output_bytes");
    // What a tool of its own makes is known when it is made; a plugin knows its own outputs.
    look.send_is_estimate = uploads_by_tool(at.plan);
    look.scratch_needed = find_size(totals, "scratch_bytes");
    look.scratch_is_estimate = look.scratch_needed.has_value();
    if (!look.scratch_needed) {
        look.scratch_needed = look.send;
    }
    if (look.fetch && uploads_by_tool(at.plan)) {
        look.staged = std::min(*look.fetch, staged_bytes(at));
    }
    look.inspection = std::move(found.document);
}

void compare_listings(const Looking& at, ArtifactLook& look)
{
    const std::vector<plugin::MirroredFile> declared = declared_by(at.plan, at.facts);
    const Mirror mirror = compare_mirror(at.plan, at.facts, declared, hash_small_files(at.hub));
    for (const RepoPath& path : mirror.removals) {
        look.removals.push_back(path.text());
    }
    MirrorLook piles;
    std::uint64_t small = 0; // all of these are read: the card names every file's SHA-256
    for (const MirrorPiece& piece : mirror.pieces) {
        const hub::RemoteFile& file = piece.file;
        if (declared.empty()) {
            if (!piece.at_target) {
                look.licenses.add(file.size);
            }
            continue;
        }
        piles.all.add(file.size);
        small += file.sha256 ? 0 : file.size;
        if (piece.at_target) {
            piles.there.add(file.size);
        } else if (file.sha256) {
            piles.copied.add(file.size);
            piles.copy_only =
                piles.copy_only ||
                (piece.input->info.gated && piece.input->tree.repo.owner() != at.facts.target.repo.owner());
        } else {
            piles.inlined.add(file.size);
        }
    }
    if (declared.empty()) {
        return;
    }
    look.fetch = small;
    look.send = piles.inlined.bytes;
    look.mirror = piles;
    const json::array* outputs = find_list(at.plan, "outputs");
    if (mirror.changes_nothing() && (outputs == nullptr || outputs->empty()) && !at.request.force &&
        at.facts.target.head) {
        const RunOptions options{};
        const Work work{at.request, at.offline, at.artifact, at.hub, options, at.observer};
        if (says_the_same(at.facts.target, make_card_facts(work, at.plan, at.facts, {}))) {
            look.standing = Standing::same_files;
            look.fetch = 0;
        }
    }
}

void judge_target(const Looking& at, ArtifactLook& look)
{
    const TargetState& target = at.facts.target;
    if (at.plan.contains("up_to_date")) {
        look.standing = Standing::up_to_date;
        return;
    }
    if (!target.head) {
        look.standing = Standing::absent;
        return;
    }
    try {
        refuse_foreign_target(target, at.plan, at.request.force);
    } catch (const Error&) {
        look.standing = Standing::foreign;
        throw;
    }
    if (look.standing == Standing::same_files) {
        return;
    }
    look.standing = Standing::free;
    if (is_ours(target, at.plan)) {
        look.standing = Standing::ours;
    } else if (at.request.force) {
        try {
            refuse_foreign_target(target, at.plan, false);
        } catch (const Error&) {
            look.standing = Standing::replaced;
        }
    }
}

void ask_rights(const Looking& at, ArtifactLook& look)
{
    if (!at.options.has_token) {
        look.may_write_reason = "HF_TOKEN is not set";
        return;
    }
    const TargetState& target = at.facts.target;
    try {
        if (target.head) {
            at.hub.check_write(target.repo);
            look.may_write = MayWrite::yes;
            return;
        }
        at.hub.check_create(target.repo.owner());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_authorised) {
            look.may_write = MayWrite::no;
            look.may_write_reason = printable(error.reason());
        }
        if (at.plan.contains("up_to_date") && error.code() != ErrorCode::cancelled) {
            return; // nothing would be written
        }
        throw;
    }
    const auto account = at.hub.find_account();
    const hub::WriteRight right = account ? right_to_write(*account, target.repo.owner())
                                          : hub::WriteRight{hub::WriteRight::May::unclear,
                                                            "this Hub does not tell the token's account",
                                                            {}};
    if (right.may == hub::WriteRight::May::yes) {
        look.may_write = MayWrite::yes;
    } else {
        look.may_write_reason = right.reason;
    }
}

void find_filing(const Looking& at, ArtifactLook& look)
{
    if (!at.request.collection.on()) {
        return;
    }
    look.filing = FilingLook{at.offline.kind.collection_title, std::nullopt, false};
    FilingLook& filing = *look.filing;
    if (!filing.title.empty()) {
        const auto found = at.hub.find_collection(at.facts.target.repo.owner(), filing.title);
        filing.slug = found ? std::optional(found->slug) : std::nullopt;
        filing.known = true;
        return;
    }
    try {
        filing.slug = require_collection(at.hub, *at.request.collection.slug).slug;
        filing.known = true;
    } catch (const Error& error) {
        filing.known = error.code() == ErrorCode::not_found;
        throw;
    }
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The document of a reviewed plan: written, and read from whoever has had it in between.
#include "publish/reviewed_plan.hpp"

#include "publish/preconditions.hpp"
#include "support/clock.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <algorithm>
#include <map>

namespace skw::publish {
namespace {

constexpr const char* schema = "skw.reviewed_plan/1";
constexpr const char* program_name = "skulk-weights";
constexpr const char* next_step = "make a new plan with --plan-out, and review it";

json::value or_null(const std::optional<std::string>& text)
{
    return text ? json::value(*text) : json::value();
}

// Every member is compared with what is found when the plan runs; what only informs is not in it.
json::object artifact_json(const ArtifactPlan& plan, const ArtifactLook& look, const Kinds& kinds)
{
    const plugin::Candidate& plugin = kinds.artifact(plan.kind.name).plugin();
    json::object out;
    out["kind"] = plan.kind.name;
    out["configured"] = plan.configured;
    out["plugin"] = json::object{
        {"id", plugin.id}, {"version", plugin.version}, {"library_sha256", plugin.library_sha256}};
    if (!plan.configured) {
        return out;
    }
    json::object tools;
    for (const auto& [name, sha256] : hash_tools(plan.document.as_object())) {
        tools[name] = sha256;
    }
    out["tools"] = std::move(tools);
    out["plan"] = look.pins->document;
    json::array sources;
    for (const SourceLook& source : look.sources) {
        sources.push_back(json::object{
            {"id", source.id}, {"repo", source.repo.text()}, {"revision", source.commit.text()}});
    }
    out["sources"] = std::move(sources);
    out["target"] = json::object{{"repo", look.target->text()}, {"head", or_null(look.pins->head)}};
    return out;
}

json::object entry_json(const Reviewing& reviewing, std::size_t at)
{
    const Plan& plan = reviewing.plans[at];
    const Request& request = plan.request;
    json::object out;
    out["key"] = request.entry.key;
    out["fields"] = reviewing.catalog.find(request.entry.key)->fields;
    json::array asked;
    for (const std::string& kind : request.artifacts) {
        asked.emplace_back(kind);
    }
    out["asked"] = std::move(asked);
    out["pass_over"] = request.pass_over;
    out["force"] = request.force;
    out["scratch"] = request.scratch;
    out["collection"] = or_null(request.collection.slug);
    json::array artifacts;
    for (std::size_t i = 0; i < plan.artifacts.size(); ++i) {
        artifacts.push_back(
            artifact_json(plan.artifacts[i], reviewing.looks[at].artifacts.at(i), reviewing.kinds));
    }
    out["artifacts"] = std::move(artifacts);
    return out;
}

// What a later version may add has to change the schema: nothing in a plan may go unread.
void refuse_others(const Reader& in, std::initializer_list<std::string_view> known)
{
    const json::object* object = in.value().if_object();
    for (const auto& member : object != nullptr ? *object : json::object()) {
        const std::string_view name = member.key();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            in.fault(name, "is not known here");
        }
    }
}

json::object object_of(const Reader& in, std::string_view name)
{
    const Reader inner = in.object(name);
    return inner.value().is_object() ? inner.value().get_object() : json::object();
}

bool yes_or_no(const Reader& in, std::string_view name)
{
    if (!in.has(name)) {
        in.fault(name, "is missing");
    }
    return in.boolean(name, false);
}

std::string commit_of(const Reader& in, std::string_view name)
{
    std::string text = in.string(name);
    if (!CommitId::parse(text)) {
        in.fault(name, "must be a full commit id");
    }
    return text;
}

// The repositories stand twice, for the reader and for the plugin: they have to be the same.
Pins read_pins(const Reader& in)
{
    const Reader plan = in.object("plan");
    Pins pins{plan.value().is_object() ? plan.value().get_object() : json::object(), {}, {}};
    std::map<std::string, std::string> inputs;
    plan.each("inputs", [&](const Reader& input) { return inputs[input.string("id")] = input.string("repo"); });
    in.each("sources", [&](const Reader& source) {
        refuse_others(source, {"id", "repo", "revision"});
        const std::string id = source.string("id");
        if (!pins.revisions.emplace(id, commit_of(source, "revision")).second) {
            source.fault("id", "stands twice");
        }
        const auto input = inputs.find(id);
        if (input == inputs.end() || input->second != source.string("repo")) {
            source.fault("repo", "is not what the plan reads");
        }
        return id;
    });
    if (pins.revisions.size() != inputs.size()) {
        in.fault("sources", "must be all that the plan reads");
    }
    const Reader target = in.object("target");
    refuse_others(target, {"repo", "head"});
    if (target.string("repo") != plan.object("target").string("repo")) {
        target.fault("repo", "is not the target of the plan");
    }
    if (target.has("head")) {
        pins.head = commit_of(target, "head");
    }
    return pins;
}

ReviewedArtifact read_artifact(const Reader& in)
{
    refuse_others(in, {"kind", "configured", "plugin", "tools", "plan", "sources", "target"});
    ReviewedArtifact artifact{in.string("kind"), yes_or_no(in, "configured"), {}, {}, {}};
    const Reader plugin = in.object("plugin");
    refuse_others(plugin, {"id", "version", "library_sha256"});
    artifact.plugin = {plugin.string("id"), plugin.string("version"), plugin.string("library_sha256")};
    if (artifact.configured) {
        const Reader tools = in.object("tools");
        for (const auto& member : object_of(in, "tools")) {
            artifact.tools[std::string(member.key())] = tools.string(member.key());
        }
        artifact.pins = read_pins(in);
    }
    return artifact;
}

void refuse_twice(const Reader& in, std::string_view name, std::vector<std::string> list)
{
    std::ranges::sort(list);
    if (std::ranges::adjacent_find(list) != list.end()) {
        in.fault(name, "holds something twice");
    }
}

ReviewedEntry read_entry(const Reader& in)
{
    refuse_others(in, {"key", "fields", "asked", "pass_over", "force", "scratch", "collection", "artifacts"});
    ReviewedEntry entry;
    entry.key = in.string("key");
    entry.fields = object_of(in, "fields");
    entry.asked = in.strings("asked");
    entry.pass_over = yes_or_no(in, "pass_over");
    entry.force = yes_or_no(in, "force");
    entry.scratch = in.string("scratch");
    if (!entry.scratch.starts_with('/') || printable(entry.scratch) != entry.scratch) {
        in.fault("scratch", "must be an absolute path");
    }
    entry.collection = in.find_string("collection");
    entry.artifacts = in.each("artifacts", read_artifact);
    std::vector<std::string> kinds;
    for (const ReviewedArtifact& artifact : entry.artifacts) {
        kinds.push_back(artifact.kind);
    }
    refuse_twice(in, "artifacts", std::move(kinds));
    refuse_twice(in, "asked", entry.asked);
    return entry;
}

std::string read_version(const Reader& in)
{
    const Reader program = in.object("program");
    refuse_others(program, {"name", "version"});
    if (program.string("name") != program_name) {
        program.fault("name", "must be skulk-weights");
    }
    return program.string("version");
}

// One run has one scratch folder.
void refuse_other_scratches(const Reader& in, const std::vector<ReviewedEntry>& entries)
{
    if (std::ranges::any_of(entries, [&](const ReviewedEntry& entry) {
            return entry.scratch != entries.front().scratch;
        })) {
        in.fault("entries", "must all have the same scratch");
    }
}

Error unusable(std::string_view place, const std::string& reason)
{
    return Error(ErrorCode::stale_plan, std::string(place), reason, next_step);
}

json::object parse_signed(std::string_view text, std::string_view place)
{
    const std::string damaged = "the plan file was edited or damaged: ";
    json::value value;
    try {
        value = parse_json(text, place, {.bytes = largest_plan_file});
    } catch (const Error& error) {
        throw unusable(place, damaged + printable(error.reason(), 300));
    }
    json::object* document = value.if_object();
    const json::value* name = document != nullptr ? document->if_contains("schema") : nullptr;
    if (name == nullptr || !name->is_string() || name->get_string() != schema) {
        throw unusable(place, std::string("is not a reviewed plan: its schema is not ") + schema);
    }
    const json::value* digest = document->if_contains("sha256");
    const std::string told =
        digest != nullptr && digest->is_string() ? std::string(digest->get_string()) : std::string();
    const std::string found = digest_of(*document);
    if (told != found) {
        throw unusable(place, damaged + "its name is " + (told.empty() ? "missing" : printable(told, 64)) +
                                  ", the SHA-256 of what it holds is " + found);
    }
    return std::move(*document);
}

} // namespace

std::string digest_of(const json::object& document)
{
    json::object rest = document;
    rest.erase("sha256");
    return sha256_of(canonical_json(rest)).hex();
}

std::string reviewed_plan_text(const json::object& document)
{
    std::string text = pretty_json(document);
    try {
        parse_reviewed_plan(text, "");
    } catch (const Error& error) {
        throw Error(ErrorCode::unsupported, "",
                    "the plan could not be read again, so it was not written: " + std::string(error.reason()),
                    "plan fewer entries at once; an entry of simpler fields");
    }
    return text;
}

json::object make_reviewed_plan(const Reviewing& reviewing)
{
    json::object out;
    out["schema"] = schema;
    out["program"] = json::object{{"name", program_name}, {"version", SKW_VERSION}};
    out["made"] = utc_text(reviewing.now);
    out["endpoint"] = reviewing.endpoint;
    json::array settings;
    for (const Setting& setting : reviewing.settings) {
        settings.push_back(json::object{{"field", setting.field}, {"value", setting.value}});
    }
    out["settings"] = std::move(settings);
    json::array entries;
    for (std::size_t i = 0; i < reviewing.plans.size(); ++i) {
        entries.push_back(entry_json(reviewing, i));
    }
    out["entries"] = std::move(entries);
    if (holds_secret(canonical_json(out))) {
        throw Error(ErrorCode::contract, "", "the plan would show a token to everybody; it was not written",
                    "look for a token in the catalog entry and in what the plugin says");
    }
    out["sha256"] = digest_of(out);
    return out;
}

ReviewedPlan parse_reviewed_plan(std::string_view text, std::string_view place)
{
    const json::value document = parse_signed(text, place);
    Findings findings{std::string(place)};
    const Reader in(document, findings);
    refuse_others(in, {"schema", "program", "made", "endpoint", "settings", "entries", "sha256"});
    ReviewedPlan plan;
    plan.sha256 = in.string("sha256");
    plan.version = read_version(in);
    in.string("made");
    plan.endpoint = in.string("endpoint");
    plan.settings = in.each("settings", [](const Reader& setting) {
        refuse_others(setting, {"field", "value"});
        const json::value* value =
            setting.value().is_object() ? setting.value().get_object().if_contains("value") : nullptr;
        return Setting{setting.string("field"), value != nullptr ? *value : json::value()};
    });
    std::vector<std::string> keys;
    plan.entries = in.each("entries", [&](const Reader& entry) {
        ReviewedEntry read = read_entry(entry);
        keys.push_back(read.key);
        return read;
    });
    refuse_twice(in, "entries", std::move(keys));
    if (plan.entries.empty()) {
        in.fault("entries", "must hold at least one entry");
    }
    refuse_other_scratches(in, plan.entries);
    if (!findings.empty()) {
        throw unusable(place, "does not hold what a reviewed plan holds: " +
                                  printable(findings.lines().front(), 300));
    }
    return plan;
}

ReviewedPlan read_reviewed_plan(const std::string& path)
{
    std::string text;
    try {
        text = read_file(path, largest_plan_file);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::bad_input) {
            throw;
        }
        throw unusable(path, "is too large for a plan: " + std::string(error.reason()));
    }
    return parse_reviewed_plan(text, path);
}

} // namespace skw::publish

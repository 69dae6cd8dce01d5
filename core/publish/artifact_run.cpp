// SPDX-License-Identifier: Apache-2.0
// One artifact from its plan to its commit and its collection.
#include "publish/artifact_run.hpp"

#include "card/card.hpp"
#include "plugin/staging.hpp"
#include "publish/plan_checks.hpp"
#include "publish/target_guard.hpp"
#include "support/clock.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <skw/plugin.h>

#include <algorithm>

namespace skw::publish {
namespace {

// plugin::Events of one execution, told on to the observer.
class Telling : public plugin::Events {
public:
    Telling(Observer& observer, std::string_view kind) : observer_(&observer), kind_(kind) {}

    void log(int level, std::string_view text) override
    {
        if (level <= SKW_LOG_WARNING) {
            observer_->warning(std::string(kind_) + ": " + std::string(text));
        } else if (level == SKW_LOG_INFO) {
            observer_->line(kind_, text);
        } else {
            observer_->detail(std::string(kind_) + ": " + std::string(text));
        }
    }
    void progress(std::string_view, std::uint64_t done, std::uint64_t total) override
    {
        observer_->progress(kind_, Observer::Stage::making, done, total);
    }

private:
    Observer* observer_;
    std::string_view kind_;
};

// The staged files of an execution, removed at the end whatever happens.
class StagedFiles {
public:
    explicit StagedFiles(const std::vector<plugin::StagedOutput>& outputs) : outputs_(outputs) {}
    ~StagedFiles()
    {
        for (const plugin::StagedOutput& output : outputs_) {
            std::error_code ignored;
            std::filesystem::remove(output.file, ignored);
        }
    }
    StagedFiles(const StagedFiles&) = delete;
    StagedFiles& operator=(const StagedFiles&) = delete;

private:
    std::vector<plugin::StagedOutput> outputs_;
};

std::string text_member(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> up_to_date_messages(const json::object& plan)
{
    std::vector<std::string> messages;
    if (const json::value* nothing_left = plan.if_contains("up_to_date")) {
        for (const json::value& message : nothing_left->at("messages").as_array()) {
            messages.push_back(printable(std::string_view(message.as_string())));
        }
    }
    return messages;
}

// The pinned input that the card names as the source.
const PinnedInput* find_source(const Facts& facts, std::string_view repo)
{
    const auto found = std::find_if(facts.inputs.begin(), facts.inputs.end(),
                                    [&](const PinnedInput& input) { return input.tree.repo.text() == repo; });
    return found != facts.inputs.end() ? &*found : facts.inputs.empty() ? nullptr : &facts.inputs.front();
}

} // namespace

ArtifactReport ArtifactRun::publish()
{
    const auto begin = std::chrono::steady_clock::now();
    ArtifactReport report;
    report.kind = kind();
    const json::object& shown = offline_.document.as_object();
    check_target(shown, request_, artifact_.plugin());
    Facts facts = read_facts(hub_, shown);
    report.repo = facts.target.repo.text();
    if (const PinnedInput* source =
            find_source(facts, text_member(shown.at("card").as_object(), "source_repo"))) {
        report.source_repo = source->tree.repo.text();
        report.source_revision = source->tree.commit.text();
    }
    const json::object plan = pinned_plan(facts);
    if (plan.contains("up_to_date")) {
        report.outcome = "up_to_date";
        report.messages = up_to_date_messages(plan);
        for (const std::string& message : report.messages) {
            observer_.line(kind(), message);
        }
        remove_leftovers(shown);
    } else {
        if (!request_.force) {
            refuse_foreign_target(facts.target, plan);
        }
        if (facts.target.head) {
            hub_.check_write(facts.target.repo); // before gigabytes are read for nothing
        }
        make_and_commit(plan, facts, report);
        report.outcome = "published";
    }
    if (request_.collection.on()) {
        file(facts.target.repo, report);
    }
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

// What a run that was killed after its commit has staged. Another run that is at work keeps its files.
void ArtifactRun::remove_leftovers(const json::object& plan) const
{
    std::error_code ignored;
    for (const json::value& output : plan.at("outputs").as_array()) {
        const std::filesystem::path file = options_.scratch / std::string_view(output.at("file").as_string());
        if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(file, ignored))) {
            continue;
        }
        try {
            const std::shared_ptr<const void> lease = plugin::lease_scratch_root(options_.scratch);
            std::filesystem::remove(file, ignored);
        } catch (const Error& error) {
            observer_.detail(kind() + ": " + file.string() +
                             " is left where it is: " + std::string(error.reason()));
        }
    }
}

json::object ArtifactRun::pinned_plan(const Facts& facts)
{
    json::value plan = artifact_.plan(plan_request(request_, kind(), facts.document));
    check_same_work(offline_.document.as_object(), plan.as_object(), artifact_.plugin());
    for (const json::value& warning :
         plan.as_object().contains("warnings") ? plan.at("warnings").as_array() : json::array()) {
        observer_.warning(kind() + ": " + printable(std::string_view(warning.as_string())));
    }
    return std::move(plan.as_object());
}

std::string ArtifactRun::card_text(const json::object& plan, const Facts& facts,
                                   const plugin::CardNotes& notes) const
{
    const json::object& told = plan.at("card").as_object();
    card::CardFacts card;
    card.repo = facts.target.repo.text();
    card.artifact_type = text_member(told, "artifact_type");
    card.source_repo = text_member(told, "source_repo");
    card.target_model = text_member(told, "target_model");
    if (const std::string quant = text_member(told, "quant"); !quant.empty()) {
        card.quant = quant;
    }
    if (const PinnedInput* source = find_source(facts, card.source_repo)) {
        card.source_revision = source->tree.commit.text();
        card.license = card::read_license(source->info.card_data);
    }
    card.catalog_key = request_.entry.key;
    card.extracted_with = std::string("skulk-weights ") + SKW_VERSION;
    card.generated_at = utc_text(options_.now);
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
        observer_.warning(kind() + ": the source names no license; the card says that the source's applies");
    }
    return card::make_card(card);
}

// A plugin knows its input by an id; which repo at which commit that is stands here.
plugin::Execution ArtifactRun::execute(const plugin::ExecuteRequest& request, const ArtifactReport& report)
{
    try {
        return artifact_.execute(request);
    } catch (const Error& error) {
        const std::string repo = report.source_repo.value_or("");
        if (error.code() == ErrorCode::cancelled ||
            std::string_view(error.what()).find(repo) != std::string_view::npos) {
            throw;
        }
        throw error.inside(repo + "@" + report.source_revision.value_or("").substr(0, 12));
    }
}

void ArtifactRun::make_and_commit(const json::object& plan, Facts& facts, ArtifactReport& report)
{
    std::error_code error;
    std::filesystem::create_directories(options_.scratch, error);
    if (error) {
        throw Error(ErrorCode::io, options_.scratch.string(),
                    "cannot make the scratch folder: " + error.message(),
                    "choose another one with --scratch");
    }
    HubSources sources(hub_, facts.inputs);
    Telling events(observer_, kind());
    plugin::ExecuteRequest request;
    request.plan = plan;
    request.scratch_root = options_.scratch;
    request.sources = &sources;
    request.events = &events;
    request.stop = options_.stop;
    // Its lease of the scratch folder holds until the staged files are sent.
    plugin::Execution execution = execute(request, report);
    const StagedFiles staged(execution.outputs);
    check_outputs(plan, execution, artifact_.plugin());
    if (const json::value* metrics = execution.result.as_object().if_contains("metrics")) {
        report.metrics = *metrics;
    }
    report.commit = std::string(commit(plan, facts, execution, report).text());
}

CommitId ArtifactRun::commit(const json::object& plan, Facts& facts, const plugin::Execution& execution,
                             ArtifactReport& report)
{
    const RepoId& target = facts.target.repo;
    std::vector<hub::Addition> additions;
    std::string first_path;
    for (const json::value& output : plan.at("outputs").as_array()) {
        const auto staged =
            std::find_if(execution.outputs.begin(), execution.outputs.end(),
                         [&](const plugin::StagedOutput& o) { return o.id == output.at("id").as_string(); });
        const RepoPath path = RepoPath::parse(output.at("path").as_string()).value();
        additions.push_back({path, staged->file, staged->size, staged->sha256});
        first_path = first_path.empty() ? path.text() : first_path;
    }
    const std::string readme = card_text(plan, facts, execution.card);
    const std::string summary = text_member(plan.at("target").as_object(), "commit_message");
    if (holds_secret(readme) || holds_secret(summary)) {
        throw Error(
            ErrorCode::contract, "hf://" + target.text(),
            "the card would show a token to everybody; nothing was published",
            "look for a token in the catalog entry, in the source's card and in what the plugin says");
    }
    additions.push_back({RepoPath::parse("README.md").value(), readme, readme.size(), sha256_of(readme)});

    observer_.line(kind(), "atomically publishing weights and card to hf://" + target.text());
    if (!facts.target.head) {
        // As late as this, so that a run which fails earlier leaves no empty repo behind.
        const bool made = hub_.create_repo(target);
        facts.target.head = hub_.read_repo(target).head;
        if (!made) {
            refuse_if_filled(hub_.read_tree(target, *facts.target.head));
        }
    }
    hub::CommitRequest request{target, *facts.target.head, summary, "", std::move(additions), {}};
    const hub::CommitOutcome outcome = hub_.commit(request, [this](std::uint64_t sent, std::uint64_t total) {
        observer_.progress(kind(), Observer::Stage::uploading, sent, total);
    });
    if (const auto* moved = std::get_if<hub::HeadMoved>(&outcome)) {
        throw Error(ErrorCode::conflict, "hf://" + target.text(),
                    "somebody else committed (" + std::string(moved->head.text().substr(0, 12)) +
                        ") while this publish ran; nothing of ours was committed",
                    "run the same command again");
    }
    const CommitId id = std::get<hub::Committed>(outcome).commit;
    for (const hub::Addition& addition : request.additions) {
        report.files.push_back({addition.path.text(), addition.size, addition.sha256.hex()});
    }
    observer_.line(kind(),
                   "published hf://" + target.text() + "/" + first_path + " at " + std::string(id.text()));
    return id;
}

void ArtifactRun::file(const RepoId& target, ArtifactReport& report)
{
    const std::string& title = offline_.kind.collection_title;
    const collection::Filed filed = title.empty()
                                        ? collection::file_by_slug(hub_, target, *request_.collection.slug)
                                        : collection::file_by_title(hub_, target, title);
    report.collection = filed.slug;
    observer_.detail(kind() + ": " + (filed.newly_added ? "filed in " : "already filed in ") + filed.slug);
}

} // namespace skw::publish

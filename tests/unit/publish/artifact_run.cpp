// SPDX-License-Identifier: Apache-2.0
// One artifact of any kind, from its plan to its collection, on a local Hub: what a third party's plugin
// gets.
#include "publish/artifact_run.hpp"

#include "../hub/fixture.hpp"
#include "support/version.hpp"

#include <boost/test/unit_test.hpp>

namespace {

namespace fs = std::filesystem;
namespace json = skw::json;
using skw::publish::ArtifactReport;
using skw::publish::Outcome;

constexpr const char* source = "lab/model";
constexpr const char* target = "acme/zoo";

// A plugin's side of a publish, without a library.
class FakeArtifact : public skw::plugin::Artifact {
public:
    FakeArtifact() { candidate_.id = "org.example.zoo"; }
    const skw::plugin::Kind& kind() const override { return kind_; }
    const skw::plugin::Candidate& plugin() const override { return candidate_; }
    bool can_execute() const override { return true; }
    bool can_doctor() const override { return false; }
    bool can_inspect() const override { return false; }
    json::value inspect(const skw::plugin::InspectRequest&) override { return {}; }
    json::value describe() override { return {}; }
    std::vector<skw::plugin::Finding> validate(const json::object&) override { return {}; }
    json::value doctor(const json::value&, skw::plugin::Events*, std::stop_token) override { return {}; }
    json::value plan(const json::value&) override { return document; }
    skw::plugin::Execution execute(const skw::plugin::ExecuteRequest& request) override
    {
        return work(request);
    }

    json::value document;
    std::function<skw::plugin::Execution(const skw::plugin::ExecuteRequest&)> work;

private:
    skw::plugin::Kind kind_{"zoo", "Zoo", "Zoo Artifacts", {}};
    skw::plugin::Candidate candidate_;
};

class Lines : public skw::publish::Observer {
public:
    void entry(std::string_view, std::size_t, std::size_t) override {}
    void line(std::string_view kind, std::string_view text) override
    {
        all.push_back(std::string(kind) + ": " + std::string(text));
    }
    void warning(std::string_view text) override { all.push_back("warning: " + std::string(text)); }
    void detail(std::string_view) override {}
    void failed(const skw::Error& error) override { all.push_back(std::string("failed: ") + error.what()); }
    void progress(std::string_view, Stage, Amount) override {}

    bool has(std::string_view text) const
    {
        return std::any_of(all.begin(), all.end(),
                           [&](const std::string& line) { return line.find(text) != std::string::npos; });
    }
    std::vector<std::string> all;
};

json::value plan_of(const char* steps, const char* outputs)
{
    return skw::parse_json(
        std::string(R"({"schema":"skw.plan/1","kind":"zoo","configured":true,"summary":[],
        "inputs":[{"id":"source","repo":"lab/model","revision":null,"patterns":["*"]}],"outputs":)") +
            outputs + R"(,"target":{"repo":"acme/zoo","commit_message":"Add zoo"},"steps":)" + steps +
            R"(,"card":{"artifact_type":"zoo","source_repo":"lab/model","target_model":"lab/model",
                               "quant":null,"tags":[],"about":"About.","usage":"Usage."},"tools":[]})",
        "");
}

constexpr const char* one_output =
    R"([{"id":"out","repo":"acme/zoo","path":"a.bin","file":"a.bin","size":null}])";
constexpr const char* tool_step = R"([{"id":"up","title":"t","kind":"tool","uploads":"made"}])";

struct Bench {
    Bench()
    {
        hub.repo = *skw::RepoId::parse(source);
        hub.publish({skw::test::text_addition("LICENSE", "terms\n"),
                     skw::test::text_addition("README.md", "---\nlicense: apache-2.0\n---\n")});
        request.entry.key = "acme/entry";
        request.entry.hf_repo = "acme/vindex";
        request.scratch = "S";
        request.collection.slug = "acme/other-0123456789abcdef01234567";
        options.scratch = hub.folder.path() / "scratch";
        options.now = std::chrono::system_clock::now();
        fs::create_directories(options.scratch);
    }

    void run()
    {
        skw::publish::ArtifactPlan offline{artifact.kind(), artifact.document, true, "", true, {}};
        const skw::publish::Work work{request, offline, artifact, *hub.client, options, lines};
        skw::publish::ArtifactRun(work, report).publish();
    }

    // A finished output in the scratch folder.
    skw::plugin::Execution staged(const std::string& content) const
    {
        const fs::path file = options.scratch / "a.bin";
        skw::write_file_atomically(file, content);
        skw::plugin::Execution execution;
        execution.result = json::object{};
        execution.outputs.push_back({"out", file, content.size(), skw::sha256_of(content)});
        return execution;
    }

    // What a tool has made, and (as the tool would do it, by itself) has uploaded.
    skw::plugin::Execution uploaded(const skw::plugin::ExecuteRequest& asked,
                                    const std::vector<std::pair<std::string, std::string>>& here,
                                    const std::vector<std::pair<std::string, std::string>>& sent)
    {
        variables = asked.target->open("TOOL_ENDPOINT");
        const auto info = hub.client->find_repo(repo());
        was_private = info && info->is_private;
        skw::hub::CommitRequest commit{repo(), info.value().head, "by the tool", "", {}, {}};
        for (const auto& [path, content] : sent) {
            commit.additions.push_back(skw::test::text_addition(path, content));
        }
        hub.client->commit(commit);
        skw::plugin::Execution execution;
        execution.result = json::object{};
        execution.uploaded.emplace();
        fs::create_directories(options.scratch / "made");
        execution.folders.push_back(options.scratch / "made");
        for (const auto& [path, content] : here) {
            const fs::path file = options.scratch / "made" / path;
            skw::write_file_atomically(file, content);
            execution.uploaded->push_back({path, file, content.size(), skw::sha256_of(content)});
        }
        return execution;
    }

    static skw::RepoId repo() { return *skw::RepoId::parse(target); }
    skw::hub::Tree tree() { return hub.client->read_tree(repo(), hub.client->read_repo(repo()).head); }
    std::string content(const std::string& path)
    {
        const skw::hub::Tree now = tree();
        return hub.client->read_file(now.repo, now.commit, *now.find(path), 1u << 20);
    }

    skw::test::LocalHub hub;
    FakeArtifact artifact;
    skw::publish::Request request;
    skw::publish::RunOptions options;
    Lines lines;
    ArtifactReport report;
    std::vector<skw::plugin::EnvironmentVariable> variables;
    bool was_private = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(publish_artifact_run)

BOOST_AUTO_TEST_CASE(a_third_party_kind_is_filed_by_its_title_and_its_facts_are_on_the_card)
{
    Bench bench;
    bench.artifact.document = plan_of("[]", one_output);
    bench.artifact.work = [&](const auto&) {
        skw::plugin::Execution execution = bench.staged("bytes");
        execution.card.facts = {{"animals", "seven | `---`"}};
        execution.card.tags = {"zoo-tag"};
        execution.card.notes = {"Feed <them>."};
        return execution;
    };
    bench.run();
    BOOST_TEST((bench.report.outcome == Outcome::published));
    BOOST_TEST(bench.report.collection.value().starts_with("acme/zoo-artifacts-"));
    const std::string card = bench.content("README.md");
    for (const char* text :
         {"license: apache-2.0\n", "- zoo-tag\n", "animals: ", "Feed \\<them\\>.", "| `a.bin` | 5 | `",
          "Carried along from the source: `LICENSE`", "extracted_with: skulk-weights " SKW_VERSION}) {
        BOOST_TEST(card.find(text) != std::string::npos, text);
    }
    BOOST_TEST(bench.content("LICENSE") == "terms\n");
    BOOST_TEST(!fs::exists(bench.options.scratch / "a.bin"));
}

BOOST_AUTO_TEST_CASE(a_failed_filing_leaves_the_artifact_published)
{
    Bench bench;
    bench.artifact.document = plan_of("[]", one_output);
    bench.artifact.work = [&](const auto&) { return bench.staged("bytes"); };
    bench.hub.once("POST", "/api/collections", "status-400");
    bench.run();
    BOOST_TEST((bench.report.outcome == Outcome::published));
    BOOST_TEST(bench.report.filing_error.has_value());
    BOOST_TEST(bench.report.commit.value() == bench.hub.client->read_repo(Bench::repo()).head.text());
    BOOST_TEST(bench.lines.has("failed to ensure collection acme/'Zoo Artifacts'"));
}

BOOST_AUTO_TEST_CASE(a_tool_finds_a_private_marked_repo_that_is_public_and_described_in_the_end)
{
    Bench bench;
    bench.artifact.document = plan_of(tool_step, "[]");
    const std::string big = skw::test::noise(200'000);
    bench.artifact.work = [&](const auto& asked) {
        return bench.uploaded(asked, {{"index.json", "{}"}, {"big.bin", big}},
                              {{"index.json", "{}"}, {"big.bin", big}});
    };
    bench.run();
    BOOST_TEST(bench.was_private);
    BOOST_TEST((bench.report.outcome == Outcome::published));
    BOOST_TEST(!bench.hub.client->read_repo(Bench::repo()).is_private);
    BOOST_TEST(bench.content("README.md").find("state: publishing") == std::string::npos);
    BOOST_TEST(bench.content("LICENSE") == "terms\n");
    BOOST_TEST(!fs::exists(bench.options.scratch / "made"));
    BOOST_REQUIRE(bench.variables.size() == 2u);
    BOOST_TEST(bench.variables[0].name == "HF_TOKEN");
    BOOST_TEST(bench.variables[1].name == "TOOL_ENDPOINT");
    BOOST_TEST(bench.variables[1].value == bench.hub.server->endpoint());
}

BOOST_AUTO_TEST_CASE(what_the_tool_sent_wrong_is_named_and_stays_hidden)
{
    Bench bench;
    bench.artifact.document = plan_of(tool_step, "[]");
    bench.artifact.work = [&](const auto& asked) {
        return bench.uploaded(asked, {{"a", "right"}, {"b", "here only"}, {"c", "same"}},
                              {{"a", "wrong"}, {"c", "same"}});
    };
    BOOST_CHECK_EXCEPTION(bench.run(), skw::Error, [](const skw::Error& error) {
        return error.reason() == "is not what lies here: a has other content, b is missing";
    });
    BOOST_TEST(bench.hub.client->read_repo(Bench::repo()).is_private);
    BOOST_TEST(bench.content("README.md").find("state: publishing") != std::string::npos);
    BOOST_TEST(fs::exists(bench.options.scratch / "made")); // to be looked at
    BOOST_TEST(bench.lines.has("is not complete"));

    // The next run knows the repo as its own, removes what is not wanted, and shows it.
    bench.artifact.work = [&](const auto& asked) {
        return bench.uploaded(asked, {{"a", "right"}}, {{"a", "right"}});
    };
    bench.run();
    BOOST_TEST(!bench.hub.client->read_repo(Bench::repo()).is_private);
    BOOST_TEST(bench.tree().find("c") == nullptr);
    BOOST_TEST(bench.content("a") == "right");
}

BOOST_AUTO_TEST_CASE(a_repo_that_was_private_before_stays_so_and_it_is_said)
{
    Bench bench;
    bench.hub.client->create_repo(Bench::repo(), true);
    bench.artifact.document = plan_of(tool_step, "[]");
    bench.artifact.work = [&](const auto& asked) {
        return bench.uploaded(asked, {{"a", "x"}}, {{"a", "x"}});
    };
    bench.run();
    BOOST_TEST(bench.hub.client->read_repo(Bench::repo()).is_private);
    BOOST_TEST(bench.lines.has("is private, as it was before"));
}

BOOST_AUTO_TEST_CASE(a_repo_that_the_tool_made_elsewhere_is_reported)
{
    Bench bench;
    bench.artifact.document = plan_of(tool_step, "[]");
    bench.artifact.work = [&](const auto& asked) {
        skw::plugin::Execution execution = bench.uploaded(asked, {{"a", "x"}}, {{"a", "x"}});
        bench.hub.client->create_repo(*skw::RepoId::parse("local/zoo"));
        return execution;
    };
    bench.run();
    BOOST_TEST(bench.lines.has("hf://local/zoo by mistake"));
}

BOOST_AUTO_TEST_CASE(a_missing_tool_is_told_before_the_hub_is_asked)
{
    Bench bench;
    json::value plan = plan_of("[]", one_output);
    plan.as_object()["tools"] = json::array{"no-such-tool-anywhere"};
    bench.artifact.document = plan;
    bench.hub.server->forget_requests();
    BOOST_CHECK_EXCEPTION(bench.run(), skw::Error, [](const skw::Error& error) {
        return error.reason() == "no-such-tool-anywhere is required for zoo publishing";
    });
    BOOST_TEST(bench.hub.server->requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// A look ahead says what is known and how well, and what would end the run.
#include "publish/online.hpp"

#include "publish/online_parts.hpp"

#include "../hub/fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace {

namespace json = skw::json;
using skw::publish::ArtifactLook;
using skw::publish::Standing;

constexpr const char* mirror_plan =
    R"({"outputs":[],"mirrors":[{"input":"source","prune":["*.safetensors","*.json"]}],
        "card":{"source_repo":"lab/v","artifact_type":"vision-sidecar"}})";
constexpr const char* output_plan =
    R"({"outputs":[{"id":"o","repo":"acme/v","path":"a.bin","file":"a.bin","size":null}],
        "card":{"source_repo":"lab/v","artifact_type":"vision-sidecar"}})";

skw::CommitId commit(char digit)
{
    return skw::CommitId::parse(std::string(40, digit)).value();
}

skw::hub::RemoteFile large(const char* path, std::uint64_t size)
{
    return {skw::RepoPath::parse(path).value(),
            size,
            "pointer",
            skw::sha256_of(std::string(path) + std::to_string(size)),
            {}};
}

skw::hub::RemoteFile small(const char* path, const std::string& content)
{
    return {skw::RepoPath::parse(path).value(), content.size(), skw::git_blob_id(content), {}, {}};
}

class NoArtifact : public skw::plugin::Artifact {
public:
    const skw::plugin::Kind& kind() const override { return kind_; }
    const skw::plugin::Candidate& plugin() const override { return candidate_; }
    bool can_execute() const override { return true; }
    bool can_doctor() const override { return false; }
    bool can_inspect() const override { return false; }
    json::value inspect(const skw::plugin::InspectRequest&) override { return {}; }
    json::value describe() override { return {}; }
    std::vector<skw::plugin::Finding> validate(const json::object&) override { return {}; }
    json::value doctor(const json::value&, skw::plugin::Events*, std::stop_token) override { return {}; }
    json::value plan(const json::value&) override { return {}; }
    skw::plugin::Execution execute(const skw::plugin::ExecuteRequest&) override { return {}; }

private:
    skw::plugin::Kind kind_{"zoo", "Zoo", "Zoo Artifacts", {}};
    skw::plugin::Candidate candidate_;
};

class Silent : public skw::publish::Observer {
public:
    void entry(std::string_view, std::size_t, std::size_t) override {}
    void line(std::string_view, std::string_view) override {}
    void warning(std::string_view) override {}
    void detail(std::string_view) override {}
    void failed(const skw::Error&) override {}
    void progress(std::string_view, Stage, Amount) override {}
};

// One artifact whose source and target are made of listings.
struct Bench {
    explicit Bench(const char* plan_text = mirror_plan) : plan(skw::parse_json(plan_text, "").as_object())
    {
        options.scratch = folder.path() / "not/there/yet";
        request.scratch = options.scratch.string();
        look.kind = "zoo";
        look.configured = true;
    }

    skw::publish::Looking at() const
    {
        return {request, offline, plan, facts, artifact, kinds, *hub.client, options, observer};
    }

    void set_target(std::vector<skw::hub::RemoteFile> files, const char* card = nullptr)
    {
        facts.target.head = commit('2');
        facts.target.files = std::move(files);
        if (card != nullptr) {
            facts.target.card = skw::parse_json(card, "").as_object();
        }
    }

    skw::TempFolder folder;
    skw::test::LocalHub hub;
    json::object plan;
    skw::publish::Request request;
    skw::publish::ArtifactPlan offline{{"zoo", "Zoo", "", {}}, {}, true, "", true, {}};
    mutable NoArtifact artifact;
    skw::publish::Kinds kinds{skw::plugin::Inventory{}};
    skw::publish::LookOptions options;
    mutable Silent observer;
    skw::RepoId repo = skw::RepoId::parse("lab/v").value();
    skw::publish::Facts facts{
        {{"source", {repo, commit('1'), {}, {}, false, false}, {repo, commit('1'), {}}, {}}},
        {skw::RepoId::parse("acme/v").value(), {}, false, {}, {}},
        {}};
    ArtifactLook look;
};

constexpr const char* our_card = R"({"foxlight":{"artifact_type":"vision-sidecar"}})";

// What an artifact with all parts looks like.
ArtifactLook whole()
{
    ArtifactLook look;
    look.kind = "mtp";
    look.configured = true;
    look.sources.push_back({"source", skw::RepoId::parse("lab/v").value(), commit('1'), 2, 500});
    look.target = skw::RepoId::parse("acme/v");
    look.head = commit('2');
    look.standing = Standing::ours;
    look.fetch = 1234;
    look.send = 999;
    look.scratch_needed = 999;
    look.scratch_free = 5000;
    look.may_write = skw::publish::MayWrite::yes;
    look.filing = skw::publish::FilingLook{"MTP Sidecars", std::nullopt, true};
    return look;
}

bool has_line(const ArtifactLook& look, const std::string& line)
{
    return ("\n" + look_text(look)).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_online)

BOOST_AUTO_TEST_CASE(one_fact_stands_on_a_line_and_all_values_in_one_column)
{
    BOOST_TEST(look_text(whole()) == "mtp source commit:  1111111111111111111111111111111111111111\n"
                                     "mtp bytes to fetch: 1234 bytes (1.2 kB)\n"
                                     "mtp bytes to send:  999 bytes, and the card\n"
                                     "mtp target head:    2222222222222222222222222222222222222222\n"
                                     "mtp target state:   would be updated\n"
                                     "mtp token:          may write\n"
                                     "mtp scratch:        999 bytes needed, 5.0 kB free\n"
                                     "mtp filed in:       MTP Sidecars, which would be made\n");
}

BOOST_AUTO_TEST_CASE(an_estimate_and_what_is_not_known_are_called_so)
{
    ArtifactLook look = whole();
    look.send_is_estimate = true;
    look.staged = 200;
    BOOST_TEST(has_line(
        look, "mtp bytes to send:  about 999 bytes, an estimate: known after the extract, and the card"));
    BOOST_TEST(has_line(look, "mtp bytes to fetch: 1234 bytes (1.2 kB); 200 of them lie in scratch already"));
    look.send = look.fetch = look.scratch_needed = std::nullopt;
    look.may_write = skw::publish::MayWrite::unknown;
    look.may_write_reason = "HF_TOKEN is not set";
    BOOST_TEST(has_line(look, "mtp bytes to send:  known after it is made, and the card"));
    BOOST_TEST(has_line(look, "mtp bytes to fetch: not known before it is made"));
    BOOST_TEST(has_line(look, "mtp token:          not known: HF_TOKEN is not set"));
    BOOST_TEST(has_line(look, "mtp scratch:        what is needed is not known, 5.0 kB free"));
}

BOOST_AUTO_TEST_CASE(an_artifact_that_was_not_looked_at_has_no_lines_and_no_document)
{
    ArtifactLook look;
    BOOST_TEST(look_text(look) == "");
    BOOST_TEST(look_json(look).is_null());
}

BOOST_AUTO_TEST_CASE(problems_decide_the_exit_code_and_only_the_network_is_temporary)
{
    std::vector<skw::publish::EntryLook> looks{{"acme/a", {whole(), whole()}}};
    BOOST_TEST(exit_code_of(looks) == 0);
    looks[0].artifacts[1].problems.emplace_back(skw::ErrorCode::network, "", "down");
    BOOST_TEST(exit_code_of(looks) == 75);
    looks[0].artifacts[0].problems.emplace_back(skw::ErrorCode::not_found, "", "gone");
    BOOST_TEST(exit_code_of(looks) == 1);
    BOOST_TEST(has_problems(looks));
}

BOOST_AUTO_TEST_CASE(a_mirror_counts_what_is_there_what_is_copied_and_what_goes_inside_the_commit)
{
    Bench bench;
    bench.facts.inputs[0].tree.files = {large("a.safetensors", 1000), large("b.safetensors", 3000),
                                        small("config.json", "new")};
    bench.set_target({small("config.json", "old"), large("a.safetensors", 1000), small("gone.json", "{}")},
                     our_card);
    compare_listings(bench.at(), bench.look);
    const skw::publish::MirrorLook& mirror = bench.look.mirror.value();
    BOOST_TEST(mirror.all.bytes == 4003u);
    BOOST_TEST(mirror.there.files == 1u);
    BOOST_TEST(mirror.copied.bytes == 3000u);
    BOOST_TEST(mirror.inlined.bytes == 3u);
    BOOST_TEST(!mirror.copy_only);
    BOOST_TEST(bench.look.send.value() == 3u);
    BOOST_TEST(bench.look.fetch.value() == 3u);
    BOOST_TEST(bench.look.removals == std::vector<std::string>{"gone.json"});
    bench.facts.inputs[0].info.gated = true;
    bench.look = {};
    compare_listings(bench.at(), bench.look);
    BOOST_TEST(bench.look.mirror->copy_only);
}

BOOST_AUTO_TEST_CASE(licence_files_that_come_along_are_counted_apart)
{
    Bench bench(output_plan);
    bench.facts.inputs[0].license_files = {small("LICENSE", "terms"), small("NOTICE", "ours")};
    bench.set_target({small("NOTICE", "ours")}, our_card);
    compare_listings(bench.at(), bench.look);
    BOOST_TEST(bench.look.licenses.files == 1u);
    BOOST_TEST(bench.look.licenses.bytes == 5u);
    BOOST_TEST(!bench.look.mirror.has_value());
}

BOOST_AUTO_TEST_CASE(the_target_is_absent_ours_free_or_somebody_elses)
{
    const auto standing = [](Bench& bench) {
        judge_target(bench.at(), bench.look);
        return name_of(bench.look.standing);
    };
    Bench absent;
    BOOST_TEST(standing(absent) == "absent");
    Bench ours;
    ours.set_target({}, our_card);
    BOOST_TEST(standing(ours) == "ours");
    Bench free;
    free.set_target({small("README.md", "hello"), small(".gitattributes", "x")});
    BOOST_TEST(standing(free) == "free");
    Bench foreign;
    foreign.set_target({small("config.json", "{}")});
    BOOST_CHECK_THROW(judge_target(foreign.at(), foreign.look), skw::Error);
    BOOST_TEST(name_of(foreign.look.standing) == "foreign");
    foreign.request.force = true;
    BOOST_TEST(standing(foreign) == "replaced");
    Bench done;
    done.plan["up_to_date"] = json::object{{"messages", json::array{"it is"}}};
    done.set_target({small("config.json", "{}")});
    BOOST_TEST(standing(done) == "up_to_date");
}

BOOST_AUTO_TEST_CASE(free_space_is_that_of_the_nearest_folder_and_none_is_made)
{
    Bench bench(output_plan);
    bench.look.scratch_needed = 1;
    weigh_scratch(bench.at(), bench.look);
    BOOST_TEST(bench.look.scratch_free.value() > 0u);
    BOOST_TEST(!std::filesystem::exists(bench.folder.path() / "not"));
    bench.look.scratch_needed = std::uint64_t{1} << 62;
    BOOST_TEST(skw::test::fails_with(skw::ErrorCode::no_space, "are needed and",
                                     [&] { weigh_scratch(bench.at(), bench.look); }));
    Bench mirror;
    mirror.look.scratch_needed = std::uint64_t{1} << 62;
    weigh_scratch(mirror.at(), mirror.look);
    BOOST_TEST(mirror.look.scratch_needed.value() == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_token_the_hub_is_not_asked_what_it_may_do)
{
    Bench bench;
    ask_rights(bench.at(), bench.look);
    BOOST_TEST(bench.look.may_write_reason == "HF_TOKEN is not set");
    BOOST_TEST(bench.hub.count("GET", "/api/") == 0);
    bench.options.has_token = true;
    ask_rights(bench.at(), bench.look);
    BOOST_TEST(bench.hub.count("GET", "/api/whoami-v2") == 1);
}

BOOST_AUTO_TEST_CASE(a_collection_named_by_a_slug_has_to_be_there)
{
    Bench bench;
    bench.request.collection.slug = "acme/none-0123456789abcdef01234567";
    BOOST_TEST(skw::test::fails_with(skw::ErrorCode::not_found, "there is no such collection",
                                     [&] { find_filing(bench.at(), bench.look); }));
    bench.offline.kind.collection_title = "Zoo Artifacts";
    find_filing(bench.at(), bench.look);
    BOOST_TEST(!bench.look.filing->slug.has_value());
    BOOST_TEST(bench.look.filing->title == "Zoo Artifacts");
}

BOOST_AUTO_TEST_SUITE_END()

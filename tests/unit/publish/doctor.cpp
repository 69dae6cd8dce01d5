// SPDX-License-Identifier: Apache-2.0
// The checks of `doctor`, each with what it is given.
#include "publish/doctor.hpp"

#include "../hub/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace skw;
using namespace skw::publish;
using Status = Check::Status;

namespace {

hub::Environment environment(std::map<std::string, std::string> values)
{
    return [values](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(std::string(name));
        return found != values.end() ? std::optional(found->second) : std::nullopt;
    };
}

std::string statuses(const Checks& checks)
{
    std::string out;
    for (const Check& check : checks) {
        out += check.id + " " + std::string(name_of(check.status)) + "\n";
    }
    return out;
}

hub::Reachability answer_of(std::chrono::seconds ahead)
{
    hub::Reachability answer;
    answer.status = 200;
    answer.is_hub = true;
    answer.asked = std::chrono::sys_days(std::chrono::year(2026) / 8 / 20) + std::chrono::hours(10);
    answer.answered = answer.asked + std::chrono::milliseconds(800);
    answer.date = std::chrono::floor<std::chrono::seconds>(answer.asked) + ahead;
    return answer;
}

Target target(const std::string& repo, const std::string& collection = "", bool by_title = false)
{
    return {"acme/entry", "mtp", *RepoId::parse(repo), collection, by_title, std::nullopt, false};
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_doctor)

BOOST_AUTO_TEST_CASE(a_command_is_found_or_missing_in_the_words_of_the_contract)
{
    BOOST_TEST(check_command("larql", "/usr/bin/larql").text == "found command: larql (/usr/bin/larql)");
    const Check missing = check_command("larql", std::nullopt);
    BOOST_TEST(missing.text == "missing command: larql");
    BOOST_TEST((missing.status == Status::failed));
    BOOST_TEST(!missing.hint.empty());
}

BOOST_AUTO_TEST_CASE(a_token_of_blanks_is_none_and_one_with_blanks_inside_is_odd)
{
    for (const char* none : {"", " ", "\t\n "}) {
        const Checks checks = check_token(environment({{"HF_TOKEN", none}}));
        BOOST_TEST(statuses(checks) == "token failed\n");
        BOOST_TEST(checks.front().text == "HF_TOKEN is not set; publication will fail");
    }
    BOOST_TEST(statuses(check_token(environment({}))) == "token failed\n");
    BOOST_TEST(check_token(environment({{"HF_TOKEN", " hf_x\n"}})).front().text == "HF_TOKEN is set");
    BOOST_TEST(statuses(check_token(environment({{"HF_TOKEN", "hf_ x"}}))) == "token ok\ntoken-form failed\n");
    BOOST_TEST(check_token(environment({{"HUGGING_FACE_HUB_TOKEN", "hf_x"}})).front().text ==
               "HUGGING_FACE_HUB_TOKEN is set");
}

BOOST_AUTO_TEST_CASE(a_clock_is_fine_up_to_a_minute_and_wrong_beyond_five)
{
    const auto clock = [](int ahead) {
        return tell_reach(answer_of(std::chrono::seconds(ahead)), "https://hub").checks.at(1);
    };
    for (const int fine : {0, 59, -59}) {
        BOOST_TEST((clock(fine).status == Status::ok), fine);
    }
    for (const int odd : {62, -62, 299, -299}) {
        BOOST_TEST((clock(odd).status == Status::warning), odd);
    }
    for (const int wrong : {302, -302, 86'400}) {
        BOOST_TEST((clock(wrong).status == Status::failed), wrong);
    }
    BOOST_TEST(clock(-3600).text == "clock is 1 h 00 min ahead of the Hub's");
    BOOST_TEST(clock(120).text.ends_with(" behind the Hub's"));
    hub::Reachability silent = answer_of({});
    silent.date.reset();
    BOOST_TEST(statuses(tell_reach(silent, "https://hub").checks) == "hub ok\nclock skipped\n");
}

BOOST_AUTO_TEST_CASE(what_answers_is_a_hub_only_with_a_list)
{
    hub::Reachability answer = answer_of({});
    answer.is_hub = false;
    const Reached page = tell_reach(answer, "https://hub");
    BOOST_TEST(statuses(page.checks) == "hub failed\n");
    BOOST_TEST(!page.ok);
    for (const int status : {401, 403, 404, 429}) {
        answer.status = status;
        BOOST_TEST(tell_reach(answer, "https://hub").ok, status);
        BOOST_TEST(statuses(tell_reach(answer, "https://hub").checks) == "hub warning\nclock ok\n", status);
    }
    answer.status = 502;
    BOOST_TEST(!tell_reach(answer, "https://hub").ok);
}

BOOST_AUTO_TEST_CASE(space_is_compared_only_where_the_need_is_known)
{
    const TempFolder folder;
    const Check unknown = check_space(folder.path(), std::nullopt, "without --online");
    BOOST_TEST((unknown.status == Status::skipped));
    BOOST_TEST(unknown.text.ends_with("free; what is needed is not known without --online"));
    BOOST_TEST((check_space(folder.path(), Need{1000, "mtp of a/b", true}, "").status == Status::ok));
    BOOST_TEST((check_space(folder.path(), Need{1000, "mtp of a/b", false}, "").status == Status::warning));
    const Check nothing = check_space(folder.path(), Need{0, "vindex of a/b", false}, "");
    BOOST_TEST((nothing.status == Status::warning));
    BOOST_TEST(nothing.text.ends_with("free; what is needed is not known"));
    BOOST_TEST(nothing.facts.at("needed_bytes").is_null());
    const Check much = check_space(folder.path(), Need{~std::uint64_t{0}, "mtp of a/b", true}, "");
    BOOST_TEST((much.status == Status::failed));
    BOOST_TEST(much.text.find("mtp of a/b needs about ") != std::string::npos);
    BOOST_TEST(check_space(folder.path(), Need{0, "vision of a/b", true}, "").text.ends_with("; none is needed"));
}

BOOST_AUTO_TEST_CASE(a_scratch_root_is_made_with_its_parents_and_a_file_in_the_way_fails)
{
    const TempFolder folder;
    const auto root = folder.path() / "a/b";
    const Check made = check_scratch(root, "shown");
    BOOST_TEST(made.text == "scratch root writable: shown");
    BOOST_TEST(std::filesystem::is_directory(root));
    write_file_atomically(folder.path() / "file", "");
    const Check failed = check_scratch(folder.path() / "file/root", "other");
    BOOST_TEST(failed.text == "scratch root is not writable: other");
    BOOST_TEST((failed.status == Status::failed));
}

BOOST_AUTO_TEST_CASE(the_root_of_the_file_system_fails_as_a_scratch_root)
{
    const Check check = check_scratch("/", "/");
    BOOST_TEST((check.status == Status::failed));
    BOOST_TEST(check.text == "scratch root is not writable: /");
    BOOST_TEST(check.hint.find("is the root of the file system") == 0u);
}

BOOST_AUTO_TEST_CASE(a_host_that_only_looks_like_this_machine_is_another)
{
    hub::Settings settings;
    settings.endpoint = "http://localhost.evil.example";
    BOOST_TEST((check_route(settings).back().status == Status::warning));
    settings.endpoint = "http://localhost:1";
    BOOST_TEST((check_route(settings).back().status == Status::ok));
}

BOOST_AUTO_TEST_CASE(a_catalog_is_told_in_the_words_of_the_contract)
{
    catalog::Catalog catalog;
    catalog.entries.resize(12);
    catalog.sources.resize(1);
    const auto read = [&]() -> const catalog::Catalog& { return catalog; };
    BOOST_TEST(check_catalog("", read).text == "catalogue valid: 12 entries from 1 sources");
    BOOST_TEST(check_catalog("./a//m.yaml", read).text == "a/m.yaml valid: 12 entries");
    const Check broken = check_catalog("", []() -> const catalog::Catalog& {
        throw Error(ErrorCode::bad_input, "c.yaml:1:2", "is no YAML", "correct it");
    });
    BOOST_TEST((broken.status == Status::failed));
    BOOST_TEST(broken.text == "c.yaml:1:2: is no YAML");
    BOOST_TEST(broken.hint == "correct it");
}

BOOST_FIXTURE_TEST_CASE(rights_are_told_once_an_owner_by_one_question, test::LocalHub)
{
    write_file_atomically(options.root / "tokens.json",
                          R"({"tokens":[{"token":"hf_testtokenoftheunittests","name":"alice","role":"write",
                              "orgs":["acme",{"name":"museum","role":"read"}]}]})");
    restart();
    const Who who = check_account(*client);
    BOOST_TEST(who.check.text ==
               "token belongs to alice, role write; organisations: acme (write), museum (read)");
    BOOST_TEST_REQUIRE(who.account.has_value());
    const std::vector<Target> targets = {target("acme/a", "museum/list-0123456789abcdef01234567"),
                                         target("acme/b", "MTP Sidecars", true), target("alice/c"),
                                         target("nobody/d")};
    const Checks checks = check_rights(*client, *who.account, targets, false);
    BOOST_TEST(statuses(checks) == "owner-acme ok\nowner-museum failed\nowner-alice ok\nowner-nobody failed\n");
    BOOST_TEST(checks.front().text == "token may write for acme (2 targets, 1 collection)");
    BOOST_TEST(server->requests().size() == 1u);
    BOOST_TEST(statuses(check_collections(*client, targets)) ==
               "collection-museum/list-0123456789abcdef01234567 failed\n");
}

BOOST_AUTO_TEST_CASE(the_document_says_whether_all_passed)
{
    Checks checks{{Status::ok, "a", "text", {}},
                  {Status::warning, "b", "text", "hint"},
                  {Status::skipped, "c", "text", {}}};
    BOOST_TEST(doctor_json(checks, true, false).at("passed").as_bool());
    checks.push_back({Status::failed, "d", "text", "hint"});
    const json::value document = doctor_json(checks, true, false);
    BOOST_TEST(!document.at("passed").as_bool());
    BOOST_TEST(document.at("checks").at(0).at("hint").is_null());
    BOOST_TEST(document.at("checks").at(3).at("status").as_string() == "failed");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Each operation has its services and no others.
#include "plugin/operation.hpp"

#include "support/files.hpp"
#include "unit/plugin/plugin_tree.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>

namespace skw::plugin {
namespace {

using testing::error_of;
using testing::PluginTree;

// One fixture plugin, loaded.
struct Loaded {
    explicit Loaded(const char* fixture)
    {
        tree.add(fixture);
        artifact = load_artifact(tree.candidate("test." + std::string(fixture)), fixture);
    }
    Error failure(const char* doing)
    {
        return error_of([&] { artifact->validate({{"do", doing}}); });
    }
    PluginTree tree;
    std::unique_ptr<Artifact> artifact;
};

struct Raw : Loaded {
    Raw() : Loaded("raw") {}
};
struct Behaving : Loaded {
    Behaving() : Loaded("behaving") {}
};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_operation)

BOOST_FIXTURE_TEST_CASE(a_plugin_in_plain_c_answers, Raw)
{
    BOOST_TEST(artifact->validate({{"do", "nothing"}}).empty());
    BOOST_TEST(artifact->describe().at("kinds").as_array().size() == 1u);
    BOOST_TEST(artifact->can_execute());
    BOOST_TEST(!artifact->can_doctor());
    BOOST_TEST((error_of([&] { artifact->doctor({}, nullptr, {}); }).code() == ErrorCode::unsupported));
}

BOOST_FIXTURE_TEST_CASE(a_failure_without_a_text_is_the_plugins_bug, Raw)
{
    const Error error = failure("silent-failure");
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(error.place() == "plugin test.raw");
    BOOST_TEST(error.reason() == "failed with status -9 (network) and did not say why");
}

BOOST_FIXTURE_TEST_CASE(the_first_of_two_failure_texts_counts, Raw)
{
    const Error error = failure("double-fail");
    BOOST_TEST((error.code() == ErrorCode::bad_input));
    BOOST_TEST(error.what() == "here: the first sentence");
    BOOST_TEST(error.hint() == "do that");
}

BOOST_FIXTURE_TEST_CASE(a_detail_that_is_no_json_costs_only_the_detail, Raw)
{
    BOOST_TEST(failure("bad-detail").what() == "a sentence");
}

BOOST_FIXTURE_TEST_CASE(a_failure_text_becomes_one_safe_line_without_tokens, Raw)
{
    const std::string reason(failure("bad-text").reason());
    for (const char* gone : {"\n", "\x1b", "\xff", "hf_abc"}) {
        BOOST_TEST(reason.find(gone) == std::string::npos, reason);
    }
    BOOST_TEST(reason.starts_with("line one"));
}

BOOST_FIXTURE_TEST_CASE(a_code_of_the_plugins_own_is_a_general_failure, Raw)
{
    const Error error = failure("own-code");
    BOOST_TEST((error.code() == ErrorCode::failed));
    BOOST_TEST(error.reason() == "a code of the plugin's own");
}

BOOST_FIXTURE_TEST_CASE(a_positive_status_is_refused, Raw)
{
    BOOST_TEST(failure("positive").reason() == "returned the reserved status 5");
}

BOOST_FIXTURE_TEST_CASE(an_answer_above_16_mib_is_refused_even_if_the_plugin_claims_success, Raw)
{
    BOOST_TEST(failure("flood").reason() == "answered with more than 16 MiB");
}

BOOST_FIXTURE_TEST_CASE(a_document_that_breaks_the_rules_is_refused, Raw)
{
    for (const char* doing : {"duplicate-key", "not-utf8", "other-schema", "says-nothing"}) {
        const Error error = failure(doing);
        BOOST_TEST((error.code() == ErrorCode::contract), doing);
        BOOST_TEST(error.place() == "plugin test.raw: skw.findings/1", error.place());
    }
}

BOOST_FIXTURE_TEST_CASE(an_unknown_kind_is_refused, Raw)
{
    PluginTree other;
    other.add("raw", "test.raw", "elsewhere");
    const Candidate candidate = other.candidate("test.raw");
    BOOST_TEST(error_of([&] { load_artifact(candidate, "elsewhere"); }).reason() == "unknown kind");
    BOOST_TEST((error_of([&] { load_artifact(candidate, "raw"); }).code() == ErrorCode::bad_argument));
}

BOOST_FIXTURE_TEST_CASE(a_description_of_other_kinds_than_the_manifests_is_refused, Raw)
{
    PluginTree other;
    other.add("raw", "test.raw", "raw", [](json::object& top) {
        top["kinds"].as_array().push_back({{"name", "more"}, {"title", "More"}});
    });
    const std::unique_ptr<Artifact> wide = load_artifact(other.candidate("test.raw"), "raw");
    BOOST_TEST(error_of([&] { wide->describe(); }).reason() == "/kinds: must be the kinds of the manifest");
}

BOOST_FIXTURE_TEST_CASE(a_thrown_failure_arrives_with_all_its_parts, Behaving)
{
    const Error error = failure("throw-failure");
    BOOST_TEST((error.code() == ErrorCode::bad_input));
    BOOST_TEST(error.place() == "a place: /quant");
    BOOST_TEST(error.reason() == "a reason");
    BOOST_TEST(error.hint() == "a hint");
}

BOOST_FIXTURE_TEST_CASE(stray_exceptions_stop_at_the_border, Behaving)
{
    const Error stray = failure("throw-std");
    BOOST_TEST((stray.code() == ErrorCode::internal));
    BOOST_TEST(stray.reason() == "unexpected failure in the plugin");
    BOOST_TEST((failure("throw-number").code() == ErrorCode::internal));
    BOOST_TEST((failure("throw-memory").code() == ErrorCode::resource));
}

BOOST_FIXTURE_TEST_CASE(services_exist_only_where_the_table_of_the_header_says, Behaving)
{
    BOOST_TEST(artifact->validate({{"do", "services"}}).at(0).message == "services:");
    BOOST_TEST(artifact->plan(json::object()).at("message").as_string() == "services:.");
    const json::value checks = artifact->doctor({{"do", "nothing"}}, nullptr, {});
    BOOST_TEST(checks.at_pointer("/items/0/message").as_string() == "services: skw.probe/1");
}

BOOST_FIXTURE_TEST_CASE(doctor_may_ask_about_the_machine_and_tell_progress, Behaving)
{
    testing::Record record;
    const json::value checks = artifact->doctor({{"do", "probe"}}, &record, {});
    const json::string& message = checks.at_pointer("/items/0/message").as_string();
    BOOST_TEST(message.find("\"total\":") != json::string::npos);
    BOOST_TEST(record.steps.size() == 1u);
}

// One repository to look into, with a file of 5 bytes.
struct Looking : Behaving {
    Looking() { sources.files["a.bin"] = "bytes"; }
    json::value inspect(const char* doing)
    {
        const auto commit = CommitId::parse(std::string(40, 'a'));
        InspectRequest request{*RepoId::parse("acme/model"), *commit, {{"do", doing}}, &sources, nullptr, {}};
        return artifact->inspect(request);
    }
    testing::MemorySources sources;
};

BOOST_FIXTURE_TEST_CASE(inspect_reads_the_one_input_and_has_no_other_service, Looking)
{
    BOOST_TEST(artifact->can_inspect());
    BOOST_TEST(inspect("look").at_pointer("/summary/0/value").as_string() == "bytes");
    BOOST_TEST(inspect("nothing").at_pointer("/summary/0/value").as_string() == "services: skw.hub/1");
}

BOOST_FIXTURE_TEST_CASE(inspect_can_make_nothing, Looking)
{
    BOOST_TEST((error_of([&] { inspect("write"); }).code() == ErrorCode::contract));
    BOOST_TEST((error_of([&] { inspect("fetch"); }).code() == ErrorCode::contract));
}

BOOST_FIXTURE_TEST_CASE(an_inspection_that_breaks_its_schema_is_the_plugins_fault, Looking)
{
    const Error error = error_of([&] { inspect("short-row"); });
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(std::string(error.what()).find("/tables/0/rows") != std::string::npos, error.what());
}

BOOST_FIXTURE_TEST_CASE(a_plugin_without_inspect_says_so_before_anything_is_read, Raw)
{
    BOOST_TEST(!artifact->can_inspect());
    const auto commit = CommitId::parse(std::string(40, 'a'));
    InspectRequest request{*RepoId::parse("acme/model"), *commit, {}, nullptr, nullptr, {}};
    BOOST_TEST((error_of([&] { artifact->inspect(request); }).code() == ErrorCode::unsupported));
}

BOOST_AUTO_TEST_CASE(probe_answers_each_question_and_refuses_the_rest)
{
    Candidate plugin;
    plugin.id = "test.none";
    Operation operation(plugin, Phase::doctor, nullptr, {});
    const auto ask = [&](std::string_view question) {
        return json::parse(operation.run([&](skw_call* call, const skw_sink* out) {
            const skw_status status = probe_service.ask(call, question.data(), question.size(), out);
            return status < 0 ? call->host->fail(call, status, "refused", 7, nullptr, 0) : status;
        }));
    };
    BOOST_TEST(ask(R"({"ask":"tool","name":"sh"})").at("found").as_bool());
    BOOST_TEST(!ask(R"({"ask":"tool","name":"no-such-tool"})").at("found").as_bool());
    BOOST_TEST(ask(R"({"ask":"free_space","path":"/"})").as_object().contains("bytes"));
    BOOST_TEST(ask(R"({"ask":"memory"})").at("total").to_number<std::uint64_t>() > 0u);
    BOOST_TEST(ask(R"({"ask":"accelerator"})").at("names").is_array());
    BOOST_TEST(ask(R"({"ask":"file","path":"/"})").at("directory").as_bool());
    BOOST_TEST(!ask(R"({"ask":"file","path":"/no/such"})").at("exists").as_bool());
    for (const char* bad : {R"({"ask":"tool","name":"../sh"})", R"({"ask":"file","path":"relative"})",
                            R"({"ask":"weather"})", R"({})", "{", ""}) {
        BOOST_CHECK_THROW(ask(bad), Error);
    }
}

BOOST_AUTO_TEST_CASE(a_tool_of_the_manifest_says_its_version_and_help_and_does_nothing_else)
{
    const TempFolder folder;
    const std::filesystem::path tool = folder.path() / "teller";
    write_file_atomically(tool, "#!/bin/sh\necho \"$@\"\necho \"home $HOME token $HF_TOKEN\" >&2\nexit 3\n");
    std::filesystem::permissions(tool, std::filesystem::perms::owner_all);
    const std::string before = std::getenv("PATH");
    ::setenv("PATH", (folder.path().string() + ":" + before).c_str(), 1);
    ::setenv("HF_TOKEN", "hf_notforothers", 1);
    Candidate plugin;
    plugin.id = "test.none";
    plugin.tools = {"teller", "missing"};
    const auto ask = [&](std::string_view question, Phase phase = Phase::doctor) {
        Operation operation(plugin, phase, nullptr, {});
        return json::parse(operation.run([&](skw_call* call, const skw_sink* out) {
            const skw_status status = probe_service.ask(call, question.data(), question.size(), out);
            return status < 0 ? call->host->fail(call, status, "refused", 7, nullptr, 0) : status;
        }));
    };
    const json::value said = ask(R"({"ask":"tool_says","name":"teller","words":["sub","--help"]})");
    BOOST_TEST(said.at("exit").to_number<int>() == 3);
    BOOST_TEST(said.at("signal").is_null());
    const std::string text(said.at("text").as_string());
    BOOST_TEST(text.find("sub --help") != std::string::npos);
    BOOST_TEST(text.find("hf_notforothers") == std::string::npos);
    BOOST_TEST(text.find("home " + std::string(std::getenv("HOME") != nullptr ? std::getenv("HOME") : "/") + " ") ==
               std::string::npos);
    BOOST_TEST(!ask(R"({"ask":"tool_says","name":"missing","words":["--version"]})").at("found").as_bool());
    for (const char* bad : {R"({"ask":"tool_says","name":"sh","words":["--help"]})", // not of the manifest
                            R"({"ask":"tool_says","name":"teller","words":["--help","now"]})",
                            R"({"ask":"tool_says","name":"teller","words":["a","b","c","d","--help"]})",
                            R"({"ask":"tool_says","name":"teller","words":["","--help"]})",
                            R"({"ask":"tool_says","name":"teller","words":[]})",
                            R"({"ask":"tool_says","name":"teller"})"}) {
        BOOST_CHECK_THROW(ask(bad), Error);
    }
    BOOST_CHECK_THROW(ask(R"({"ask":"tool_says","name":"teller","words":["--help"]})", Phase::execute), Error);
    // One that never ends its answer is ended.
    write_file_atomically(tool, "#!/bin/sh\nexec yes\n");
    std::filesystem::permissions(tool, std::filesystem::perms::owner_all);
    BOOST_CHECK_EXCEPTION(ask(R"({"ask":"tool_says","name":"teller","words":["--help"]})"), Error,
                          [](const Error& error) { return error.code() == ErrorCode::bad_input; });
    ::setenv("PATH", before.c_str(), 1);
    ::unsetenv("HF_TOKEN");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

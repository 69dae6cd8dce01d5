// SPDX-License-Identifier: Apache-2.0
// A plan file is believed in nothing: its name is that of its content, and its content that of today.
#include "publish/reviewed_plan.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/version.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

namespace {

namespace json = skw::json;
using skw::publish::Kinds;

constexpr const char* entry_text =
    R"({"key":"acme/a","source_model":"o/m","quant":"q4k","tier":"smoke","slices":["full"],
        "output_name":"a.vindex","hf_repo":"acme/a","mtp_source_repo":"o/m","mtp_sidecar_repo":"acme/m-mtp"})";

const Kinds& shipped()
{
    static const Kinds kinds(
        skw::plugin::discover({{SKW_BUILD_DIR "/lib/skulk-weights/plugins", "builtin"}}));
    return kinds;
}

skw::catalog::Catalog catalog(const std::function<void(json::object&)>& change = {})
{
    skw::catalog::Entry entry;
    entry.fields = skw::parse_json(entry_text, "").as_object();
    if (change) {
        change(entry.fields);
    }
    entry.key = std::string(entry.fields.at("key").as_string());
    entry.source_model = "o/m";
    entry.tier = "smoke";
    entry.hf_repo = "acme/a";
    skw::catalog::Catalog all;
    all.entries.push_back(std::move(entry));
    return all;
}

std::string digits(char digit)
{
    return std::string(40, digit);
}

constexpr const char* endpoint = "https://hub.example";

// The plan of the entry's MTP sidecar, as if the Hub had been looked at.
json::object document(const skw::catalog::Catalog& all = catalog())
{
    skw::publish::Request request;
    request.entry = all.entries.front();
    request.artifacts = {"mtp"};
    request.scratch = "/S";
    const std::vector<skw::publish::Plan> plans{plan_publish(request, shipped())};
    skw::publish::ArtifactLook look;
    look.kind = "mtp";
    look.configured = true;
    look.sources.push_back(
        {"source", skw::RepoId::parse("o/m").value(), skw::CommitId::parse(digits('1')).value(), 0, 0});
    look.target = skw::RepoId::parse("acme/m-mtp");
    look.pins = skw::publish::Pins{plans[0].artifacts[0].document, {{"source", digits('1')}}, std::nullopt};
    return skw::publish::make_reviewed_plan({plans, {{"acme/a", {look}}}, all, shipped(), {}, endpoint, {}});
}

std::string text_of(json::object plan)
{
    plan["sha256"] = skw::publish::digest_of(plan);
    return skw::pretty_json(plan);
}

// What is said of this text; "" = it is read.
std::string complaint(const std::string& text)
{
    try {
        skw::publish::parse_reviewed_plan(text, "plan.json");
        return "";
    } catch (const skw::Error& error) {
        BOOST_TEST((error.code() == skw::ErrorCode::stale_plan), error.what());
        BOOST_TEST(error.hint() == "make a new plan with --plan-out, and review it");
        return error.what();
    }
}

std::string complaint(const std::function<void(json::object&)>& change)
{
    json::object plan = document();
    change(plan);
    return complaint(text_of(std::move(plan)));
}

// What is said of the plan by another catalog or other circumstances.
std::string stale(const skw::catalog::Catalog& now, const std::optional<std::string>& variable = {},
                  const std::function<void(json::object&)>& change = {})
{
    json::object plan = document();
    if (change) {
        change(plan);
    }
    try {
        plan_reviewed(skw::publish::parse_reviewed_plan(text_of(std::move(plan)), ""), now, shipped(),
                      variable);
        return "";
    } catch (const skw::Error& error) {
        BOOST_TEST((error.code() == skw::ErrorCode::stale_plan), error.what());
        return error.what();
    }
}

json::object& entry_of(json::object& plan)
{
    return plan.at("entries").as_array().front().as_object();
}

json::object& artifact_of(json::object& plan)
{
    return entry_of(plan).at("artifacts").as_array().front().as_object();
}

bool begins(const std::string& text, std::string_view begin)
{
    return text.starts_with(begin);
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_reviewed_plan)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again)
{
    const auto plan = skw::publish::parse_reviewed_plan(skw::pretty_json(document()), "");
    BOOST_TEST(plan.sha256 == document().at("sha256").as_string());
    BOOST_TEST(plan.entries.at(0).key == "acme/a");
    BOOST_TEST(plan.entries[0].asked == std::vector<std::string>{"mtp"});
    BOOST_TEST(plan.entries[0].artifacts.at(0).pins.value().revisions.at("source") == digits('1'));
    BOOST_TEST(!plan.entries[0].artifacts[0].pins->head.has_value());
}

BOOST_AUTO_TEST_CASE(the_same_circumstances_give_the_same_plans_with_their_pins)
{
    const auto reviewed = skw::publish::parse_reviewed_plan(skw::pretty_json(document()), "");
    const auto plans = plan_reviewed(reviewed, catalog(), shipped(), {});
    BOOST_TEST(plans.at(0).artifacts.at(0).pins.value().revisions.at("source") == digits('1'));
    BOOST_TEST(plans[0].request.scratch == "/S");
}

BOOST_AUTO_TEST_CASE(order_and_white_space_do_not_change_the_name)
{
    const json::object plan = document();
    json::object turned;
    for (auto member = plan.end(); member != plan.begin();) {
        --member;
        turned.insert(*member);
    }
    BOOST_TEST(skw::publish::digest_of(turned) == plan.at("sha256").as_string());
    BOOST_TEST(complaint(skw::canonical_json(turned)) == "");
}

BOOST_AUTO_TEST_CASE(every_changed_byte_of_its_content_shows)
{
    const std::string text = skw::canonical_json(document());
    for (std::size_t at = 0; at < text.size(); at += 7) {
        std::string other = text;
        other[at] = other[at] == 'x' ? 'y' : 'x';
        BOOST_TEST(complaint(other) != "", "the byte " << at);
    }
}

BOOST_AUTO_TEST_CASE(damage_is_told_from_another_document)
{
    const std::string damaged = "plan.json: the plan file was edited or damaged: ";
    for (const std::string& text :
         {std::string(), std::string(9, '\0'), std::string("{"), std::string(1000, '[')}) {
        BOOST_TEST(begins(complaint(text), damaged), text);
    }
    BOOST_TEST(begins(complaint(R"({"schema":"skw.reviewed_plan/1"})"), damaged + "its name is missing"));
    BOOST_TEST(complaint("[]") == "plan.json: is not a reviewed plan: its schema is not skw.reviewed_plan/1");
    BOOST_TEST(begins(complaint(R"({"schema":"skw.plan/1"})"), "plan.json: is not a reviewed plan"));
}

BOOST_AUTO_TEST_CASE(a_plan_under_its_own_name_still_has_to_be_one)
{
    const std::string wrong = "plan.json: does not hold what a reviewed plan holds: ";
    const std::vector<std::pair<std::string, std::function<void(json::object&)>>> cases = {
        {"/entries: must hold at least one", [](json::object& plan) { plan["entries"] = json::array(); }},
        {"/run: is not known here", [](json::object& plan) { plan["run"] = true; }},
        {"/entries/0/x: is not known here", [](json::object& plan) { entry_of(plan)["x"] = 1; }},
        {"/entries/0/artifacts/0/x: is not known", [](json::object& plan) { artifact_of(plan)["x"] = 1; }},
        {"/entries: holds something twice",
         [](json::object& plan) { plan.at("entries").as_array().push_back(json::value(entry_of(plan))); }},
        {"/entries/0/artifacts: holds something twice",
         [](json::object& plan) {
             entry_of(plan).at("artifacts").as_array().push_back(json::value(artifact_of(plan)));
         }},
        {"/entries/0/asked: holds something twice",
         [](json::object& plan) {
             entry_of(plan)["asked"] = json::array{"mtp", "mtp"};
         }},
        {"/entries/0/scratch: must be an absolute path",
         [](json::object& plan) { entry_of(plan)["scratch"] = "S"; }},
        {"/entries/0/scratch: must be an absolute path",
         [](json::object& plan) { entry_of(plan)["scratch"] = std::string("/S\0x", 4); }},
        {"/entries/0/force: is missing", [](json::object& plan) { entry_of(plan).erase("force"); }},
        {"/entries/0/artifacts/0/sources/0/revision: must be a full commit id",
         [](json::object& plan) {
             artifact_of(plan).at("sources").as_array().front().as_object()["revision"] = "main";
         }},
        {"/entries/0/artifacts/0/target/head: must be a full commit id",
         [](json::object& plan) { artifact_of(plan).at("target").as_object()["head"] = "main"; }},
        {"/entries/0/artifacts/0/plan: ", [](json::object& plan) { artifact_of(plan).erase("plan"); }},
        {"/entries/0/artifacts/0/sources/0/repo: is not what the plan reads",
         [](json::object& plan) {
             artifact_of(plan).at("sources").as_array().front().as_object()["repo"] = "o/harmless";
         }},
        {"/entries/0/artifacts/0/sources/0/repo: is not what the plan reads",
         [](json::object& plan) {
             artifact_of(plan).at("sources").as_array().front().as_object()["id"] = "other";
         }},
        {"/entries/0/artifacts/0/sources: must be all that the plan reads",
         [](json::object& plan) { artifact_of(plan)["sources"] = json::array(); }},
        {"/entries/0/artifacts/0/target/repo: is not the target of the plan",
         [](json::object& plan) { artifact_of(plan).at("target").as_object()["repo"] = "acme/harmless"; }},
        {"/entries/0/artifacts/0/online: is not known here",
         [](json::object& plan) { artifact_of(plan)["online"] = json::object(); }},
        {"/endpoint: ", [](json::object& plan) { plan.erase("endpoint"); }},
        {"/program/name: must be skulk-weights",
         [](json::object& plan) { plan.at("program").as_object()["name"] = "other"; }},
        {"/entries: must all have the same scratch",
         [](json::object& plan) {
             json::object other = entry_of(plan);
             other["key"] = "acme/b";
             other["scratch"] = "/home";
             plan.at("entries").as_array().push_back(std::move(other));
         }}};
    for (const auto& [words, change] : cases) {
        BOOST_TEST(begins(complaint(change), wrong + words), complaint(change));
    }
}

BOOST_AUTO_TEST_CASE(what_could_not_be_read_again_is_not_written)
{
    BOOST_TEST(complaint(skw::publish::reviewed_plan_text(document())) == "");
    const skw::catalog::Catalog deep = catalog([](json::object& fields) {
        json::value inner = 1;
        for (int level = 0; level < 62; ++level) {
            inner = json::array{std::move(inner)};
        }
        fields["deep"] = std::move(inner);
    });
    BOOST_CHECK_EXCEPTION(
        skw::publish::reviewed_plan_text(document(deep)), skw::Error, [](const skw::Error& error) {
            return error.code() == skw::ErrorCode::unsupported &&
                   error.reason().starts_with("the plan could not be read again, so it was not written: ");
        });
}

BOOST_AUTO_TEST_CASE(another_hub_or_program_is_a_change)
{
    const auto said = [](const std::function<void(json::object&)>& change, const std::string& now) -> std::string {
        json::object plan = document();
        change(plan);
        try {
            require_same_hub(skw::publish::parse_reviewed_plan(text_of(std::move(plan)), ""), now);
            return "";
        } catch (const skw::Error& error) {
            BOOST_TEST((error.code() == skw::ErrorCode::stale_plan), error.what());
            return error.what();
        }
    };
    const auto same = [](json::object&) {};
    BOOST_TEST(said(same, endpoint) == "");
    BOOST_TEST(said(same, "http://127.0.0.1:1") ==
               "the plan was made for another Hub: it was https://hub.example and is http://127.0.0.1:1, by "
               "HF_ENDPOINT");
    BOOST_TEST(said([](json::object& plan) { plan.at("program").as_object()["version"] = "0.0.0"; },
                    endpoint) ==
               "the program is another one than when the plan was made: it was 0.0.0 and is " SKW_VERSION);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_too_large_or_not_there_is_not_read)
{
    const skw::TempFolder folder;
    const std::string path = (folder.path() / "plan.json").string();
    BOOST_CHECK_EXCEPTION(skw::publish::read_reviewed_plan(path), skw::Error,
                          [](const skw::Error& error) { return error.code() == skw::ErrorCode::io; });
    skw::File::create(path).truncate(skw::publish::largest_plan_file + 1);
    BOOST_CHECK_EXCEPTION(skw::publish::read_reviewed_plan(path), skw::Error, [](const skw::Error& error) {
        return error.code() == skw::ErrorCode::stale_plan &&
               error.reason().find("is too large for a plan") != std::string_view::npos;
    });
}

BOOST_AUTO_TEST_CASE(a_changed_entry_is_told_by_its_first_field)
{
    BOOST_TEST(
        stale(catalog([](json::object& fields) { fields["quant"] = "f16"; })) ==
        "entry acme/a of the catalog has changed since the plan was made: quant was \"q4k\" and is \"f16\"");
    BOOST_TEST(
        stale(catalog([](json::object& fields) { fields.erase("mtp_source_repo"); })) ==
        "entry acme/a of the catalog has changed since the plan was made: mtp_source_repo was \"o/m\" and is "
        "not there");
    BOOST_TEST(stale(catalog([](json::object& fields) { fields["new"] = 1; })) ==
               "entry acme/a of the catalog has changed since the plan was made: new was not there and is 1");
    BOOST_TEST(stale(catalog([](json::object& fields) { fields["key"] = "acme/b"; })) ==
               "entry acme/a of the catalog is gone since the plan was made, or is not read here: the catalog "
               "depends on the folder, --config and --manifest");
}

BOOST_AUTO_TEST_CASE(another_collection_plugin_or_set_of_artifacts_is_a_change)
{
    BOOST_TEST(begins(stale(catalog(), "acme/col-1"),
                      "acme/a: the collection has changed since the plan was made: "
                      "it was none and is acme/col-1"));
    BOOST_TEST(
        begins(stale(catalog(), {},
                     [](json::object& plan) { artifact_of(plan).at("plugin").as_object()["version"] = "0"; }),
               "acme/a: mtp: the plugin is another one than when the plan was made: it was skw.mtp 0 ("));
    BOOST_TEST(stale(catalog(), {}, [](json::object& plan) {
                   entry_of(plan)["asked"] = json::array{"vindex"};
               }) == "acme/a: this program would now make other artifacts of the entry than the plan says");
    BOOST_TEST(begins(
        stale(catalog(), {}, [](json::object& plan) { entry_of(plan)["asked"] = json::array{"nonsense"}; }),
        "acme/a: what the plan says cannot be planned any more: no usable plugin"));
}

BOOST_AUTO_TEST_CASE(settings_of_a_plan_may_do_what_the_command_line_may_and_no_more)
{
    const auto with = [](const char* settings) {
        return stale(catalog(), {},
                     [&](json::object& plan) { plan["settings"] = skw::parse_json(settings, ""); });
    };
    BOOST_TEST(with(R"([{"field":"mtp_names","value":"mtp"}])") == "");
    // A text that reads as something else is taken as the text, so what is wrong is what the kind says.
    for (const char* settings :
         {R"([{"field":"output_name","value":"5"}])", R"([{"field":"output_name","value":"\"x.vindex\""}])"}) {
        BOOST_TEST(with(settings) == "acme/a: the plan's settings cannot be taken: --set output_name: "
                                     "output_name must be a .vindex basename");
    }
    for (const char* settings :
         {R"([{"field":"nonsense","value":1}])", R"([{"field":"mtp_names","value":"nonsense"}])",
          R"([{"field":"mtp_names=x","value":"mtp"}])", R"([{"field":"mtp_names","value":"true"}])",
          R"([{"field":"mtp_names","value":"mtp"},{"field":"mtp_names","value":"mtp"}])"}) {
        BOOST_TEST(begins(with(settings), "acme/a: the plan's settings cannot be taken: "), settings);
    }
}

BOOST_AUTO_TEST_SUITE_END()

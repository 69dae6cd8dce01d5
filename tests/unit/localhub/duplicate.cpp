// SPDX-License-Identifier: Apache-2.0
// Copies by the Hub itself: who is shown a storage hash, what it is good for, and every refusal.
#include "localhub/api.hpp"

#include "support/digest.hpp"
#include "wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::localhub;
using namespace skw::localhub::test;

namespace {

const std::string source = "/api/models/acme/model";

std::string oid_of(const std::string& content)
{
    return skw::sha256_of(content).hex();
}

// A Hub whose acme/model has "w.bin", and an empty lab/copy to copy into.
struct CopyHub : RunningHub {
    explicit CopyHub(ServerOptions options = {}, const std::string& tokens = {})
        : RunningHub(std::move(options), tokens)
    {
        add_lfs("w.bin", "weights");
        post("/api/repos/create", R"({"name":"copy","organization":"lab"})");
    }
    Answer settings(const std::string& body, const std::string& repo = "acme/model",
                    const std::string& who = token) const
    {
        return ask(server.endpoint() + "/api/models/" + repo + "/settings", "PUT", who, body);
    }
    std::string file(const std::string& content) const
    {
        return "{\"sha256\":\"" + oid_of(content) + "\",\"xetHash\":\"" + storage_hash_of(oid_of(content)) +
               "\",\"filename\":\"w.bin\"}";
    }
    Answer copy(const std::string& files, const std::string& target = "lab/copy",
                const std::string& who = token) const
    {
        return post(source + "/lfs-files/duplicate",
                    R"({"target":{"type":"model","name":")" + target + "\"},\"files\":[" + files + "]}", who);
    }
    std::string failure(const std::string& files) const // of a request with one file that fails
    {
        const skw::json::object reply = copy(files).json();
        BOOST_TEST(reply.at("success") == false);
        BOOST_TEST(reply.at("succeeded").as_int64() == 0);
        return reply.at("failed").as_array().size() == 1
                   ? text_of(reply.at("failed").as_array()[0].at("error"))
                   : "";
    }
    // The storage hash of w.bin as both listings tell it; "" when they leave it out.
    std::string shown(const std::string& repo = "acme/model", const std::string& who = token) const
    {
        const std::string json = who + "Content-Type: application/json\r\n";
        const std::string place = "/api/models/" + repo;
        std::string out;
        for (const Answer& answer : {get(place + "/tree/main", who),
                                     post(place + "/paths-info/main", R"({"paths":["w.bin"]})", json)}) {
            const skw::json::value listing = skw::parse_json(answer.body, "listing");
            for (const auto& item : listing.as_array()) {
                if (item.at("path") == "w.bin") {
                    const auto* hash = item.as_object().if_contains("xetHash");
                    const std::string found = hash == nullptr ? "" : text_of(*hash);
                    BOOST_TEST((out.empty() || out == found));
                    out = found;
                } else {
                    BOOST_TEST(!item.as_object().contains("xetHash"));
                }
            }
        }
        return out;
    }
    bool knows(const std::string& content) const // lab/copy needs no upload of it
    {
        const std::string body = R"({"operation":"upload","objects":[{"oid":")" + oid_of(content) +
                                 "\",\"size\":" + std::to_string(content.size()) + "}]}";
        return !post("/lab/copy.git/info/lfs/objects/batch", body)
                    .json()["objects"]
                    .as_array()[0]
                    .as_object()
                    .contains("actions");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_duplicate)

BOOST_FIXTURE_TEST_CASE(a_plain_upload_has_a_storage_hash_once_the_repo_counts_as_moved, CopyHub)
{
    BOOST_TEST(shown() == "");
    BOOST_TEST(settings(R"({"storage":"xet"})").member("storage") == "xet");
    const std::string hash = shown();
    BOOST_TEST(hash == storage_hash_of(oid_of("weights")));
    BOOST_TEST(hash.size() == 64u);
    BOOST_TEST(hash != oid_of("weights"));
    BOOST_TEST(hash.find_first_not_of("0123456789abcdef") == std::string::npos);
    settings(R"({"storage":"lfs"})");
    BOOST_TEST(shown() == "");
    const Answer answer = get("/acme/model/resolve/main/w.bin"); // such a header would make clients use Xet
    BOOST_TEST(answer.header("x-xet-hash") == "");
    BOOST_TEST(answer.header("link") == "");
}

BOOST_AUTO_TEST_CASE(a_hub_without_storage_hashes_shows_none_and_copies_nothing)
{
    ServerOptions options;
    options.storage_hash = false;
    const CopyHub hub(options);
    hub.settings(R"({"storage":"xet"})");
    BOOST_TEST(hub.shown() == "");
    BOOST_TEST(hub.failure(hub.file("weights")).find("not in Xet storage") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_copied_object_is_committed_without_an_upload_and_can_be_copied_on, CopyHub)
{
    settings(R"({"storage":"xet"})");
    BOOST_TEST(!knows("weights"));
    for (int time = 0; time < 2; ++time) { // asking twice is harmless
        const skw::json::object reply = copy(file("weights")).json();
        BOOST_TEST(reply.at("success") == true);
        BOOST_TEST(reply.at("processed").as_int64() == 1);
        BOOST_TEST(reply.at("succeeded").as_int64() == 1);
        BOOST_TEST(reply.at("failed").as_array().empty());
    }
    BOOST_TEST(knows("weights"));
    const std::string line = R"({"key":"lfsFile","value":{"path":"w.bin","algo":"sha256","oid":")";
    BOOST_TEST(
        post("/api/models/lab/copy/commit/main",
             "{\"key\":\"header\",\"value\":{\"summary\":\"x\"}}\n" + line + oid_of("weights") + "\"}}\n")
            .status == 200);
    BOOST_TEST(shown("lab/copy") == storage_hash_of(oid_of("weights")));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_copied_fails_alone_and_says_why, CopyHub)
{
    BOOST_TEST(failure(file("weights")) == "The file is not in Xet storage yet.");
    settings(R"({"storage":"xet"})");
    add_lfs("other.bin", "other");
    BOOST_TEST(failure(file("unknown")).find("not in the source") != std::string::npos);
    BOOST_TEST(failure("{}").find("not in the source") != std::string::npos);
    const std::string mixed =
        "{\"sha256\":\"" + oid_of("weights") + "\",\"xetHash\":\"" + storage_hash_of(oid_of("other")) + "\"}";
    BOOST_TEST(failure(mixed).find("not those of one file") != std::string::npos);
    BOOST_TEST(!knows("weights"));
    const skw::json::object reply = copy(mixed + "," + file("other")).json();
    BOOST_TEST(reply.at("success") == false);
    BOOST_TEST(reply.at("processed").as_int64() == 2);
    BOOST_TEST(reply.at("succeeded").as_int64() == 1);
    BOOST_TEST(text_of(reply.at("failed").as_array()[0].at("sha256")) == oid_of("weights"));
    BOOST_TEST(knows("other"));
    BOOST_TEST(!knows("weights"));
}

BOOST_FIXTURE_TEST_CASE(a_target_in_another_region_gets_nothing, CopyHub)
{
    settings(R"({"storage":"xet"})");
    BOOST_TEST(settings(R"({"region":"eu"})", "lab/copy").member("region") == "eu");
    BOOST_TEST(failure(file("weights")).find("\"eu\"") != std::string::npos);
    BOOST_TEST(!knows("weights"));
    BOOST_TEST(post("/api/repos/create", R"({"name":"eu","organization":"lab","region":"eu"})").status ==
               200);
    BOOST_TEST(get("/api/models/lab/eu").body.find("region:eu") != std::string::npos);
    settings(R"({"region":"eu"})");
    BOOST_TEST(copy(file("weights"), "lab/eu").member("success") == "true");
}

BOOST_FIXTURE_TEST_CASE(a_request_beyond_the_limit_or_without_its_members_copies_nothing, CopyHub)
{
    settings(R"({"storage":"xet"})");
    std::string files = file("weights");
    for (int i = 0; i < 499; ++i) {
        files += ",{}";
    }
    BOOST_TEST(copy(files + ",{}").status == 413);
    BOOST_TEST(copy(file("weights") + ",7").status == 400);
    BOOST_TEST(post(source + "/lfs-files/duplicate", R"({"files":[]})").status == 400);
    BOOST_TEST(!knows("weights"));
    BOOST_TEST(copy(files).json().at("failed").as_array().size() == 499u);
    BOOST_TEST(knows("weights"));
}

BOOST_AUTO_TEST_CASE(a_gated_source_is_refused_to_all_and_a_locked_one_by_its_author)
{
    const CopyHub hub({}, R"({"tokens":[
        {"token":"hf_test","name":"acme","role":"write","orgs":[{"name":"lab","role":"admin"}]},
        {"token":"hf_lab","name":"lab","role":"write"},
        {"token":"hf_guest","name":"guest","role":"write"},
        {"token":"hf_read","name":"lab","role":"read"}]})");
    const auto as = [](const std::string& name) { return "Authorization: Bearer hf_" + name + "\r\n"; };
    hub.settings(R"({"storage":"xet"})");
    hub.settings(R"({"gated":"auto"})");
    for (const std::string who : {"test", "lab", "guest"}) { // the owner, too
        const Answer answer = hub.copy(hub.file("weights"), "lab/copy", as(who));
        BOOST_TEST(answer.status == 403, who);
        BOOST_TEST(answer.header("x-error-code") == "GatedRepo", who);
    }
    BOOST_TEST(hub.shown("acme/model", as("lab")) == std::string(64, '*'));
    BOOST_TEST(hub.shown("acme/model", as("test")) == storage_hash_of(oid_of("weights")));
    BOOST_TEST(hub.settings(R"({"gated":false,"duplication":"disabled"})").member("duplication") ==
               "disabled");
    const Answer locked = hub.copy(hub.file("weights"), "lab/copy", as("lab"));
    BOOST_TEST(locked.status == 403);
    BOOST_TEST(locked.header("x-error-code") == "");
    BOOST_TEST(locked.member("error").find("disabled duplication") != std::string::npos);
    BOOST_TEST(hub.post(source + "/duplicate", R"({"repository":"lab/all"})", as("lab")).status == 403);
    hub.settings(R"({"duplication":"enabled"})");
    BOOST_TEST(hub.copy(hub.file("weights"), "lab/copy", as("guest")).status == 403);
    BOOST_TEST(hub.copy(hub.file("weights"), "lab/copy", as("read")).status == 403);
    BOOST_TEST(hub.copy(hub.file("weights"), "lab/copy", "").status == 401);
    BOOST_TEST(hub.copy(hub.file("weights"), "lab/none", as("lab")).status == 404);
    BOOST_TEST(hub.copy(hub.file("weights"), "lab/copy", as("lab")).status == 200);
    hub.settings(R"({"private":true})");
    const Answer hidden = hub.copy(hub.file("weights"), "lab/copy", as("lab"));
    BOOST_TEST(hidden.status == 404);
    BOOST_TEST(hidden.header("x-error-code") == "RepoNotFound");
}

BOOST_FIXTURE_TEST_CASE(a_whole_repo_is_copied_with_its_objects_and_their_hashes, CopyHub)
{
    settings(R"({"storage":"xet"})");
    copy(file("weights"));
    BOOST_TEST(post(source + "/duplicate", R"({"repository":"lab/all","visibility":"private"})").status ==
               200);
    BOOST_TEST(shown("lab/all") == storage_hash_of(oid_of("weights")));
    BOOST_TEST(get("/api/models/lab/all").member("private") == ""); // hidden from those without a token
    BOOST_TEST(get("/api/models/lab/all", token).member("private") == "true");
}

BOOST_FIXTURE_TEST_CASE(settings_are_changed_one_by_one_and_only_to_what_there_is, CopyHub)
{
    const Answer first = settings(R"({"private":true})");
    BOOST_TEST(first.status == 200);
    BOOST_TEST(first.body ==
               R"({"private":true,"gated":false,"duplication":"enabled","storage":"lfs","region":"us"})");
    BOOST_TEST(get(source).status == 401);
    BOOST_TEST(settings(R"({"private":false,"duplication":"disabled"})").member("private") == "false");
    BOOST_TEST(get(source).status == 200);
    for (const char* body :
         {R"({"private":"yes"})", R"({"duplication":true})", R"({"duplication":"off"})",
          R"({"storage":"disk"})", R"({"region":""})", R"({"region":"U/S"})", R"({"gated":"yes"})"}) {
        BOOST_TEST(settings(body).status == 400, body);
    }
    BOOST_TEST(settings("{}").member("duplication") == "disabled");
}

BOOST_FIXTURE_TEST_CASE(faults_strike_this_route_as_any_other, CopyHub)
{
    settings(R"({"storage":"xet"})");
    for (const char* name : {"status-404", "status-501", "status-503", "drop"}) {
        server.ask_fault({.method = "POST", .path_part = "/lfs-files/", .name = name});
        BOOST_TEST(copy(file("weights")).status ==
                   (std::string(name) == "drop" ? 0 : std::stoi(std::string(name).substr(7))));
        BOOST_TEST(!knows("weights"), name);
    }
    server.ask_fault({.method = "POST", .path_part = "/lfs-files/", .name = "apply-then-504"});
    BOOST_TEST(copy(file("weights")).status == 504);
    BOOST_TEST(knows("weights"));
}

BOOST_AUTO_TEST_CASE(an_account_tells_its_organizations_with_the_role_in_each)
{
    const CopyHub hub({}, R"({"tokens":[
        {"token":"hf_test","name":"eve","orgs":["acme",{"name":"lab","role":"read"},{"name":"big","role":"admin"}]},
        {"token":"hf_reader","name":"eve","role":"read","orgs":["acme"]},
        {"token":"hf_fine","name":"eve","role":"fineGrained","orgs":["acme"],"scopes":["acme/model","eve"]}]})");
    const auto as = [](const std::string& name) { return "Authorization: Bearer hf_" + name + "\r\n"; };
    const auto roles = [&](const std::string& who) {
        std::string out;
        const skw::json::object me = hub.get("/api/whoami-v2", as(who)).json();
        for (const auto& org : me.at("orgs").as_array()) {
            out += text_of(org.at("name")) + ":" + text_of(org.at("roleInOrg")) + " ";
        }
        return out + text_of(me.at("auth").at("accessToken").at("role"));
    };
    BOOST_TEST(roles("test") == "acme:write lab:read big:admin write");
    BOOST_TEST(roles("reader") == "acme:read read");
    BOOST_TEST(roles("fine") == "acme:write fineGrained");
    const auto create = [&](const std::string& who, const std::string& id) {
        return hub.post("/api/repos/create", "{\"name\":\"" + id + "\"}", as(who)).status;
    };
    BOOST_TEST(create("test", "lab/x") == 403);
    BOOST_TEST(create("test", "big/x") == 200);
    BOOST_TEST(create("reader", "eve/x") == 403);
    BOOST_TEST(create("fine", "eve/x") == 200);
    BOOST_TEST(create("fine", "acme/x") == 403); // it may write one repo there
    BOOST_TEST(hub.settings("{}", "acme/model", as("fine")).status == 200);
    BOOST_TEST(hub.settings("{}", "big/x", as("fine")).status == 404 - 1);
    const auto scoped = hub.get("/api/whoami-v2", as("fine")).json();
    BOOST_TEST(
        text_of(
            scoped.at("auth").at("accessToken").at("fineGrained").at("scoped").as_array()[0].at("entity")) ==
        R"({"_id":"acme/model","type":"model","name":"acme/model"})");
}

BOOST_AUTO_TEST_SUITE_END()

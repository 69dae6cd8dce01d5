// SPDX-License-Identifier: Apache-2.0
// The routes, over a socket: what clients depend on, and what hostile ones get.
#include "wire.hpp"

#include "support/digest.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace skw::localhub;
using namespace skw::localhub::test;

BOOST_AUTO_TEST_SUITE(localhub_routes)

BOOST_FIXTURE_TEST_CASE(an_unknown_route_is_a_404_in_json, RunningHub)
{
    for (const char* target : {"/", "/nothing", "/api", "/api/models/acme/model/xet-read-token/main",
                               "/api/daily_papers", "/acme/model", "/api/models/acme/model/nothing"}) {
        const Answer answer = get(target);
        BOOST_TEST(answer.status == 404, target);
        BOOST_TEST(answer.json().contains("error"), target);
    }
    BOOST_TEST(ask(server.endpoint() + "/api/models", "BREW").status == 400 + 5);
}

BOOST_FIXTURE_TEST_CASE(a_regular_file_comes_with_the_headers_that_clients_need, RunningHub)
{
    commit(file_line("a.txt", "hello"));
    for (const char* method : {"GET", "HEAD"}) {
        const Answer answer = ask(server.endpoint() + "/acme/model/resolve/main/a.txt", method);
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.header("etag") == "\"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0\"");
        BOOST_TEST(answer.header("x-linked-etag") == answer.header("etag"));
        BOOST_TEST(answer.header("x-linked-size") == "5");
        BOOST_TEST(answer.header("content-length") == "5");
        BOOST_TEST(answer.header("x-repo-commit") == head());
        BOOST_TEST(answer.body == (std::string(method) == "GET" ? "hello" : ""));
    }
    BOOST_TEST(get("/acme/model/resolve/main/a.txt",
                   "If-None-Match: \"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0\"\r\n")
                   .status == 304);
    const Answer absent = ask(server.endpoint() + "/acme/model/resolve/main/b.txt", "HEAD");
    BOOST_TEST(absent.status == 404);
    BOOST_TEST(absent.header("x-error-code") == "EntryNotFound");
    BOOST_TEST(absent.header("x-repo-commit") == head());
    BOOST_TEST(absent.body == "");
}

BOOST_FIXTURE_TEST_CASE(ranges_follow_the_rfc, RunningHub)
{
    commit(file_line("a.txt", "0123456789") + file_line("empty", ""));
    const auto range = [this](const std::string& value, const char* path = "a.txt") {
        return get(std::string("/acme/model/resolve/main/") + path, "Range: " + value + "\r\n");
    };
    struct Case {
        const char* value;
        int status;
        const char* body;
        const char* content_range;
    };
    for (const Case& one : {Case{"bytes=2-4", 206, "234", "bytes 2-4/10"},
                            {"bytes=8-", 206, "89", "bytes 8-9/10"},
                            {"bytes=8-99", 206, "89", "bytes 8-9/10"},
                            {"bytes=-3", 206, "789", "bytes 7-9/10"},
                            {"bytes=-99", 206, "0123456789", "bytes 0-9/10"},
                            {"bytes=10-", 416, "", "bytes */10"},
                            {"bytes=18446744073709551615-", 416, "", "bytes */10"},
                            {"bytes=-0", 416, "", "bytes */10"},
                            {"bytes=0-1,4-5", 200, "0123456789", ""},
                            {"bytes=5-2", 200, "0123456789", ""},
                            {"bytes=99999999999999999999-", 200, "0123456789", ""},
                            {"bytes=x", 200, "0123456789", ""},
                            {"lines=1-2", 200, "0123456789", ""}}) {
        const Answer answer = range(one.value);
        BOOST_TEST(answer.status == one.status, one.value);
        BOOST_TEST(answer.body == one.body, one.value);
        BOOST_TEST(answer.header("content-range") == one.content_range, one.value);
    }
    const Answer empty = range("bytes=0-0", "empty"); // a probe that must not fail
    BOOST_TEST(empty.status == 200);
    BOOST_TEST(empty.header("content-range") == "bytes */0");
    BOOST_TEST(empty.body == "");
}

BOOST_FIXTURE_TEST_CASE(an_lfs_file_is_a_redirect_to_another_origin_that_refuses_the_token, RunningHub)
{
    add_lfs("w.bin", "weights");
    const Answer answer = get("/acme/model/resolve/main/w.bin");
    BOOST_TEST(answer.status == 302);
    BOOST_TEST(answer.header("x-linked-etag") == '"' + skw::sha256_of("weights").hex() + '"');
    BOOST_TEST(answer.header("x-linked-size") == "7");
    const std::string place = answer.header("location");
    BOOST_TEST(place.starts_with(server.storage_endpoint() + "/"));
    BOOST_TEST(ask(place, "GET").body == "weights");
    BOOST_TEST(ask(place, "GET", "Range: bytes=1-2\r\n").body == "ei");
    BOOST_TEST(ask(place, "GET", token).status == 400);
    BOOST_TEST(ask(place, "HEAD").status == 403); // signed for GET
    BOOST_TEST(ask(place + "0", "GET").status == 403);
    BOOST_TEST(get("/acme/model/raw/main/w.bin").body.starts_with("version https://git-lfs"));
}

BOOST_FIXTURE_TEST_CASE(a_put_with_other_bytes_is_refused_and_leaves_nothing, RunningHub)
{
    const std::string oid = skw::sha256_of("weights").hex();
    const skw::json::object object = batch(oid, 7);
    const std::string href(object.at("actions").at("upload").at("href").as_string());
    BOOST_TEST(ask(href, "PUT", "", "wEights").status == 400);
    BOOST_TEST(ask(href, "PUT", "", "weight").status == 400);
    BOOST_TEST(ask(href, "PUT", token, "weights").status == 400);
    BOOST_TEST(batch(oid, 7).contains("actions"));
    BOOST_TEST(ask(href, "PUT", "", "weights").status == 200);
    BOOST_TEST(!batch(oid, 7).contains("actions"));
}

BOOST_AUTO_TEST_CASE(a_large_object_is_uploaded_in_parts_and_completed_once)
{
    ServerOptions options;
    options.multipart_threshold = 10;
    options.part_size = 4;
    const RunningHub hub(options);
    const std::string content = "0123456789abc";
    const std::string oid = skw::sha256_of(content).hex();
    const skw::json::object object = hub.batch(oid, content.size());
    const skw::json::object upload = object.at("actions").at("upload").as_object();
    const skw::json::object& header = upload.at("header").as_object();
    BOOST_TEST(text_of(header.at("chunk_size")) == "4");
    BOOST_TEST(header.size() == 5u);
    std::string parts;
    for (std::size_t part = 1; part <= 4; ++part) {
        const std::string href(header.at("0000" + std::to_string(part)).as_string());
        const Answer answer = ask(href, "PUT", "", content.substr((part - 1) * 4, 4));
        BOOST_TEST(answer.status == 200);
        parts += std::string(part == 1 ? "" : ",") + "{\"partNumber\":" + std::to_string(part) +
                 ",\"etag\":" + skw::ascii_json_string(answer.header("etag")) + "}";
    }
    const std::string place(upload.at("href").as_string());
    const std::string body = "{\"oid\":\"" + oid + "\",\"parts\":[" + parts + "]}";
    BOOST_TEST(ask(place, "POST", "", "{\"oid\":\"" + oid + "\",\"parts\":[]}").status == 400);
    BOOST_TEST(ask(place + "0", "POST", "", body).status == 403);
    BOOST_TEST(ask(place, "POST", "", body).status == 200);
    BOOST_TEST(ask(place, "POST", "", body).status == 400);
    BOOST_TEST(!hub.batch(oid, content.size()).contains("actions"));
}

BOOST_AUTO_TEST_CASE(a_listing_comes_in_pages_whose_links_are_absolute)
{
    ServerOptions options;
    options.page_size = 2;
    const RunningHub hub(options);
    hub.commit(file_line("a", "1") + file_line("b/c", "2") + file_line("b/d", "3"));
    std::vector<std::string> paths;
    std::string target = "/api/models/acme/model/tree/main?recursive=true";
    while (!target.empty()) {
        const Answer answer = hub.get(target);
        const auto page = skw::parse_json(answer.body, "page");
        for (const auto& entry : page.as_array()) {
            paths.emplace_back(entry.at("path").as_string());
        }
        const std::string link = answer.header("link");
        BOOST_TEST((link.empty() || link.starts_with("<" + hub.server.endpoint() + "/")));
        BOOST_TEST((link.empty() || link.ends_with(">; rel=\"next\"")));
        target = link.empty() ? "" : split(link.substr(1, link.find('>') - 1)).second;
    }
    const std::vector<std::string> wanted{".gitattributes", "a", "b", "b/c", "b/d"};
    BOOST_TEST(paths == wanted, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_link_names_the_hub_as_the_client_does, RunningHub)
{
    const Wire wire(split(server.endpoint()).first);
    wire.send("GET /api/models/acme/model/tree/main?limit=1 HTTP/1.1\r\nHost: hub.example:8\r\nConnection: "
              "close\r\n\r\n");
    BOOST_TEST(parse_answer(wire.read_all()).header("link") == ""); // one file: no next page
    commit(file_line("a", "a"));
    const Wire again(split(server.endpoint()).first);
    again.send("GET /api/models/acme/model/tree/main?limit=1 HTTP/1.1\r\nHost: hub.example:8\r\nConnection: "
               "close\r\n\r\n");
    BOOST_TEST(parse_answer(again.read_all()).header("link").starts_with("<http://hub.example:8/api/"));
}

BOOST_FIXTURE_TEST_CASE(paths_info_takes_forms_and_json_and_leaves_out_what_is_not_there, RunningHub)
{
    commit(file_line("a b+c&d#e?f%.txt", "x"));
    const std::string form = token + std::string("Content-Type: application/x-www-form-urlencoded\r\n");
    const std::string json = token + std::string("Content-Type: application/json\r\n");
    const std::string target = "/api/models/acme/model/paths-info/main";
    for (const Answer& answer :
         {post(target, "paths=a+b%2Bc%26d%23e%3Ff%25.txt&paths=none&expand=false", form),
          post(target, R"({"paths":["none","a b+c&d#e?f%.txt"]})", json)}) {
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(skw::parse_json(answer.body, "reply").as_array().size() == 1u);
    }
    std::string many;
    for (int i = 0; i < 1001; ++i) {
        many += "paths=x&";
    }
    BOOST_TEST(post(target, many, form).status == 413);
}

BOOST_AUTO_TEST_CASE(rights_are_those_of_the_token)
{
    const skw::TempFolder folder;
    std::ofstream(folder.path() / "tokens.json")
        << R"({"tokens":[{"token":"hf_alice","name":"alice","role":"write"},
                        {"token":"hf_read","name":"alice","role":"read"},
                         {"token":"hf_bob","name":"bob","role":"write"}]})";
    ServerOptions options;
    options.root = folder.path();
    const Server server(options);
    const auto as = [](const std::string& name) { return "Authorization: Bearer hf_" + name + "\r\n"; };
    const auto create = [&](const std::string& who, const std::string& body) {
        return ask(server.endpoint() + "/api/repos/create", "POST", who, body).status;
    };
    BOOST_TEST(create("", R"({"name":"m"})") == 401);
    BOOST_TEST(create(as("unknown"), R"({"name":"m"})") == 401);
    BOOST_TEST(create(as("read"), R"({"name":"m"})") == 403);
    BOOST_TEST(create(as("bob"), R"({"name":"alice/m"})") == 403);
    BOOST_TEST(create(as("alice"), R"({"name":"m","visibility":"private"})") == 200);
    BOOST_TEST(create(as("alice"), R"({"name":"g"})") == 200);
    BOOST_TEST(create(as("alice"), R"({"name":"../m"})") == 400);
    const auto get = [&](const std::string& target, const std::string& who) {
        return ask(server.endpoint() + target, "GET", who);
    };
    BOOST_TEST(get("/api/models/alice/m", as("read")).status == 200);
    BOOST_TEST(get("/api/models/alice/m", as("bob")).status == 404);
    BOOST_TEST(get("/api/models/alice/m", "").status == 401);
    BOOST_TEST(get("/api/models/alice/m", "").header("x-error-code") == "RepoNotFound");
    BOOST_TEST(
        ask(server.endpoint() + "/api/models/alice/g/settings", "PUT", as("alice"), R"({"gated":"manual"})")
            .status == 200);
    BOOST_TEST(get("/api/models/alice/g", "").member("gated") == "manual");
    BOOST_TEST(get("/alice/g/resolve/main/.gitattributes", as("alice")).status == 200);
    for (const auto& [who, status] : {std::pair(as("bob"), 403), std::pair(std::string(), 401)}) {
        const Answer answer = get("/alice/g/resolve/main/.gitattributes", who);
        BOOST_TEST(answer.status == status);
        BOOST_TEST(answer.header("x-error-code") == "GatedRepo");
    }
}

BOOST_FIXTURE_TEST_CASE(preupload_decides_by_pattern_size_and_content, RunningHub)
{
    const Answer answer = post("/api/models/acme/model/preupload/main",
                               R"({"files":[{"path":"a.txt","sample":"aGVsbG8=","size":5},
                                           {"path":"a.bin","sample":"aGVsbG8=","size":5},
                                           {"path":"big.txt","sample":"aGVsbG8=","size":10485761},
                                           {"path":"limit.txt","sample":"aGVsbG8=","size":10485760},
                                           {"path":"binary","sample":"AAEC","size":3},
                                           {"path":"cut.txt","sample":"w6TDpMM=","size":9},
                                           {"path":"skip.log","sample":"","size":0},
                                           {"path":".gitattributes","sample":"","size":1}],
                                            "gitIgnore":"*.log\n"})");
    BOOST_REQUIRE(answer.status == 200);
    std::string modes;
    const skw::json::object reply = answer.json();
    for (const auto& file : reply.at("files").as_array()) {
        modes += file.at("uploadMode") == "lfs" ? 'L' : file.at("shouldIgnore") == true ? 'i' : 'r';
    }
    BOOST_TEST(modes == "rLLrLrir");
    BOOST_TEST(reply.at("files").as_array()[7].at("oid").as_string().size() == 40u);
}

BOOST_FIXTURE_TEST_CASE(a_moved_repo_answers_with_a_relative_redirect, RunningHub)
{
    commit(file_line("a.txt", "hello"));
    BOOST_TEST(post("/api/repos/move", R"({"fromRepo":"acme/model","toRepo":"acme/other"})").status == 200);
    const Answer answer = get("/acme/model/resolve/main/a.txt?x=1");
    BOOST_TEST(answer.status == 307);
    BOOST_TEST(answer.header("location") == "/acme/other/resolve/main/a.txt?x=1");
    BOOST_TEST(get("/api/models/acme/other").member("id") == "acme/other");
}

BOOST_FIXTURE_TEST_CASE(a_title_is_one_collection_and_the_second_gets_its_slug, RunningHub)
{
    const std::string body = R"({"title":"MTP Sidecars","namespace":"acme"})";
    const Answer first = post("/api/collections", body);
    BOOST_TEST(first.status == 200);
    const std::string slug = first.member("slug");
    BOOST_TEST(slug.starts_with("acme/mtp-sidecars-"));
    BOOST_TEST(first.json().contains("position"));
    const Answer second = post("/api/collections", body);
    BOOST_TEST(second.status == 409);
    BOOST_TEST(second.member("slug") == slug);
    const std::string item = R"({"item":{"type":"model","id":"ACME/model"}})";
    BOOST_TEST(
        text_of(post("/api/collections/" + slug + "/items", item).json()["items"].as_array()[0].at("id")) ==
        "acme/model");
    BOOST_TEST(post("/api/collections/" + slug + "/items", item).status == 409);
    const auto listed = skw::parse_json(get("/api/collections?owner=acme").body, "list").as_array();
    BOOST_TEST(listed.size() == 1u);
    BOOST_TEST(!listed[0].as_object().contains("position"));
    BOOST_TEST(
        post("/api/collections", R"({"title":"x","description":")" + std::string(151, 'd') + "\"}").status ==
        400);
}

BOOST_FIXTURE_TEST_CASE(every_request_is_recorded_with_its_bytes, RunningHub)
{
    commit(file_line("a.txt", "hello"));
    server.forget_requests();
    get("/acme/model/resolve/main/a.txt", std::string(token) + "Range: bytes=1-3\r\n");
    const auto requests = server.requests();
    BOOST_REQUIRE(requests.size() == 1u);
    BOOST_TEST(requests[0].status == 206);
    BOOST_TEST(requests[0].reply_bytes == 3u);
    BOOST_TEST(requests[0].authorized);
    BOOST_TEST(requests[0].range == "bytes=1-3");
}

BOOST_AUTO_TEST_SUITE_END()

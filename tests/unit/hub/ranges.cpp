// SPDX-License-Identifier: Apache-2.0
// Content by range: redirects, the token's way, every fault on the way, hashes.
#include "hub/ranges.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::fails_with;

namespace {

struct Files : test::LocalHub {
    std::string large = test::noise(3'000'000);
    std::string small = "{\"architectures\":[\"Qwen\"]}\n";
    Tree tree = publish(
        {test::text_addition("w/model a.safetensors", large), test::text_addition("config.json", small)});
    Files() { server->forget_requests(); }

    std::string stream(std::uint64_t offset, std::uint64_t length, std::size_t step = 100'000)
    {
        const auto in =
            client->open_range(repo, tree.commit, *tree.find("w/model a.safetensors"), offset, length);
        std::string all;
        std::vector<std::byte> block(step);
        while (const std::size_t got = in->read(block)) {
            all.append(reinterpret_cast<const char*>(block.data()), got);
        }
        return all;
    }
    int storage_requests(bool authorized) const
    {
        int n = 0;
        const std::string port = server->storage_endpoint().substr(server->storage_endpoint().rfind(':'));
        for (const auto& request : server->requests()) {
            n += request.host.ends_with(port) && request.authorized == authorized ? 1 : 0;
        }
        return n;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(hub_ranges, Files)

BOOST_AUTO_TEST_CASE(a_range_comes_from_storage_without_the_token_and_the_address_is_kept)
{
    BOOST_TEST((read(tree, "w/model a.safetensors", 1234, 500'000) == large.substr(1234, 500'000)));
    BOOST_TEST((read(tree, "w/model a.safetensors", 2'999'999, 1) == large.substr(2'999'999)));
    BOOST_TEST((read(tree, "w/model a.safetensors", 0, 8) == large.substr(0, 8)));
    BOOST_TEST(count("GET", "/resolve/") == 1);
    BOOST_TEST(storage_requests(false) == 3);
    BOOST_TEST(storage_requests(true) == 0);
    for (const auto& request : server->requests()) {
        if (request.target.find("/resolve/") != std::string::npos) {
            BOOST_TEST(request.authorized);
        }
    }
}

BOOST_AUTO_TEST_CASE(one_request_serves_a_whole_stream_and_bytes_are_counted)
{
    stream(0, 10);
    const Traffic before = client->traffic();
    server->forget_requests();
    BOOST_TEST((stream(7, 2'500'000) == large.substr(7, 2'500'000)));
    BOOST_TEST(server->requests().size() == 1u);
    BOOST_TEST(client->traffic().received_bytes - before.received_bytes == 2'500'000u);
    BOOST_TEST(client->traffic().requests - before.requests == 1u);
}

BOOST_AUTO_TEST_CASE(a_small_file_is_read_where_the_hub_has_it)
{
    BOOST_TEST(client->read_file(repo, tree.commit, *tree.find("config.json"), 1000) == small);
    once("GET", "/resolve/", "relative-redirect");
    BOOST_TEST(client->read_file(repo, tree.commit, *tree.find("config.json"), 1000) == small);
    BOOST_TEST(storage_requests(false) + storage_requests(true) == 0);
    for (const auto& request : server->requests()) {
        BOOST_TEST(request.authorized); // also after the redirect within the endpoint
    }
    BOOST_TEST(fails_with(ErrorCode::bad_input, "at most 5",
                          [&] { client->read_file(repo, tree.commit, *tree.find("config.json"), 5); }));
}

BOOST_AUTO_TEST_CASE(every_passing_fault_is_survived_with_the_right_bytes)
{
    const std::string storage = tree.find("w/model a.safetensors")->sha256->hex();
    const auto survive = [&](const std::string& part, const std::string& name, std::uint64_t number,
                             int times) {
        once("GET", part, name, number, times);
        BOOST_TEST((stream(1'000, 2'000'000) == large.substr(1'000, 2'000'000)), name);
    };
    survive("/resolve/", "status-503", 0, 2);
    survive(storage, "status-500", 0, 2);
    survive(storage, "drop", 0, 2);
    survive(storage, "cut", 300'000, 3);
    survive(storage, "cut", 1, 2);
    survive(storage, "expired-url", 0, 1);
    survive(storage, "status-400", 0, 1);
    survive(storage, "ignore-range", 0, 1);
    survive(storage, "short-body", 500'000, 1);
}

BOOST_AUTO_TEST_CASE(an_interrupted_stream_goes_on_at_the_missing_byte)
{
    stream(0, 1);
    server->forget_requests();
    once("GET", tree.find("w/model a.safetensors")->sha256->hex(), "cut", 700'000);
    BOOST_TEST((stream(100, 2'000'000) == large.substr(100, 2'000'000)));
    const auto requests = server->requests();
    BOOST_REQUIRE(requests.size() == 2u);
    BOOST_TEST(requests[0].range == "bytes=100-2000099");
    BOOST_TEST(requests[1].range == "bytes=700100-2000099");
}

BOOST_AUTO_TEST_CASE(an_expired_address_is_renewed_once)
{
    stream(0, 1);
    server->forget_requests();
    once("GET", tree.find("w/model a.safetensors")->sha256->hex(), "expired-url");
    BOOST_TEST((stream(5, 10) == large.substr(5, 10)));
    BOOST_TEST(count("GET", "/resolve/") == 1);
}

BOOST_AUTO_TEST_CASE(a_lasting_fault_is_given_up_after_a_bounded_number_of_tries)
{
    const std::string storage = tree.find("w/model a.safetensors")->sha256->hex();
    for (const char* name : {"drop", "expired-url", "status-503", "ignore-range"}) {
        test::LocalHub::server->forget_requests();
        once("GET", storage, name, 0, 14);
        Client patient(test::quick_settings(server->endpoint()), {});
        std::vector<std::byte> block(100);
        const auto in = patient.open_range(repo, tree.commit, *tree.find("w/model a.safetensors"), 9, 100);
        BOOST_TEST(test::error_of([&] { in->read(block); }).has_value(), name);
        BOOST_TEST(count("GET", storage) <= 6, name);
        const int left = 14 - count("GET", storage);
        for (int i = 0; i < left; ++i) { // use up what is left of the fault
            test::error_of([&] {
                Settings once_only = test::quick_settings(server->endpoint());
                once_only.attempts = 1;
                Client client_of_one(once_only, {});
                client_of_one.open_range(repo, tree.commit, *tree.find("w/model a.safetensors"), 9, 100)
                    ->read(block);
            });
        }
    }
}

BOOST_AUTO_TEST_CASE(another_total_than_the_listing_is_an_error_and_no_retry)
{
    stream(0, 1);
    server->forget_requests();
    once("GET", tree.find("w/model a.safetensors")->sha256->hex(), "wrong-range");
    BOOST_TEST(fails_with(ErrorCode::bad_input, "the range came as", [&] { stream(1'000, 10); }));
    BOOST_TEST(server->requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_hub_that_offers_another_hash_than_its_listing_is_not_believed)
{
    once("GET", "/resolve/", "wrong-etag");
    BOOST_TEST(fails_with(ErrorCode::bad_input, "another hash", [&] { stream(0, 10); }));
}

BOOST_AUTO_TEST_CASE(changed_content_never_gets_through_where_its_hash_is_known)
{
    const std::string storage = tree.find("w/model a.safetensors")->sha256->hex();
    once("GET", storage, "corrupt", 5);
    BOOST_TEST(fails_with(ErrorCode::bad_input, "SHA-256", [&] { stream(0, large.size()); }));
    once("GET", "/resolve/", "corrupt", 3); // once: read again
    BOOST_TEST(client->read_file(repo, tree.commit, *tree.find("config.json"), 1000) == small);
    once("GET", "/resolve/", "corrupt", 3, 2);
    BOOST_TEST(fails_with(ErrorCode::bad_input, "hash",
                          [&] { client->read_file(repo, tree.commit, *tree.find("config.json"), 1000); }));
    once("GET", storage, "corrupt", 5);
    BOOST_TEST(
        (client->read_file(repo, tree.commit, *tree.find("w/model a.safetensors"), 1u << 30) == large));
}

BOOST_AUTO_TEST_CASE(a_range_beyond_the_file_is_refused_before_anything_is_asked)
{
    const RemoteFile& file = *tree.find("config.json");
    const auto open = [&](std::uint64_t offset, std::uint64_t length) {
        client->open_range(repo, tree.commit, file, offset, length);
    };
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "beyond", [&] { open(0, file.size + 1); }));
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "beyond", [&] { open(file.size + 1, 0); }));
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "beyond", [&] { open(1, ~std::uint64_t{0}); }));
    open(file.size, 0);
    BOOST_TEST(server->requests().empty());
}

BOOST_AUTO_TEST_CASE(several_streams_are_open_at_once)
{
    const RemoteFile& file = *tree.find("w/model a.safetensors");
    std::vector<std::unique_ptr<RangeStream>> streams;
    std::vector<std::string> got(6);
    for (std::uint64_t i = 0; i < 6; ++i) {
        streams.push_back(client->open_range(repo, tree.commit, file, i * 400'000, 400'000));
    }
    std::vector<std::byte> block(50'000);
    for (bool more = true; more;) {
        more = false;
        for (std::size_t i = 0; i < streams.size(); ++i) {
            const std::size_t size = streams[i]->read(block);
            got[i].append(reinterpret_cast<const char*>(block.data()), size);
            more = more || size > 0;
        }
    }
    for (std::size_t i = 0; i < 6; ++i) {
        BOOST_TEST((got[i] == large.substr(i * 400'000, 400'000)));
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_not_found)
{
    RemoteFile file = *tree.find("config.json");
    file.path = *RepoPath::parse("absent.json");
    BOOST_TEST(fails_with(ErrorCode::not_found, "no such file",
                          [&] { client->read_file(repo, tree.commit, file, 1000); }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hub_ranges_on_a_script)

BOOST_AUTO_TEST_CASE(a_location_is_used_byte_for_byte_and_never_gets_the_token)
{
    const std::string odd = "/b/%7e%2F/../x?Signature=a+b%20c&Key=~&empty=&Expires=99999999999";
    test::ScriptServer storage([](const test::Asked&) {
        test::Answer answer;
        answer.bytes =
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/9\r\nContent-Length: 3\r\n\r\ncde";
        return answer;
    });
    test::ScriptServer hub([&](const test::Asked&) {
        test::Answer answer;
        answer.bytes =
            "HTTP/1.1 302 Found\r\nLocation: " + storage.endpoint() + odd + "\r\nContent-Length: 0\r\n\r\n";
        return answer;
    });
    Client client(test::quick_settings(hub.endpoint()), {});
    const RemoteFile file{*RepoPath::parse("a b#c.bin"), 9, std::string(40, '1'), std::nullopt};
    std::string out(3, ' ');
    client.read_range(*RepoId::parse("acme/x"), *CommitId::parse(std::string(40, 'a')), file, 2,
                      std::as_writable_bytes(std::span(out)));
    BOOST_TEST(out == "cde");
    BOOST_TEST(hub.asked().at(0).target == "/acme/x/resolve/" + std::string(40, 'a') + "/a%20b%23c.bin");
    BOOST_TEST(storage.asked().at(0).target == odd);
    BOOST_TEST(storage.asked().at(0).head.find("uthorization") == std::string::npos);
    BOOST_TEST(storage.asked().at(0).head.find("Range: bytes=2-4\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_odd_reply_to_a_range_is_refused)
{
    const auto attempt = [](const std::string& status_and_headers, const std::string& body) {
        test::ScriptServer hub([&](const test::Asked&) {
            test::Answer answer;
            answer.bytes = "HTTP/1.1 " + status_and_headers +
                           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            return answer;
        });
        Settings settings = test::quick_settings(hub.endpoint());
        settings.attempts = 2;
        Client client(settings, {});
        const RemoteFile file{*RepoPath::parse("f"), 9, std::string(40, '1'), std::nullopt};
        std::string out(3, ' ');
        const auto error = test::error_of([&] {
            client.read_range(*RepoId::parse("acme/x"), *CommitId::parse(std::string(40, 'a')), file, 2,
                              std::as_writable_bytes(std::span(out)));
        });
        return error ? std::string(error->what()) : out;
    };
    const std::string partial = "206 Partial Content\r\n";
    BOOST_TEST(attempt(partial + "Content-Range: bytes 2-4/9\r\n", "cde") == "cde");
    BOOST_TEST(attempt(partial, "cde").find("the range came as") != std::string::npos);
    BOOST_TEST(attempt(partial + "Content-Range: bytes 1-3/9\r\n", "bcd").find("came as") !=
               std::string::npos);
    BOOST_TEST(attempt(partial + "Content-Range: bytes 2-4/10\r\n", "cde").find("came as") !=
               std::string::npos);
    BOOST_TEST(attempt(partial + "Content-Range: bytes 2-4/*\r\n", "cde").find("came as") !=
               std::string::npos);
    BOOST_TEST(attempt(partial + "Content-Range: bytes 2-5/9\r\n", "cdef").find("length") !=
               std::string::npos);
    BOOST_TEST(attempt(partial + "Content-Range: bytes 2-4/9\r\nContent-Encoding: gzip\r\n", "cde")
                   .find("compressed") != std::string::npos);
    BOOST_TEST(attempt("200 OK\r\n", "abcdefghi").find("not usable") != std::string::npos);
    BOOST_TEST(
        attempt("416 Range Not Satisfiable\r\nContent-Range: bytes */1\r\n", "").find("another size") !=
        std::string::npos);
    BOOST_TEST(attempt("204 No Content\r\n", "").find("status 204") != std::string::npos);
    BOOST_TEST(
        attempt(partial + "X-Repo-Commit: " + std::string(40, 'b') + "\r\nContent-Range: bytes 2-4/9\r\n",
                "cde")
            .find("another commit") != std::string::npos);
    BOOST_TEST(attempt(partial + "X-Linked-Size: 10\r\nContent-Range: bytes 2-4/9\r\n", "cde")
                   .find("another size") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_about_to_run_out_is_not_used_again)
{
    Locations locations;
    locations.put("a", *Url::parse("https://cdn/x?Expires=1000"));
    BOOST_TEST(!locations.find("a"));
    locations.put("a", *Url::parse("https://cdn/x?Expires=99999999999"));
    BOOST_TEST(locations.find("a").has_value());
    locations.put("b", *Url::parse("https://cdn/x?X-Amz-Date=20200101T000000Z&X-Amz-Expires=3600"));
    BOOST_TEST(!locations.find("b"));
    locations.put("b", *Url::parse("https://cdn/x"));
    BOOST_TEST(locations.find("b").has_value());
    locations.drop("b");
    BOOST_TEST(!locations.find("b"));
}

BOOST_AUTO_TEST_SUITE_END()

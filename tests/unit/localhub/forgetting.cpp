// SPDX-License-Identifier: Apache-2.0
// Uploads that are checked and not kept.
#include "localhub/forgetting.hpp"

#include "localhub/refusal.hpp"
#include "localhub/store.hpp"
#include "wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::localhub;
using namespace skw::localhub::test;

namespace {

namespace fs = std::filesystem;

ServerOptions forgetful(std::uint64_t above)
{
    ServerOptions options;
    options.forget_above = above;
    options.multipart_threshold = 20;
    options.part_size = 4;
    return options;
}

struct Parts {
    Parts() : store(root.path()) { begin_upload(store.uploads(), upload); }
    std::string send(std::uint64_t part, std::string_view bytes)
    {
        IncomingPart incoming(store.uploads(), upload.id, part);
        incoming.write(std::as_bytes(std::span(bytes)));
        return forgetting.take(store.uploads(), upload, part, incoming);
    }
    std::string send(std::uint64_t part)
    {
        return send(part, std::string_view(content).substr((part - 1) * 3, 3));
    }
    std::size_t waiting() const // parts on the disk
    {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(store.uploads() / upload.id)) {
            count += entry.path().filename() == "upload.json" ? 0 : 1;
        }
        return count;
    }

    skw::TempFolder root;
    Store store;
    const std::string content = "abcdefghijk";
    const Upload upload{.id = std::string(32, 'b'),
                        .kind = "models",
                        .repo = "acme/model",
                        .oid = skw::sha256_of(content).hex(),
                        .size = 11,
                        .part_size = 3};
    ForgettingUploads forgetting;
};

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_forgetting)

BOOST_AUTO_TEST_CASE(a_large_upload_is_listed_with_its_size_and_cannot_be_read)
{
    const RunningHub hub(forgetful(10));
    hub.add_lfs("large.bin", "fifteen letters");
    hub.add_lfs("small.bin", "small");
    const Answer tree = hub.get("/api/models/acme/model/tree/main");
    BOOST_TEST(tree.body.find("\"large.bin\"") != std::string::npos);
    BOOST_TEST(tree.body.find("\"size\":15") != std::string::npos);
    const Answer large = hub.get("/acme/model/resolve/main/large.bin");
    BOOST_TEST(large.status == 302);
    const Answer gone = ask(large.header("location"), "GET");
    BOOST_TEST(gone.status == 410);
    BOOST_TEST(gone.header("x-error-code") == "ContentNotKept");
    BOOST_TEST(gone.header("x-error-message").find("--forget-above") != std::string::npos);
    BOOST_TEST(ask(hub.get("/acme/model/resolve/main/small.bin").header("location"), "GET").body == "small");
    // It counts as uploaded, and its size is checked.
    const std::string oid = skw::sha256_of("fifteen letters").hex();
    BOOST_TEST(!hub.batch(oid, 15).contains("actions"));
    BOOST_TEST(hub.commit(lfs_line("wrong.bin", oid, 14)).status == 400);
}

BOOST_AUTO_TEST_CASE(content_of_another_hash_is_refused_though_none_would_be_kept)
{
    const RunningHub hub(forgetful(0));
    const std::string oid = skw::sha256_of("weights").hex();
    const std::string href(hub.batch(oid, 7).at("actions").at("upload").at("href").as_string());
    BOOST_TEST(ask(href, "PUT", "", "Weights").status == 400);
    BOOST_TEST(hub.batch(oid, 7).contains("actions"));
    BOOST_TEST(ask(href, "PUT", "", "weights").status == 200);
    BOOST_TEST(!hub.batch(oid, 7).contains("actions"));
}

BOOST_AUTO_TEST_CASE(an_upload_in_parts_is_checked_over_the_wire_and_leaves_nothing)
{
    const RunningHub hub(forgetful(10));
    const std::string content = "a text of some thirty letters.";
    const std::string oid = skw::sha256_of(content).hex();
    const skw::json::object object = hub.batch(oid, content.size());
    const skw::json::object& upload = object.at("actions").at("upload").as_object();
    std::string parts;
    for (std::size_t part = 8; part >= 1; --part) { // backwards
        const std::string href(upload.at("header").as_object().at("0000" + std::to_string(part)).as_string());
        const Answer answer = ask(href, "PUT", "", content.substr((part - 1) * 4, 4));
        BOOST_TEST(answer.status == 200);
        parts += std::string(part == 8 ? "" : ",") + "{\"partNumber\":" + std::to_string(part) +
                 ",\"etag\":" + skw::ascii_json_string(answer.header("etag")) + "}";
    }
    const std::string place(upload.at("href").as_string());
    BOOST_TEST(ask(place, "POST", "", "{\"oid\":\"" + oid + "\",\"parts\":[" + parts + "]}").status == 200);
    BOOST_TEST(hub.commit(lfs_line("large.bin", oid, content.size())).status == 200);
    BOOST_TEST(fs::is_empty(hub.folder.path() / "uploads"));
    BOOST_TEST(ask(hub.get("/acme/model/resolve/main/large.bin").header("location"), "GET").status == 410);
}

BOOST_FIXTURE_TEST_CASE(parts_leave_the_disk_as_soon_as_their_turn_has_come, Parts)
{
    std::map<std::uint64_t, std::string> etags;
    etags[1] = send(1);
    BOOST_TEST(waiting() == 0u);
    etags[3] = send(3);
    BOOST_TEST(waiting() == 1u);
    BOOST_CHECK_THROW(forgetting.finish(store.uploads(), upload, etags, store.objects()), Refusal);
    etags[2] = send(2);
    BOOST_TEST(waiting() == 0u);
    etags[4] = send(4);
    BOOST_TEST(send(2) == etags[2]); // a client that lost the reply
    BOOST_TEST(waiting() == 0u);
    BOOST_CHECK_THROW(send(2, "xyz"), Refusal);
    auto wrong = etags;
    wrong[4] = etags[1];
    BOOST_CHECK_THROW(forgetting.finish(store.uploads(), upload, wrong, store.objects()), Refusal);
    forgetting.finish(store.uploads(), upload, etags, store.objects());
    BOOST_TEST(store.objects().has(upload.oid));
    BOOST_TEST(!store.objects().holds(upload.oid));
    BOOST_TEST(store.objects().size(upload.oid) == 11u);
    BOOST_CHECK_THROW(store.objects().open(upload.oid), Refusal);
    BOOST_CHECK_THROW(forgetting.finish(store.uploads(), upload, etags, store.objects()), Refusal);
    BOOST_TEST(fs::is_empty(store.uploads()));
}

BOOST_FIXTURE_TEST_CASE(parts_that_make_another_content_end_the_upload, Parts)
{
    std::map<std::uint64_t, std::string> etags;
    for (std::uint64_t part = 1; part <= 4; ++part) {
        etags[part] = part == 2 ? send(2, "DEF") : send(part);
    }
    BOOST_CHECK_EXCEPTION(forgetting.finish(store.uploads(), upload, etags, store.objects()), Refusal,
                          [](const Refusal& refusal) { return refusal.code == "BadDigest"; });
    BOOST_TEST(!store.objects().has(upload.oid));
    BOOST_TEST(fs::is_empty(store.uploads()));
}

BOOST_AUTO_TEST_CASE(content_that_is_uploaded_again_without_the_option_is_there)
{
    const skw::TempFolder root;
    const Store store(root.path());
    store.objects().note_forgotten(skw::sha256_of("content").hex(), 7);
    const std::string oid = store.objects().keep_text("content");
    BOOST_TEST(store.objects().holds(oid));
    BOOST_TEST(store.objects().read(oid, 10) == "content");
}

BOOST_AUTO_TEST_SUITE_END()

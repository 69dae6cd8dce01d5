// SPDX-License-Identifier: Apache-2.0
// Samples that are described, not written: served, listed and copied like any other.
#include "localhub/seed.hpp"

#include "localhub/store.hpp"
#include "support/error.hpp"
#include "wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::localhub;
using namespace skw::localhub::test;

namespace {

SampleRepo synthetic(const std::string& name, std::optional<std::uint64_t> scale = {},
                     std::uint64_t experts = 0)
{
    SeedOptions options{.sample = name, .repo = {}};
    options.synthetic = true;
    options.scale = scale;
    options.experts = experts;
    return plan_sample(options);
}

// A Hub with DeepSeek-V4's real dimensions but for the experts: 6.8 GB of shards, and none of them on the
// disk.
struct SyntheticHub {
    SyntheticHub() : sample(synthetic("deepseek-v4", 1, 4))
    {
        seed(folder.path(), sample);
        ServerOptions options;
        options.root = folder.path();
        server.emplace(std::move(options));
    }
    Answer storage(const std::string& path, const std::string& headers) const
    {
        const Answer found = ask(server->endpoint() + "/" + sample.repo + "/resolve/main/" + path, "GET");
        BOOST_TEST(found.status == 302);
        return ask(found.header("location"), "GET", headers);
    }

    SampleRepo sample;
    skw::TempFolder folder;
    std::optional<Server> server;
    const std::string last = "model-00046-of-00046.safetensors";
};

std::uint64_t disk_bytes(const std::filesystem::path& folder)
{
    std::uint64_t sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        sum += entry.is_regular_file() ? entry.file_size() : 0;
    }
    return sum;
}

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_synthetic)

BOOST_FIXTURE_TEST_CASE(ranges_anywhere_in_a_large_file_are_computed_and_the_disk_stays_empty, SyntheticHub)
{
    BOOST_TEST(sample.bytes() > 6'000'000'000u);
    BOOST_TEST(disk_bytes(folder.path()) < 4'000'000u);
    const SampleShard& shard = sample.shards.at(last);
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{8}, shard.header().size() - 3, shard.begin_of(30) - 5,
          shard.begin_of(40) + 12'345, shard.bytes() - 100'000}) {
        std::vector<std::byte> wanted(100'000);
        BOOST_REQUIRE(shard.read(offset, wanted) == wanted.size());
        const Answer part = storage(last, "Range: bytes=" + std::to_string(offset) + "-" +
                                              std::to_string(offset + wanted.size() - 1) + "\r\n");
        BOOST_TEST(part.status == 206);
        BOOST_TEST(part.header("content-range").ends_with("/" + std::to_string(shard.bytes())));
        const auto got = std::as_bytes(std::span(part.body));
        BOOST_TEST(std::equal(got.begin(), got.end(), wanted.begin(), wanted.end()));
    }
    BOOST_TEST(storage(last, "Range: bytes=" + std::to_string(shard.bytes()) + "-\r\n").status == 416);
}

BOOST_FIXTURE_TEST_CASE(a_listing_tells_size_and_oid_of_what_is_only_described, SyntheticHub)
{
    const Answer head = ask(server->endpoint() + "/" + sample.repo + "/resolve/main/" + last, "HEAD");
    BOOST_TEST(head.status == 302);
    BOOST_TEST(head.header("x-linked-size") == std::to_string(sample.shards.at(last).bytes()));
    const Answer answer = ask(server->endpoint() + "/api/models/" + sample.repo + "/tree/main", "GET");
    std::size_t shards = 0;
    const skw::json::value tree = skw::parse_json(answer.body, "tree");
    for (const auto& entry : tree.as_array()) {
        const auto at = sample.shards.find(std::string(entry.at("path").as_string()));
        if (at == sample.shards.end()) {
            continue;
        }
        ++shards;
        BOOST_TEST(entry.at("lfs").at("size") == at->second.bytes());
        const bool described = at->second.bytes() > (64u << 20); // a smaller one has its own hash
        BOOST_TEST((entry.at("lfs").at("oid").as_string() ==
                    skw::sha256_of(at->second.description()).hex()) == described);
        BOOST_TEST(entry.as_object().contains("xetHash"));
    }
    BOOST_TEST(shards == 46u);
}

BOOST_FIXTURE_TEST_CASE(faults_strike_computed_content_as_they_strike_files, SyntheticHub)
{
    const std::string range = "Range: bytes=1000-1999\r\n";
    const std::string good = storage(last, range).body;
    server->ask_fault({.method = "GET", .path_part = "/objects/", .name = "corrupt", .number = 10});
    const std::string bad = storage(last, range).body;
    BOOST_TEST(bad.size() == good.size());
    BOOST_TEST(bad != good);
    server->ask_fault({.method = "GET", .path_part = "/objects/", .name = "short-body", .number = 7});
    BOOST_TEST(storage(last, range).body.size() == good.size() - 7);
    BOOST_TEST(storage(last, range).body == good);
}

BOOST_FIXTURE_TEST_CASE(a_copy_shares_the_description, SyntheticHub)
{
    const std::string url = server->endpoint();
    BOOST_TEST(
        ask(url + "/api/models/" + sample.repo + "/duplicate", "POST", token, R"({"repository":"acme/copy"})")
            .status == 200);
    const Answer found = ask(url + "/acme/copy/resolve/main/" + last, "GET");
    const Answer part = ask(found.header("location"), "GET", "Range: bytes=0-7\r\n");
    BOOST_TEST(part.body == storage(last, "Range: bytes=0-7\r\n").body);
    // An object that is known by now is committed without an upload.
    const std::string oid = found.header("x-linked-etag").substr(1, 64);
    const std::string line =
        R"({"key":"lfsFile","value":{"algo":"sha256","path":"again.safetensors","oid":")" + oid + "\"}}\n";
    const Answer commit = ask(url + "/api/models/acme/copy/commit/main", "POST", token,
                              "{\"key\":\"header\",\"value\":{\"summary\":\"x\"}}\n" + line);
    BOOST_TEST(commit.status == 200);
    BOOST_TEST(ask(url + "/acme/copy/resolve/main/again.safetensors", "HEAD").header("x-linked-size") ==
               std::to_string(sample.shards.at(last).bytes()));
}

BOOST_AUTO_TEST_CASE(small_files_are_known_by_their_own_hash_and_equal_what_is_written)
{
    const skw::TempFolder described, written;
    SampleRepo sample = synthetic("mimo-v2");
    seed(described.path(), sample);
    sample.synthetic = false;
    seed(written.path(), sample);
    const Store one(described.path()), other(written.path());
    const auto tree = [&](const Store& store) {
        const RepoPtr repo = store.find("models", sample.repo);
        return *repo->tree(*repo->find_commit("main"));
    };
    BOOST_TEST((tree(one) == tree(other)));
    const std::string oid = tree(one).at("model_mtp.safetensors").sha256;
    BOOST_TEST(one.objects().has(oid));
    BOOST_TEST(!one.objects().holds(oid));
    BOOST_TEST(one.objects().size(oid) == other.objects().size(oid));
    std::vector<std::byte> computed(static_cast<std::size_t>(one.objects().size(oid))),
        stored(computed.size());
    BOOST_TEST(one.objects().open(oid)->read_at(0, computed) == computed.size());
    BOOST_TEST(other.objects().open(oid)->read_at(0, stored) == stored.size());
    BOOST_TEST((computed == stored));
}

BOOST_AUTO_TEST_CASE(a_synthetic_seed_made_twice_makes_one_commit_and_can_be_written_out_later)
{
    const skw::TempFolder root;
    SampleRepo sample = synthetic("glm");
    const Seeded first = seed(root.path(), sample), second = seed(root.path(), sample);
    BOOST_TEST(!first.unchanged);
    BOOST_TEST(second.unchanged);
    sample.synthetic = false;
    BOOST_TEST(seed(root.path(), sample).unchanged); // small: the hashes are the same
    const Store store(root.path());
    const RepoPtr repo = store.find("models", sample.repo);
    const auto tree = repo->tree(*repo->find_commit("main"));
    BOOST_TEST(store.objects().holds(tree->rbegin()->second.sha256));
}

BOOST_AUTO_TEST_CASE(shards_that_do_not_fit_the_disk_are_not_begun)
{
    const skw::TempFolder root;
    SeedOptions options{.sample = "deepseek-v3", .repo = {}};
    options.scale = 1;
    const SampleRepo sample = plan_sample(options);
    if (sample.bytes() <= skw::read_free_space(root.path())) {
        BOOST_TEST_MESSAGE("this disk has room for 688 GB");
        return;
    }
    BOOST_CHECK_EXCEPTION(seed(root.path(), sample), skw::Error, [](const skw::Error& error) {
        return error.code() == skw::ErrorCode::no_space &&
               error.hint().find("--synthetic") != std::string_view::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()

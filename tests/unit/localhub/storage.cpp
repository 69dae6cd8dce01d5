// SPDX-License-Identifier: Apache-2.0
// The root folder: what is on the disk after a change, a restart, and a kill.
#include "localhub/store.hpp"

#include "localhub/patterns.hpp"
#include "localhub/uploads.hpp"
#include "localhub/refusal.hpp"
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace skw::localhub;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text)
{
    std::ofstream(path) << text;
}

std::string add_file(Store& store, Repo& repo, const std::string& path, const std::string& content)
{
    const std::string head = *repo.find_ref("refs/heads/main");
    Tree tree = *repo.tree(head);
    tree[path] = keep_regular_file(store.objects(), content);
    const std::string id = repo.add_commit(head, tree, "add", "", "local");
    repo.set_ref("refs/heads/main", id);
    return id;
}

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_storage)

BOOST_AUTO_TEST_CASE(a_second_server_on_a_root_is_refused)
{
    const skw::TempFolder root;
    const Store first(root.path());
    BOOST_CHECK_EXCEPTION(Store(root.path()), skw::Error,
                          [](const skw::Error& error) { return error.code() == skw::ErrorCode::conflict; });
}

BOOST_AUTO_TEST_CASE(a_repo_is_the_same_after_a_restart)
{
    const skw::TempFolder root;
    std::string head;
    {
        Store store(root.path());
        head = add_file(store, *store.create("models", "Acme/Model", true, "local"), "a.txt", "hello");
    }
    Store store(root.path());
    const RepoPtr repo = store.find("models", "acme/model");
    BOOST_REQUIRE(repo);
    BOOST_TEST(repo->settings().id == "Acme/Model");
    BOOST_TEST(repo->settings().is_private);
    BOOST_TEST(*repo->find_commit("main") == head);
    const auto tree = repo->tree(head);
    BOOST_TEST(tree->at("a.txt").oid == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"); // git's id of "hello"
    BOOST_TEST(store.objects().read(tree->at("a.txt").sha256, 100) == "hello");
}

BOOST_AUTO_TEST_CASE(a_commit_whose_ref_was_not_written_is_not_seen)
{
    const skw::TempFolder root;
    std::string head;
    {
        Store store(root.path());
        const RepoPtr repo = store.create("models", "acme/model", false, "local");
        head = *repo->find_ref("refs/heads/main");
        repo->add_commit(head, *repo->tree(head), "never finished", "", "local"); // killed here
        write(repo->folder() / "refs" / "refs%2Fheads%2Fmain.tmp-4711", std::string(40, 'f'));
    }
    const Store store(root.path());
    const RepoPtr repo = store.find("models", "acme/model");
    BOOST_TEST(*repo->find_commit("main") == head);
    BOOST_TEST(repo->refs().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_killed_server_left_half_written_is_removed_at_the_start)
{
    const skw::TempFolder root;
    {
        Store store(root.path());
        write(root.path() / "objects" / "incoming-0123", "half");
        write(store.create("models", "acme/model", false, "local")->folder() / "settings.json.tmp-12",
              "half");
        fs::create_directories(root.path() / "unfinished-0123" / "refs");
    }
    const Store store(root.path());
    BOOST_TEST(!fs::exists(root.path() / "objects" / "incoming-0123"));
    BOOST_TEST(!fs::exists(root.path() / "unfinished-0123"));
    BOOST_TEST(!fs::exists(root.path() / "repos/models/acme/model/settings.json.tmp-12"));
    BOOST_TEST(store.find("models", "acme/model") != nullptr);
}

BOOST_AUTO_TEST_CASE(content_with_another_hash_than_announced_is_not_kept)
{
    const skw::TempFolder root;
    const Store store(root.path());
    const std::string other = skw::sha256_of("other").hex();
    {
        auto incoming = store.objects().receive();
        incoming.write(std::as_bytes(std::span(std::string_view("content"))));
        BOOST_TEST(!incoming.keep(other));
    }
    BOOST_TEST(!store.objects().has(other));
    BOOST_TEST(!store.objects().has(skw::sha256_of("content").hex()));
    BOOST_TEST(fs::is_empty(root.path() / "objects"));
}

BOOST_AUTO_TEST_CASE(a_deleted_repo_takes_no_more_writes)
{
    const skw::TempFolder root;
    Store store(root.path());
    const RepoPtr repo = store.create("models", "acme/model", false, "local");
    BOOST_TEST(store.remove("models", "ACME/model"));
    BOOST_TEST(!store.remove("models", "acme/model"));
    BOOST_CHECK_THROW(repo->write(), skw::Error);
    BOOST_TEST(!fs::exists(repo->folder()));
    BOOST_TEST(store.create("models", "acme/model", false, "local") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_moved_repo_is_found_under_its_new_name_after_a_restart)
{
    const skw::TempFolder root;
    {
        Store store(root.path());
        BOOST_TEST(store.move(store.create("models", "acme/old", false, "local"), "acme/new"));
    }
    const Store store(root.path());
    BOOST_TEST(store.find("models", "acme/new") != nullptr);
    BOOST_TEST(*store.moved_to("models", "Acme/Old") == "acme/new");
}

BOOST_AUTO_TEST_CASE(an_upload_in_parts_is_joined_once_and_only_with_all_its_parts)
{
    const skw::TempFolder root;
    const Store store(root.path());
    const std::string content = "abcdefgh";
    const Upload upload{.id = std::string(32, 'a'),
                        .kind = "models",
                        .repo = "acme/model",
                        .oid = skw::sha256_of(content).hex(),
                        .size = 8,
                        .part_size = 3};
    begin_upload(store.uploads(), upload);
    std::map<std::uint64_t, std::string> etags;
    for (std::uint64_t part = 1; part <= upload.parts(); ++part) {
        IncomingPart incoming(store.uploads(), upload.id, part);
        incoming.write(std::as_bytes(std::span(std::string_view(content).substr((part - 1) * 3, 3))));
        etags[part] = incoming.keep();
    }
    auto wrong = etags;
    wrong[2] = etags[1];
    BOOST_CHECK_THROW(finish_upload(store.uploads(), upload, wrong, store.objects()), Refusal);
    finish_upload(store.uploads(), upload, etags, store.objects());
    BOOST_TEST(store.objects().read(upload.oid, 100) == content);
    BOOST_CHECK_THROW(finish_upload(store.uploads(), upload, etags, store.objects()), Refusal);
    BOOST_TEST(fs::is_empty(store.uploads()));
}

BOOST_AUTO_TEST_CASE(a_completion_that_was_killed_can_be_asked_for_again)
{
    const skw::TempFolder root;
    {
        const Store store(root.path());
        begin_upload(store.uploads(), {.id = std::string(32, 'a'),
                                       .kind = "models",
                                       .repo = "a/b",
                                       .oid = std::string(64, 'b'),
                                       .size = 1,
                                       .part_size = 1});
        fs::rename(store.uploads() / std::string(32, 'a'),
                   store.uploads() / (std::string(32, 'a') + ".completing"));
        fs::create_directories(store.uploads() / std::string(32, 'c')); // killed before its description
    }
    const Store store(root.path());
    tidy_uploads(store.uploads());
    BOOST_TEST(read_upload(store.uploads(), std::string(32, 'a')).oid == std::string(64, 'b'));
    BOOST_TEST(!fs::exists(store.uploads() / std::string(32, 'c')));
}

BOOST_AUTO_TEST_CASE(a_copy_that_was_killed_between_its_marks_leaves_an_object_without_a_storage_hash)
{
    const skw::TempFolder root;
    const std::string whole(64, 'a'), first(64, 'b'), second(64, 'c');
    {
        Store store(root.path());
        const RepoPtr repo = store.create("models", "acme/model", false, "local");
        for (const std::string& oid : {whole, first, second}) {
            repo->add_lfs(oid, Repo::Stored::in_new_storage);
        }
        fs::remove(repo->folder() / "xet" / first);  // killed before the second mark
        fs::remove(repo->folder() / "lfs" / second); // cannot come about, and means nothing
    }
    Store store(root.path());
    const RepoPtr repo = store.find("models", "acme/model");
    BOOST_TEST((repo->storage_hash(whole) == storage_hash_of(whole)));
    BOOST_TEST(repo->has_lfs(first));
    BOOST_TEST(!repo->storage_hash(first));
    BOOST_TEST(!repo->has_lfs(second));
    BOOST_TEST(!repo->storage_hash(second));
    repo->add_lfs(first, Repo::Stored::in_new_storage); // asked for again
    BOOST_TEST((repo->storage_hash(first) == storage_hash_of(first)));
}

BOOST_AUTO_TEST_CASE(settings_last_and_a_repo_of_an_older_version_has_the_usual_ones)
{
    const skw::TempFolder root;
    fs::path folder;
    {
        Store store(root.path());
        const RepoPtr repo = store.create("models", "acme/model", false, "local", "eu");
        RepoSettings settings = repo->settings();
        settings.duplication = false;
        settings.new_storage = true;
        repo->set_settings(settings);
        folder = repo->folder();
    }
    {
        const Store store(root.path());
        const RepoSettings settings = store.find("models", "acme/model")->settings();
        BOOST_TEST(settings.region == "eu");
        BOOST_TEST(!settings.duplication);
        BOOST_TEST(settings.new_storage);
    }
    fs::remove_all(folder / "xet");
    write(folder / "settings.json", R"({"id":"acme/model","_id":"0","created":"x","private":false})");
    {
        const Store store(root.path());
        const RepoSettings settings = store.find("models", "acme/model")->settings();
        BOOST_TEST(settings.region == "us");
        BOOST_TEST(settings.duplication);
        BOOST_TEST(!settings.new_storage);
    }
    for (const char* wrong : {R"("duplication":"off")", R"("region":"U S")", R"("storage":true)"}) {
        write(folder / "settings.json",
              R"({"id":"acme/model","_id":"0","created":"x",)" + std::string(wrong) + "}");
        BOOST_CHECK_THROW(Store(root.path()), skw::Error);
    }
}

BOOST_AUTO_TEST_CASE(tokens_have_the_rights_of_the_file)
{
    const skw::TempFolder root;
    write(root.path() / "tokens.json",
          R"({"tokens":[{"token":"hf_a","name":"alice","role":"read","orgs":["acme"]}]})");
    const Accounts accounts(root.path() / "tokens.json");
    BOOST_REQUIRE(accounts.find("hf_a"));
    BOOST_TEST(!accounts.find("hf_a")->may_write());
    BOOST_TEST(accounts.find("hf_a")->owns("Acme"));
    BOOST_TEST(!accounts.find("hf_a")->owns("other"));
    BOOST_TEST(!accounts.find("hf_b"));
    write(root.path() / "bad.json", R"({"tokens":[{"token":"a","name":"x","role":"owner"}]})");
    BOOST_CHECK_THROW(Accounts(root.path() / "bad.json"), skw::Error);
    for (const char* orgs :
         {R"("acme")", R"([{"name":"acme","role":"owner"}])", R"([{"role":"read"}])", "[7]"}) {
        write(root.path() / "bad.json",
              R"({"tokens":[{"token":"hf_a","name":"x","orgs":)" + std::string(orgs) + "}]}");
        BOOST_CHECK_THROW(Accounts(root.path() / "bad.json"), skw::Error);
    }
    const Accounts open(root.path() / "absent.json");
    BOOST_TEST(open.find("hf_anything")->owns("anybody"));
    BOOST_TEST(!open.find("anything"));
}

BOOST_AUTO_TEST_CASE(a_signature_holds_for_one_method_one_address_and_its_time)
{
    using namespace std::chrono_literals;
    using Verdict = Signer::Verdict;
    const skw::TempFolder root;
    const Signer signer(root.path() / "key");
    const auto check = [](const Signer& by, std::string_view method, const std::string& url) {
        const std::size_t mark = url.find('?');
        return by.check(method, url.substr(0, mark), url.substr(mark + 1));
    };
    const std::string url = signer.sign("GET", "/a", "size=1", 1h);
    BOOST_CHECK(check(signer, "GET", url) == Verdict::good);
    BOOST_CHECK(check(Signer(root.path() / "key"), "GET", url) == Verdict::good); // after a restart
    BOOST_CHECK(check(signer, "PUT", url) == Verdict::forged);
    BOOST_CHECK(check(signer, "GET", "/b" + url.substr(2)) == Verdict::forged);
    std::string other = url;
    other.replace(url.find("size=1"), 6, "size=2");
    BOOST_CHECK(check(signer, "GET", other) == Verdict::forged);
    BOOST_CHECK(check(signer, "GET", "/a?size=1") == Verdict::forged);
    BOOST_CHECK(check(signer, "GET", signer.sign("GET", "/a", "", -1s)) == Verdict::expired);
}

BOOST_AUTO_TEST_SUITE_END()

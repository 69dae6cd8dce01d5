// SPDX-License-Identifier: Apache-2.0
// One entry added to a file: what is refused before, and what the file looks like afterwards.
#include "catalog/addition.hpp"

#include "../error_of.hpp"
#include "additions.hpp"
#include "catalog/replace_file.hpp"

#include <boost/test/unit_test.hpp>

#include <latch>
#include <thread>
#include <vector>

using namespace skw;
using Keys = std::vector<std::string>;

namespace {

struct Adding : tests::Additions {
    Keys add(const std::string& id, const std::string& to = {})
    {
        const catalog::Addition one = addition(id, to);
        Keys same = one.check([](std::string) {});
        const std::string before =
            std::filesystem::exists(one.place().file) ? read_file(one.place().file, 1u << 20) : "";
        const std::string block = one.preview();
        BOOST_TEST((std::filesystem::exists(one.place().file) ? read_file(one.place().file, 1u << 20) : "") ==
                   before);
        one.write({});
        return same;
    }
    std::string refusal(const std::string& id, const std::string& to = {})
    {
        return testing::error_of([&] { add(id, to); }).what();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_addition, Adding)

BOOST_AUTO_TEST_CASE(the_built_in_file_keeps_every_byte_and_its_mode)
{
    const std::string before = content("share/foxlight.yaml");
    std::filesystem::permissions(request.builtin_file, std::filesystem::perms(0640));
    add("o/New-1B");
    const std::string after = content("share/foxlight.yaml");
    BOOST_TEST(after.substr(0, before.size()) == before);
    BOOST_TEST(after.find("  - key: new-1b-full-q4-k\n", before.size()) == before.size() + 1);
    BOOST_TEST(mode("share/foxlight.yaml") == 0640u);
    BOOST_TEST(read().find("foxlight/new-1b-full-q4-k")->hf_repo == "FoxlightAI/new-1b-full-q4-k-vindex");
    BOOST_TEST(std::distance(std::filesystem::directory_iterator(path("share")), {}) ==
               1); // nothing beside it
}

BOOST_AUTO_TEST_CASE(the_overlay_is_made_with_its_folder_for_this_user_alone)
{
    const std::string to = "home/.config/skulk-weights/foxlight.yaml";
    std::filesystem::create_directories(path("home"));
    add("o/New-1B", to);
    add("o/New-2B", to);
    BOOST_TEST(mode("home/.config") == 0700u);
    BOOST_TEST(mode("home/.config/skulk-weights") == 0700u);
    BOOST_TEST(content(to).starts_with(
        "# Additions to the built-in catalog, read right behind it.\nmodels:\n\n  - key: "));
    BOOST_TEST(read().find("foxlight/new-1b-full-q4-k") != nullptr);
    BOOST_TEST(read().find("foxlight/new-2b-full-q4-k") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_configured_file_may_begin_with_this_entry)
{
    configure();
    add("o/New-1B", "ops.yaml");
    BOOST_TEST(content("ops.yaml").starts_with("models:\n\n  - key: new-1b-full-q4-k\n"));
    BOOST_TEST(read().find("ops/new-1b-full-q4-k")->hf_repo == "acme/new-1b-full-q4-k-vindex");
}

BOOST_AUTO_TEST_CASE(a_link_is_written_through)
{
    configure();
    write("real/list.yaml", "models:\n" + tests::entry());
    std::filesystem::create_symlink("real/list.yaml", path("ops.yaml"));
    add("o/New-1B", "ops.yaml");
    BOOST_TEST(std::filesystem::is_symlink(path("ops.yaml")));
    BOOST_TEST(content("real/list.yaml").find("new-1b-full-q4-k") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_are_taken_are_refused_in_the_contracts_order)
{
    BOOST_TEST(refusal("google/gemma-3-4b-it") ==
               "'foxlight/gemma-3-4b-full-q4-k' already exists in the catalog");
    configure();
    const std::string other = "  - {key: other, source_model: o/m, quant: q4k, tier: smoke, slices: [full], ";
    write("ops.yaml", "models:\n" + other + "output_name: x.vindex, hf_repo: acme/a-full-q4-k-vindex}\n");
    BOOST_TEST(refusal("o/A", "ops.yaml") ==
               "hf_repo 'acme/a-full-q4-k-vindex' already exists in the catalog");
    write("ops.yaml", "models:\n" + other + "output_name: a-full-q4-k.vindex, hf_repo: acme/b}\n");
    BOOST_TEST(refusal("o/A", "ops.yaml") ==
               "output_name 'a-full-q4-k.vindex' already exists in the catalog");
    // In another file of the same catalog as well.
    BOOST_TEST(refusal("o/A") == "output_name 'a-full-q4-k.vindex' already exists in the catalog");
}

BOOST_AUTO_TEST_CASE(a_file_without_entries_is_checked_against_all_others)
{
    const std::string overlay = "home/.config/skulk-weights/foxlight.yaml";
    const std::string taken = "'foxlight/gemma-3-4b-full-q4-k' already exists in the catalog";
    BOOST_TEST(refusal("google/gemma-3-4b-it", overlay) == taken);
    BOOST_TEST(
        (testing::error_of([&] { addition("google/gemma-3-4b-it", overlay).write({}); }).what() == taken));
    for (const char* const empty : {"", "# nothing yet\n", "models:\n", "models: []\n", "other: x\n"}) {
        write(overlay, empty);
        BOOST_TEST(refusal("google/gemma-3-4b-it", overlay) == taken);
    }
    configure();
    BOOST_TEST(addition("qwen/QWEN2.5-7b-instruct", "ops.yaml").check([](std::string) {}).size() == 1u);
    write("ops.yaml", "models:\n" + tests::entry());
    write("share/foxlight.yaml", "models:\n");
    BOOST_TEST(addition("o/M", "share/foxlight.yaml").check([](std::string) {}) == Keys({"ops/a"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(entries_of_the_same_model_are_named)
{
    const Keys wanted{"foxlight/qwen-2-5-7b-full-q4-k"};
    BOOST_TEST(add("qwen/QWEN2.5-7b-instruct") == wanted, boost::test_tools::per_element());
    BOOST_TEST(
        add("mistralai/Mixtral-8x7B-Instruct-v0.1", "home/.config/skulk-weights/foxlight.yaml").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_manifest_is_checked_against_the_catalog_that_is_found_here_too)
{
    request.manifest = write("m.yaml", "models:\n" + tests::entry("hf_repo: FoxlightAI/a"));
    BOOST_TEST(refusal("google/gemma-3-4b-it") ==
               "hf_repo 'FoxlightAI/gemma-3-4b-it-full-q4-k-vindex' already exists in the catalog");
    add("o/New-1B");
    BOOST_TEST(read().find("new-1b-full-q4-k") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_change_by_others_while_it_is_checked_is_noticed)
{
    configure();
    write("ops.yaml", "models:\n" + tests::entry());
    struct Meddler : tests::SampleRules {
        std::function<void()> meddle = [] {};
        std::vector<catalog::FieldFinding> check(const json::object& entry) const override
        {
            if (entry.at("key") == "ops/new-1b-full-q4-k") {
                meddle();
            }
            return SampleRules::check(entry);
        }
    } meddler;
    catalog::Place chosen = place("ops.yaml");
    catalog::NewEntry entry = catalog::make_entry(model("o/New-1B"), chosen.owner);
    const catalog::Addition one(std::move(chosen), std::move(entry), meddler);
    const std::string theirs = "models:\n" + tests::entry("", "b");
    meddler.meddle = [&] { write("ops.yaml", theirs); };
    BOOST_TEST((testing::error_of([&] { one.write({}); }).code() == ErrorCode::conflict));
    BOOST_TEST(content("ops.yaml") == theirs);
}

BOOST_AUTO_TEST_CASE(additions_at_the_same_time_are_all_there)
{
    configure();
    write("ops.yaml", "models:\n" + tests::entry());
    constexpr int count = 8;
    std::latch together(count);
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            const catalog::Addition one = addition("o/New-" + std::to_string(i) + "B", "ops.yaml");
            together.arrive_and_wait();
            one.write({});
        });
    }
    threads.clear();
    const catalog::Catalog all = read();
    for (int i = 0; i < count; ++i) {
        BOOST_TEST(all.find("ops/new-" + std::to_string(i) + "b-full-q4-k") != nullptr);
    }
}

BOOST_AUTO_TEST_CASE(the_same_addition_twice_is_refused_the_second_time)
{
    configure();
    const catalog::Addition first = addition("o/New-1B", "ops.yaml"),
                            second = addition("o/New-1B", "ops.yaml");
    first.write({});
    BOOST_TEST(std::string(testing::error_of([&] { second.write({}); }).what()) ==
               "'ops/new-1b-full-q4-k' already exists in the catalog");
}

BOOST_AUTO_TEST_CASE(whoever_waits_for_the_lock_can_be_stopped)
{
    const catalog::FolderLock lock(temp.path(), {});
    std::stop_source stop;
    stop.request_stop();
    BOOST_TEST((testing::error_of([&] { catalog::FolderLock(temp.path(), stop.get_token()); }).code() ==
                ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(a_failed_last_look_leaves_nothing_behind)
{
    write("a/file", "old");
    const auto fail = [] { throw Error(ErrorCode::conflict, "", "no"); };
    BOOST_CHECK_THROW(catalog::replace_file(path("a/file"), "new", fail), Error);
    BOOST_TEST(content("a/file") == "old");
    BOOST_TEST(std::distance(std::filesystem::directory_iterator(path("a")), {}) == 1);
    BOOST_CHECK_THROW(catalog::replace_file(path("a"), "new", [] {}), Error);
}

BOOST_AUTO_TEST_SUITE_END()

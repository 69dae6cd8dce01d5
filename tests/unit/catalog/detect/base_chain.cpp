// SPDX-License-Identifier: Apache-2.0
// Which model a chain of base_model tags ends at.
#include "catalog/detect/base_chain.hpp"

#include "../../error_of.hpp"
#include "sample_facts.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using catalog::Bases;
using Names = std::vector<std::string>;

namespace {

struct Chain : tests::SampleFacts {
    Bases follow(const std::string& id) { return catalog::follow_bases(*find_model(id), *this); }
};

std::string base_of(std::vector<std::string> tags)
{
    return catalog::immediate_base({"o/m", std::move(tags)}).value_or("none");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_base_chain, Chain)

BOOST_AUTO_TEST_CASE(the_relation_is_no_part_of_the_name)
{
    BOOST_TEST(base_of({}) == "none");
    BOOST_TEST(base_of({"base_model:a/b"}) == "a/b");
    BOOST_TEST(base_of({"base_model:finetune:a/b", "base_model:c/d"}) == "a/b");
    BOOST_TEST(base_of({"base_model:adapter:a/b"}) == "a/b");
    BOOST_TEST(base_of({"base_model:c/d", "base_model:quantized:a/b"}) == "a/b");
}

BOOST_AUTO_TEST_CASE(tags_that_name_no_repository_are_passed_over)
{
    BOOST_TEST(base_of({"base_model:llama", "base_model:a/b/c", "base_model:a/b\nc: d", "base_model:../x",
                        "base_model:-x/y", "base_model:", "base_model:unknown:a/b", "xbase_model:a/b"}) ==
               "none");
    BOOST_TEST(base_of({"base_model:quantized:a b/c", "base_model:d/e"}) == "d/e");
}

BOOST_AUTO_TEST_CASE(quantisations_are_followed_to_the_model_that_is_none)
{
    models = {{"q/four", {{"base_model:mid/eight", "base_model:quantized:mid/eight"}}},
              {"mid/eight", {{"base_model:quantized:root/full"}}},
              {"root/full", {}}};
    const Bases bases = follow("q/four");
    BOOST_TEST(bases.chain == Names({"q/four", "mid/eight", "root/full"}), boost::test_tools::per_element());
    BOOST_TEST(bases.immediate.value() == "mid/eight");
    BOOST_TEST(bases.leaf_is_there);
    BOOST_TEST(!bases.parent);
    BOOST_TEST(asked.size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_the_leaf_was_made_from_is_told_apart_from_it)
{
    models = {{"q/four", {{"base_model:quantized:o/tuned"}}},
              {"o/tuned", {{"base_model:finetune:root/base"}}}};
    const Bases bases = follow("q/four");
    BOOST_TEST(bases.leaf() == "o/tuned");
    BOOST_TEST(bases.parent.value() == "root/base");
}

BOOST_AUTO_TEST_CASE(a_base_that_is_not_there_ends_the_chain)
{
    models = {{"q/four", {{"base_model:quantized:gone/away"}}}};
    const Bases bases = follow("q/four");
    BOOST_TEST(bases.leaf() == "gone/away");
    BOOST_TEST(!bases.leaf_is_there);
}

BOOST_AUTO_TEST_CASE(a_circle_is_an_error_that_names_all_of_it)
{
    models = {{"a/a", {{"base_model:quantized:b/b"}}}, {"b/b", {{"base_model:quantized:A/a"}}}};
    const Error error = testing::error_of([&] { follow("a/a"); });
    BOOST_TEST(std::string(error.what()) == "the base models of a/a run in a circle: a/a -> b/b -> A/a");
    models = {{"a/a", {{"base_model:quantized:a/a"}}}};
    BOOST_TEST(std::string(testing::error_of([&] { follow("a/a"); }).what()) ==
               "the base models of a/a run in a circle: a/a -> a/a");
}

BOOST_AUTO_TEST_CASE(a_chain_without_end_is_given_up)
{
    for (int i = 0; i < 100; ++i) {
        models["m/" + std::to_string(i)] = {{"base_model:quantized:m/" + std::to_string(i + 1)}};
    }
    const Error error = testing::error_of([&] { follow("m/0"); });
    BOOST_TEST(std::string(error.what()).starts_with("the base models of m/0 come to no end: m/0 -> m/1 ->"));
    BOOST_TEST(asked.size() < 20u);
}

BOOST_AUTO_TEST_CASE(a_failing_hub_is_no_missing_base)
{
    models = {{"q/four", {{"base_model:quantized:o/m"}}}, {"o/m", {}}};
    failing = {"o/m"};
    const Error error = testing::error_of([&] { follow("q/four"); });
    BOOST_TEST((error.code() == ErrorCode::network));
    BOOST_TEST(std::string(error.what()) == "failed to fetch HF metadata for o/m: the server is busy");
}

BOOST_AUTO_TEST_SUITE_END()

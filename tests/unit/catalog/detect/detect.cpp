// SPDX-License-Identifier: Apache-2.0
// What is found out about a model, in which order, and what is said of it.
#include "catalog/detect/detect.hpp"

#include "../../error_of.hpp"
#include "sample_facts.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using catalog::Detected;
using catalog::Heads;
using Lines = std::vector<std::string>;

namespace {

struct Hub : tests::SampleFacts {
    Lines said;

    Detected look(const std::string& id)
    {
        said.clear();
        return catalog::detect(id, *this, [&](const std::string& line) { said.push_back(line); });
    }
    std::string failure(const std::string& id)
    {
        return testing::error_of([&] { look(id); }).what();
    }
};

const std::string fetching = "fetching metadata for o/m...";
const std::string asking = "checking for a companion assistant model on HuggingFace...";

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_detect, Hub)

BOOST_AUTO_TEST_CASE(a_model_with_heads_of_its_own_is_its_own_source)
{
    models = {{"o/m", {{}, tests::usable(15)}}};
    const Detected found = look("o/m");
    BOOST_TEST(said == Lines({fetching, "checking o/m for MTP keys..."}), boost::test_tools::per_element());
    BOOST_TEST(found.heads_in.value() == "o/m");
    BOOST_TEST(catalog::verdict_of(found) == Lines({"detected 15 MTP tensor keys in o/m"}),
               boost::test_tools::per_element());
    BOOST_TEST(found.warnings.empty());
}

BOOST_AUTO_TEST_CASE(the_leaf_comes_before_what_it_was_made_from)
{
    models = {{"o/m", {{"base_model:quantized:o/tuned"}}},
              {"o/tuned", {{"base_model:o/base"}, tests::usable(3)}},
              {"o/base", {{}, tests::usable(4)}}};
    BOOST_TEST(look("o/m").heads_in.value() == "o/tuned");
    models["o/tuned"].heads = {};
    const Detected found = look("o/m");
    BOOST_TEST(found.heads_in.value() == "o/base");
    BOOST_TEST(said ==
                   Lines({fetching, "checking o/tuned for MTP keys...", "checking o/base for MTP keys..."}),
               boost::test_tools::per_element());
    BOOST_TEST(found.warnings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(heads_that_a_publish_would_refuse_are_told_and_not_used)
{
    models = {{"o/m", {{}, {Heads::State::refused, 7, "packed as GPTQ", "use the original release"}}}};
    const Detected found = look("o/m");
    BOOST_TEST(!found.has_usable_heads());
    BOOST_TEST(said.back() == asking);
    BOOST_TEST(
        found.warnings ==
            Lines({"a publish would refuse the MTP heads of o/m: packed as GPTQ; use the original release"}),
        boost::test_tools::per_element());
    BOOST_TEST(
        catalog::verdict_of(found).front() ==
        "detected 7 MTP tensor keys in o/m that a publish would refuse \xe2\x80\x94 mtp fields omitted");
}

BOOST_AUTO_TEST_CASE(usable_heads_of_the_parent_win_over_refused_ones_of_the_leaf)
{
    models = {{"o/m", {{"base_model:o/base"}, {Heads::State::refused, 7, "packed", ""}}},
              {"o/base", {{}, tests::usable(4)}}};
    BOOST_TEST(look("o/m").heads_in.value() == "o/base");
}

BOOST_AUTO_TEST_CASE(an_assistant_is_looked_for_where_no_heads_are)
{
    models = {{"o/m", {{"base_model:quantized:g/base"}}}, {"g/base", {}}, {"g/base-assistant", {}}};
    const Detected found = look("o/m");
    BOOST_TEST(found.assistant.value() == "g/base-assistant");
    BOOST_TEST(catalog::verdict_of(found) ==
                   Lines({"Gemma 4 companion assistant detected: g/base-assistant",
                          "This model uses Google's companion-assistant pattern for speculative decoding.",
                          "The assistant is already published \xe2\x80\x94 no tensor extraction needed."}),
               boost::test_tools::per_element());
    BOOST_TEST(asked == Lines({"o/m", "g/base", "o/m-assistant", "g/base-assistant"}),
               boost::test_tools::per_element());
    models["g/base"].heads = tests::usable(1);
    BOOST_TEST(!look("o/m").assistant);
}

BOOST_AUTO_TEST_CASE(nothing_found_is_said)
{
    models = {{"o/m", {}}};
    const Detected found = look("O/M");
    BOOST_TEST(found.id == "o/m"); // as the Hub spells it
    BOOST_TEST(found.quant == "q4k");
    BOOST_TEST(found.tier == "smoke");
    BOOST_TEST(catalog::verdict_of(found) == Lines({"no MTP keys detected \xe2\x80\x94 mtp fields omitted"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(failures_have_the_texts_of_the_contract)
{
    BOOST_TEST(failure("o/m") == "HF API returned 404 for o/m \xe2\x80\x94 check the model ID");
    failing = {"o/m"};
    BOOST_TEST(failure("o/m") == "failed to fetch HF metadata for o/m: the server is busy");
    failing = {"o/m-assistant"};
    models = {{"o/m", {}}};
    BOOST_TEST(failure("o/m") == "could not check for companion assistant o/m-assistant: the server is busy");
    failing = {"o/base"};
    models = {{"o/m", {{"base_model:o/base"}}}};
    BOOST_TEST(failure("o/m") == "could not inspect o/base for MTP keys: the server is busy");
    models = {{"o/m-8bit", {}}};
    BOOST_TEST(failure("o/m-8bit") == "detected quant 'q8k' is not supported (allowed: q4k)");
}

BOOST_AUTO_TEST_CASE(a_base_that_is_hidden_is_a_warning)
{
    models = {{"o/m", {{"base_model:quantized:o/hidden"}}}};
    const Detected found = look("o/m");
    BOOST_TEST(found.warnings.size() == 1u);
    BOOST_TEST(
        found.warnings.front().starts_with("o/hidden, which o/m was quantised from, is not on the Hub"));
    BOOST_TEST(!found.heads_in);
}

BOOST_AUTO_TEST_SUITE_END()

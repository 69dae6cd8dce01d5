// SPDX-License-Identifier: Apache-2.0
// The tables hang together: rows point at blocks, no row hides another, samples are named once.
#include "mtp/head/families.hpp"

#include "mtp/head/layout.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace skw::mtp;

namespace {

std::vector<std::string> words(std::string_view list)
{
    std::vector<std::string> out;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(", "), list.size());
        out.emplace_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 2, list.size()));
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_families)

BOOST_AUTO_TEST_CASE(each_row_has_what_a_row_needs)
{
    for (const Family& row : families()) {
        BOOST_TEST(!row.name.empty());
        BOOST_TEST(row.example.find('/') != std::string_view::npos, row.name);
        BOOST_TEST(!row.model_types.empty(), row.name);
        BOOST_TEST(!row.status.empty(), row.name);
        BOOST_TEST(row.keys.empty() == row.layout.empty(), row.name);
        BOOST_TEST(row.formats.empty() == row.layout.empty(), row.name);
        BOOST_TEST((row.norms.empty() || row.norms == "zero_centred" || row.norms == "actual"), row.name);
        BOOST_TEST((row.concat_order.empty() || row.concat_order == "embedding,hidden" ||
                    row.concat_order == "hidden,embedding"),
                   row.name);
        BOOST_TEST((row.layout.empty() || !row.fixture.empty()), row.name << " has no sample");
        BOOST_TEST((!row.owns_all || row.copies.empty()), row.name);
        BOOST_TEST(row.formats.find("1x32") == std::string_view::npos, row.name);
        BOOST_TEST(row.formats.find("F8_E8M0") == std::string_view::npos, row.name);
        for (const std::string_view type : row.model_types) {
            BOOST_TEST(!type.empty(), row.name);
        }
    }
}

BOOST_AUTO_TEST_CASE(each_layout_of_a_row_is_a_block_and_each_block_has_a_row)
{
    for (const Family& row : families()) {
        BOOST_TEST((row.layout.empty() || std::ranges::count(blocks(), row.layout, &Block::layout) == 1),
                   row.name);
    }
    for (const Block& block : blocks()) {
        BOOST_TEST(std::ranges::count(families(), block.layout, &Family::layout) > 0, block.layout);
        BOOST_TEST(!(block.all_of.empty() && block.any_of.empty()), block.layout);
    }
}

BOOST_AUTO_TEST_CASE(no_row_hides_another_one)
{
    for (const Family& row : families()) {
        for (const std::string_view type : row.model_types) {
            for (const char* ending : {"", "_text"}) {
                TextConfig config;
                config.model_type = std::string(type) + ending;
                config.expert_dtype = row.expert_dtype;
                BOOST_TEST(find_family(config, row.layout) == &row, row.name << " by " << config.model_type);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_type_of_the_whole_counts_before_that_of_its_text_model)
{
    TextConfig config;
    config.model_type = "qwen3_5_moe_text";
    BOOST_TEST(find_family(config, "qwen")->name == "Qwen3.5, 3.6, 3.8");
    config.outer_type = "intern_s2_preview";
    BOOST_TEST(find_family(config, "qwen")->name == "Intern-S2 preview, Mobius");
    config.outer_type = "some_wrapper";
    BOOST_TEST(find_family(config, "qwen")->name == "Qwen3.5, 3.6, 3.8");
    BOOST_TEST(find_family(config, "nextn") == nullptr);
    BOOST_TEST(find_family({}, "nextn") == nullptr);
}

BOOST_AUTO_TEST_CASE(samples_are_named_once)
{
    const std::set<std::string> wanted{"deepseek-v3", "deepseek-v4-base",
                                       "glm-fp8",     "deepseek-v3.2",
                                       "deepseek-v4", "dspark",
                                       "qwen-mtp",    "qwen-mtp-fp8",
                                       "qwen3-next",  "qwen-flash-next",
                                       "glm",         "mimo",
                                       "mimo-v2",     "ernie",
                                       "longcat",     "nemotron",
                                       "exaone",      "step-3.5",
                                       "hy3",         "bailing",
                                       "dots3-note",  "kimi-k3",
                                       "intern-s2",   "minimax",
                                       "glm-5",       "glm5-next",
                                       "openpangu",   "hy-v4",
                                       "inkling"};
    std::set<std::string> named;
    for (const Family& row : families()) {
        for (const std::string& sample : words(row.fixture)) {
            BOOST_TEST(named.insert(sample).second, sample);
        }
    }
    BOOST_TEST(named == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_page_has_a_line_a_row)
{
    const std::string page = families_markdown();
    BOOST_TEST(static_cast<std::size_t>(std::ranges::count(page, '\n')) == families().size() + 2);
    for (const Family& row : families()) {
        BOOST_TEST(page.find("| " + std::string(row.name) + " | `" + std::string(row.example) + "` | ") !=
                       std::string::npos,
                   row.name);
    }
    std::size_t begin = 0;
    for (std::size_t end = page.find('\n'); end != std::string::npos; end = page.find('\n', begin)) {
        BOOST_TEST(std::count(page.begin() + static_cast<std::ptrdiff_t>(begin),
                              page.begin() + static_cast<std::ptrdiff_t>(end), '|') == 10);
        begin = end + 1;
    }
}

BOOST_AUTO_TEST_SUITE_END()

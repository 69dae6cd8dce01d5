// SPDX-License-Identifier: Apache-2.0
// Model ids out of what people paste.
#include "catalog/catalog.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;

namespace {

std::string parsed(std::string_view text)
{
    try {
        return catalog::parse_model_id(text);
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(catalog_model_id)

BOOST_AUTO_TEST_CASE(ids_and_addresses_of_models_give_the_id)
{
    for (const char* text :
         {"owner/repo", " owner/repo ", "owner/repo//", "https://huggingface.co/owner/repo",
          "http://huggingface.co/owner/repo", "huggingface.co/owner/repo", "www.huggingface.co/owner/repo/",
          "https://huggingface.co/owner/repo/tree/main",
          "https://huggingface.co/owner/repo/blob/main/config.json", "https://huggingface.co//owner//repo",
          "https://huggingface.co/owner/repo?x=1", "https://huggingface.co/owner/repo#a",
          "https://HuggingFace.co/owner/repo", "https://hf.co/owner/repo", "hf.co/owner/repo",
          "hf://owner/repo", "owner/repo/tree/main", "/owner/repo", "owner//repo"}) {
        BOOST_TEST(parsed(text) == "owner/repo");
    }
    BOOST_TEST(parsed("hf.co/repo") == "hf.co/repo"); // an owner may have that name
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_with_the_text_as_given)
{
    const std::string url = "cannot parse model ID from URL: ",
                      plain = "expected owner/repo or a huggingface.co URL, got: ";
    const std::pair<const char*, std::string> rows[] = {
        {"https://huggingface.co/o", url + "'https://huggingface.co/o'"},
        {" https://huggingface.co/o/ ", url + "' https://huggingface.co/o/ '"},
        {"https://huggingface.co", url + "'https://huggingface.co'"},
        {"https://huggingface.co/datasets/o/r", url + "'https://huggingface.co/datasets/o/r'"},
        {"https://huggingface.co/models/o/r", url + "'https://huggingface.co/models/o/r'"},
        {"https://example.org/o/r", url + "'https://example.org/o/r'"},
        {"o", plain + "'o'"},
        {"", plain + "''"},
        {"/", plain + "'/'"},
        {"it's", plain + "\"it's\""},
        {"o/r@main", plain + "'o/r@main'"},
        {"a/b/c", plain + "'a/b/c'"},
        {"--help/x", plain + "'--help/x'"},
        {"o/..", plain + "'o/..'"},
    };
    for (const auto& [text, message] : rows) {
        BOOST_TEST(parsed(text) == message);
    }
}

BOOST_AUTO_TEST_SUITE_END()

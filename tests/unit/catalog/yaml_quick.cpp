// SPDX-License-Identifier: Apache-2.0
// The quick reader: what it takes, what it leaves to the library, and that nobody can tell them apart.
#include "catalog/yaml_quick.hpp"

#include "both_readers.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;

BOOST_AUTO_TEST_SUITE(catalog_yaml_quick)

BOOST_AUTO_TEST_CASE(what_catalogs_consist_of_is_taken_and_read_alike)
{
    for (const char* text : {
             "models:\n  - key: a\n    slices: [full]\n    tier: moe # small\n\n  # next\n  - key: b\n",
             "models:\n- key: a\n  slices:\n  - full\n  - expert-server\n  tier: moe\n- key: b\n",
             "a:\n  b:\n    c: d\n  e: f\ng: h",
             "a: 1\nb: yes\nc: ~\nd: 2024-01-01\ne: .5\nf: -1\ng: 0x1f\nh: 12:30\n1: x\nno: y\n",
             "a: 'x: y # z'\nb: \"q\" # c\n'c d': e\n\"f\": ''\n",
             "a: 'h\xc3\xa9'\nb: c # \xc3\xa9\n",
             "# c\n---\n# d\na: b\n",
             "a:\nb:\nc: d\n",
             "a: {b: c, 'd': [e, 1, []], f: {}}\nb: [[a, b], \"c\"]\n",
             "base: &base {quant: q4k}\nmodels:\n  - <<: *base\n    key: a\n  - <<: [*base]\n    key: "
             "b\nlast: *base\n",
             "base: &b\n  x: y\nlist: &l\n- a\nall: *l\nword: &w text\nagain: *w\n",
             "a: |\n  one\n  two\n\n  three # no comment\nb: |-\n  last\n",
             "a: it's {here} [x] & *there, 50% @ 3!\nb: a:b:c\nc: x#y\nd: http://h/p?q=1\n",
             "a: 1\na: 2\n",
             "a: 2024-13-01\n",
             "- a\n- b: c\n  d: e\n- [f]\n- 'g'\n",
         }) {
        BOOST_TEST_CONTEXT(text)
        {
            const tests::BothReaders both(text);
            BOOST_TEST(both.quick);
            BOOST_TEST(both.usual == both.library);
        }
    }
}

BOOST_AUTO_TEST_CASE(whatever_is_doubtful_is_left_to_the_library)
{
    for (const char* text : {
             "",
             "# nothing\n",
             "a\n",
             "a: b: c\n",
             "a: b\n  c\n",
             "a: b\n c: d\n",
             "  a: b\n",
             "a: 'b\n  c'\n",
             "a: \"\\x41\"\n",
             "a: 'it''s'\n",
             "a: !!str 1\n",
             "? a\n: b\n",
             "a: &x 1\nb: &x 2\n",
             "a: *x\n",
             "a: >\n  b\n",
             "a: |2\n   b\n",
             "a: |\n\n  b\n",
             "a: |\n  b\n c\n",
             "a: [b,\n c]\n",
             "a: [b,]\n",
             "a: [b\n",
             "{a: b}\n",
             "[a]\n",
             "a: b\n---\nc: d\n",
             "a: b\n...\n",
             "%YAML 1.1\n---\na: b\n",
             "- - a\n",
             "-\n  a: b\n",
             "a: =\n",
             "a: <<\n",
             "a: b#\nc:d\n",
             "a:b\n",
             "a: @b\n",
             "a: 'b'c\n",
             "a: [b]c\n",
             "a: 'b'#c\n",
             "a: \xef\xbb\xbf"
             "b\n",
             "a: b\n- c\n",
             "a:\n  - b\n c: d\n",
             "&a b: c\n",
             "a: &x\nb: c\n",
             "a: {b: c}\n  d: e\n",
             "a: ? b\n",
             "a: -\n",
             "a: - b\n",
         }) {
        BOOST_TEST_CONTEXT(text)
        {
            const tests::BothReaders both(text);
            BOOST_TEST(!both.quick);
            BOOST_TEST(both.usual == both.library);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_beginning_and_every_gap_of_a_catalog_reads_alike)
{
    const std::string text = "# c\nbase: &b {q: 'x'}\nmodels:\n  - <<: *b\n    key: a\n    s: [f, \"g\"]\n"
                             "    t:\n    - u # v\n    n: |\n      l\n\n      m\n  - key: 1.5\nend: ~\n";
    BOOST_TEST(catalog::is_quick_yaml(text));
    std::size_t quick = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const std::string& cut : {text.substr(0, i), std::string(text).erase(i, 1),
                                       std::string(text).insert(i, " "), std::string(text).insert(i, "\n"),
                                       std::string(text).insert(i, ":"), std::string(text).insert(i, "- "),
                                       std::string(text).insert(i, "#"), std::string(text).insert(i, "'")}) {
            const tests::BothReaders both(cut);
            quick += both.quick ? 1 : 0;
            BOOST_TEST_CONTEXT(cut)
            {
                BOOST_TEST((both.usual == both.library));
            }
        }
    }
    BOOST_TEST(quick > text.size()); // else this compares the library with itself
}

BOOST_AUTO_TEST_SUITE_END()

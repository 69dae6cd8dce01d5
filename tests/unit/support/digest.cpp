// SPDX-License-Identifier: Apache-2.0
// Hashes equal the published ones.
#include "support/digest.hpp"

#include "support/error.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(support_digest)

BOOST_AUTO_TEST_CASE(sha256_equals_the_standards_vectors)
{
    BOOST_TEST(skw::sha256_of("").hex() ==
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_TEST(skw::sha256_of("abc").hex() ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(pieces_and_files_hash_like_the_whole)
{
    const std::string text(1'000'003, 'x');
    skw::Sha256Stream stream;
    for (std::size_t at = 0; at < text.size(); at += 777) {
        stream.add(std::as_bytes(std::span(text).subspan(at, std::min<std::size_t>(777, text.size() - at))));
    }
    const skw::TempFolder folder;
    skw::write_file_atomically(folder.path() / "x", text);
    BOOST_TEST(stream.finish().hex() == skw::sha256_of(text).hex());
    BOOST_TEST(skw::read_sha256(folder.path() / "x").hex() == skw::sha256_of(text).hex());
}

BOOST_AUTO_TEST_CASE(blob_ids_are_gits)
{
    BOOST_TEST(skw::git_blob_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    BOOST_TEST(skw::git_blob_id("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a");
}

BOOST_AUTO_TEST_CASE(a_digest_is_read_from_64_lower_case_digits_only)
{
    const std::string hex = skw::sha256_of("abc").hex();
    BOOST_TEST(skw::Sha256::parse(hex)->hex() == hex);
    BOOST_TEST(!skw::Sha256::parse(hex.substr(1)).has_value());
    BOOST_TEST(!skw::Sha256::parse("BA" + hex.substr(2)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Hashing beside other work gives the hash of the bytes in their order, whatever their sizes.
#include "plugin/hash_beside.hpp"

#include "plugin/staging.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace skw;
using namespace skw::plugin;

namespace {

std::string some_bytes(std::size_t size)
{
    std::string out(size, '\0');
    std::uint32_t seed = 7;
    for (char& byte : out) {
        seed = seed * 1664525u + 1013904223u;
        byte = static_cast<char>(seed >> 24);
    }
    return out;
}

std::span<const std::byte> bytes_of(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

const std::vector<std::size_t> sizes{0,
                                     1,
                                     HashBeside::worth_a_thread - 1,
                                     HashBeside::worth_a_thread,
                                     HashBeside::worth_a_thread + 1,
                                     3 * HashBeside::worth_a_thread,
                                     5};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_hash_beside)

BOOST_AUTO_TEST_CASE(blocks_of_all_sizes_give_the_hash_of_their_sequence)
{
    Sha256Stream hash;
    std::string all;
    for (const std::size_t size : sizes) {
        const std::string block = some_bytes(size);
        HashBeside beside(hash, bytes_of(block));
        all += block;
        beside.finish();
        BOOST_TEST(!beside.has_thread());
    }
    BOOST_TEST(hash.finish().hex() == sha256_of(all).hex());
}

BOOST_AUTO_TEST_CASE(only_a_large_block_takes_a_thread)
{
    Sha256Stream hash;
    const std::string block = some_bytes(HashBeside::worth_a_thread);
    BOOST_TEST(HashBeside(hash, bytes_of(block)).has_thread());
    BOOST_TEST(!HashBeside(hash, bytes_of(block).subspan(1)).has_thread());
}

BOOST_AUTO_TEST_CASE(a_block_that_nobody_waits_for_is_hashed_all_the_same)
{
    const std::string block = some_bytes(4 * HashBeside::worth_a_thread);
    Sha256Stream hash;
    {
        HashBeside beside(hash, bytes_of(block)); // as when the write beside it throws
    }
    BOOST_TEST(hash.finish().hex() == sha256_of(block).hex());
}

BOOST_AUTO_TEST_CASE(an_output_of_large_and_small_writes_has_the_bytes_and_the_hash_of_all)
{
    const TempFolder folder;
    Rights rights;
    rights.outputs.emplace("sidecar", PlannedOutput{.path = {}, .file = "out.bin", .size = {}});
    Staging staging(folder.path(), rights);
    const auto output = staging.open("sidecar");
    std::string all;
    for (const std::size_t size : sizes) {
        const std::string block = some_bytes(size);
        output->write(bytes_of(block));
        all += block;
    }
    const StagedOutput staged = output->finish();
    BOOST_TEST(staged.size == all.size());
    BOOST_TEST(staged.sha256.hex() == sha256_of(all).hex());
    BOOST_TEST(read_sha256(staged.file).hex() == sha256_of(all).hex());
}

BOOST_AUTO_TEST_CASE(a_large_write_beyond_the_plan_is_refused_before_a_byte_is_taken)
{
    const TempFolder folder;
    Rights rights;
    rights.outputs.emplace("sidecar",
                           PlannedOutput{.path = {}, .file = "out.bin", .size = HashBeside::worth_a_thread});
    Staging staging(folder.path(), rights);
    const auto output = staging.open("sidecar");
    const std::string block = some_bytes(HashBeside::worth_a_thread + 1);
    BOOST_CHECK_THROW(output->write(bytes_of(block)), Error);
    output->write(bytes_of(block).subspan(1));
    BOOST_TEST(output->finish().sha256.hex() == sha256_of(std::string_view(block).substr(1)).hex());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// A file is read once for as long as it stays the same, and again as soon as it does not.
#include "plugin/file_hashes.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;

struct Files {
    Files() { write_file_atomically(file, "content"); }
    // A stop is only seen while reading: what is known is still told.
    bool is_known()
    {
        std::stop_source stop;
        stop.request_stop();
        try {
            hashes.of(file, stop.get_token());
            return true;
        } catch (const Error& error) {
            BOOST_TEST((error.code() == ErrorCode::cancelled));
            return false;
        }
    }
    TempFolder folder;
    const fs::path file = folder.path() / "file";
    FileHashes hashes;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_file_hashes, Files)

BOOST_AUTO_TEST_CASE(a_file_is_read_once)
{
    BOOST_TEST(!is_known());
    std::uint64_t size = 0;
    BOOST_TEST((hashes.of(file, {}, &size) == sha256_of("content")));
    BOOST_TEST(size == 7u);
    BOOST_TEST(is_known());
    size = 0;
    BOOST_TEST((hashes.of(file, {}, &size) == sha256_of("content")));
    BOOST_TEST(size == 7u);
}

BOOST_AUTO_TEST_CASE(a_replaced_file_is_read_again_even_if_it_looks_alike)
{
    hashes.of(file, {});
    const auto written = fs::last_write_time(file);
    write_file_atomically(file, "CONTENT"); // another inode, the same size
    fs::last_write_time(file, written);
    BOOST_TEST(!is_known());
    BOOST_TEST((hashes.of(file, {}) == sha256_of("CONTENT")));
}

BOOST_AUTO_TEST_CASE(only_files_are_hashed)
{
    fs::create_symlink(file, folder.path() / "link");
    BOOST_TEST_REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    for (const char* name : {"link", "pipe", ""}) {
        const Error error = error_of([&] { hashes.of(folder.path() / name, {}); });
        BOOST_TEST((error.code() == ErrorCode::contract), error.what());
    }
    BOOST_TEST((error_of([&] { hashes.of(folder.path() / "absent", {}); }).code() == ErrorCode::io));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

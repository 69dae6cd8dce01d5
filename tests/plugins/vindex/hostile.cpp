// SPDX-License-Identifier: Apache-2.0
// Folders and documents that are made to do harm: links, devices, depth, numbers at the edge, huge texts.
#include "vindex/local_files.hpp"

#include "writer.hpp"

#include "support/files.hpp"
#include "vindex/checks.hpp"
#include "vindex/json_fields.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>

#include <sys/stat.h>

using namespace skw::test;
using namespace skw::vindex;
using skw::TempFolder;
using skw::sdk::Failure;

namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

auto says(const char* text)
{
    return [text](const Failure& failure) {
        BOOST_TEST(failure.message().find(text) != std::string::npos, failure.message());
        return failure.status() == SKW_E_BAD_INPUT;
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_hostile)

BOOST_AUTO_TEST_CASE(links_devices_and_deep_folders_are_refused)
{
    TempFolder folder;
    write_files(folder.path(), {{"a/good", "x"}, {"b", "y"}});
    BOOST_TEST(read_folder(folder.path()).size() == 2u);
    fs::create_symlink("/etc/passwd", folder.path() / "c");
    BOOST_CHECK_EXCEPTION(read_folder(folder.path()), Failure, says("holds a link"));
    BOOST_CHECK_THROW(LocalFile(folder.path() / "c", "c"), Failure);
    fs::remove(folder.path() / "c");
    fs::create_directory_symlink("/etc", folder.path() / "d");
    BOOST_CHECK_EXCEPTION(read_folder(folder.path()), Failure, says("holds a link"));
    fs::remove(folder.path() / "d");
    BOOST_REQUIRE(::mkfifo((folder.path() / "e").c_str(), 0600) == 0);
    BOOST_CHECK_EXCEPTION(read_folder(folder.path()), Failure, says("neither a file nor a folder"));
    BOOST_CHECK_EXCEPTION(LocalFile(folder.path() / "e", "e"), Failure, says("not a regular file"));
    fs::remove(folder.path() / "e");
    write_files(folder.path(), {{"a/b/c", "x"}});
    BOOST_CHECK_EXCEPTION(read_folder(folder.path()), Failure, says("nested"));
    fs::remove_all(folder.path() / "a");
    write_files(folder.path(), {{"a\n", "x"}});
    BOOST_CHECK_EXCEPTION(read_folder(folder.path()), Failure, says("odd characters"));
    BOOST_CHECK_EXCEPTION(read_folder(folder.path() / "none"), Failure, says("no such folder"));
}

BOOST_AUTO_TEST_CASE(a_file_is_never_read_beyond_its_end_or_its_limit)
{
    TempFolder folder;
    write_files(folder.path(), {{"a", "12345"}});
    const LocalFile file(folder.path() / "a", "a");
    std::array<std::byte, 4> four{};
    file.read_exactly(1, four);
    for (const std::uint64_t at : {std::uint64_t{2}, std::uint64_t{6}, most, most - 3}) {
        BOOST_CHECK_EXCEPTION(file.read_exactly(at, four), Failure, says("before what is read"));
    }
    BOOST_TEST(file.read_all(5) == "12345");
    BOOST_CHECK_EXCEPTION(file.read_all(4), Failure, says("more than the 4"));
}

BOOST_AUTO_TEST_CASE(an_existing_file_is_not_written_through)
{
    TempFolder folder;
    fs::create_symlink(folder.path() / "elsewhere", folder.path() / "a");
    BOOST_CHECK_THROW(write_new_file(folder.path() / "a", "x", "a"), Failure);
    BOOST_TEST(!fs::exists(folder.path() / "elsewhere"));
    write_new_file(folder.path() / "b", "text", "b");
    BOOST_TEST(LocalFile(folder.path() / "b", "b").read_all(10) == "text");
    BOOST_CHECK_THROW(write_new_file(folder.path() / "b", "x", "b"), Failure);
}

BOOST_AUTO_TEST_CASE(documents_with_two_equal_keys_or_too_deep_are_refused)
{
    BOOST_CHECK_EXCEPTION(read_json(R"({"a":{"b":1,"b":2}})", "x"), Failure, says("'b' stands twice"));
    BOOST_CHECK_EXCEPTION(read_json(std::string(100, '[') + std::string(100, ']'), "x"), Failure,
                          says("not JSON"));
    BOOST_CHECK_EXCEPTION(read_json(R"({"a":1} x)", "x"), Failure, says("not JSON"));
    BOOST_CHECK_EXCEPTION(read_json("\"\xff\"", "x"), Failure, says("not JSON"));
    read_json(R"({"a":{"b":1},"c":[{"b":1},{"b":2}]})", "x");
}

BOOST_AUTO_TEST_CASE(numbers_that_are_no_sizes_are_refused)
{
    for (const char* number : {"-1", "1.0", "1e3", "\"1\"", "true", "18446744073709551616", "[1]"}) {
        const json::object object = read_json_object("{\"a\":" + std::string(number) + "}", "x");
        BOOST_CHECK_EXCEPTION(Fields(object, "x").whole("a"), Failure, says("a must be a whole number"));
    }
    const json::object largest = read_json_object(R"({"a":18446744073709551615})", "x");
    BOOST_TEST(Fields(largest, "x").whole("a") == most);
    BOOST_CHECK_EXCEPTION(Fields(largest, "x").whole("b"), Failure, says("has no b"));
}

BOOST_AUTO_TEST_CASE(sums_at_the_edge_do_not_wrap_around)
{
    BOOST_TEST(plus(most, 1) == most);
    BOOST_TEST(times(most, 2) == most);
    BOOST_TEST(padded(most) == most);
    BOOST_TEST(padded(257) == 512u);
    BOOST_TEST(q4_bytes(most, 256) == most);
    BOOST_TEST(q6_bytes(3, 300) == 3u * 2 * 210);
}

BOOST_AUTO_TEST_CASE(layer_tables_and_manifests_at_the_edge_are_refused)
{
    Index index;
    index.layers = 2;
    index.hidden = most / 2;
    index.table = {{0, most, 0, most}, {1, 1, most, 1}};
    BOOST_CHECK_THROW(check_gate(index, {{"gate_vectors.bin", 1}}), Failure);
    index.hidden = 256;
    const Files files = {{"attn_weights_q4k.bin", 1}};
    const std::string huge = R"([{"key":"a","shape":[18446744073709551615,256],"format":"Q4_K","offset":0,
        "length":18446744073709551615}])";
    BOOST_CHECK_THROW(check_attention(index, files, Names::q4k, huge), Failure);
    for (const char* odd :
         {"{}", "[1]", "[{}]", R"([{"key":"a","shape":[1],"format":"Q4_K","offset":0,"length":1}])", "[[[[",
          ""}) {
        index.layers = 0;
        const std::string text(odd);
        BOOST_CHECK_THROW(check_attention(index, files, Names::q4k, text), Failure);
    }
}

BOOST_AUTO_TEST_CASE(an_index_that_is_no_index_is_refused)
{
    Bytes files = vindex_of(Kind::dense);
    const std::string good = files.at("index.json");
    read_index(good);
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, good.size() / 2, good.size() - 1}) {
        BOOST_CHECK_THROW(read_index(good.substr(0, length)), Failure);
    }
    change_object(files, "index.json", [](boost::json::object& index) {
        index["layers"] = boost::json::array(5000, boost::json::object{});
    });
    BOOST_CHECK_EXCEPTION(read_index(files.at("index.json")), Failure, says("layers has 5000 entries"));
    for (const char* member : {"version", "model", "num_layers", "hidden_size", "vocab_size", "layers"}) {
        boost::json::object index = read_json_object(good, "index.json");
        index.erase(member);
        BOOST_CHECK_EXCEPTION(read_index(boost::json::serialize(index)), Failure, says(member));
    }
}

BOOST_AUTO_TEST_SUITE_END()

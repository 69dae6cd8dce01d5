// SPDX-License-Identifier: Apache-2.0
// V13: the slice expert-server holds what the preset copies, unchanged, and nothing else.
#include "vindex/checks.hpp"

#include "writer.hpp"

#include <skw/failure.hpp>

#include <boost/json/array.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace skw::test;
using namespace skw::vindex;
using skw::sdk::Failure;

namespace {

namespace json = boost::json;

void check(const Bytes& full, const Bytes& slice)
{
    Files sizes[2];
    Hashes hashes[2];
    for (int i = 0; i < 2; ++i) {
        for (const auto& [name, bytes] : i == 0 ? full : slice) {
            sizes[i][name] = bytes.size();
            hashes[i][name] = sha256_of(bytes);
        }
    }
    const auto index = slice.find("index.json");
    check_slice(sizes[0], hashes[0], full.at("index.json"), sizes[1], hashes[1],
                index == slice.end() ? std::string() : index->second);
}

struct Defect {
    const char* name;
    void (*damage)(Bytes& slice, const Bytes& full);
    const char* place;
    const char* says;
};

std::ostream& operator<<(std::ostream& out, const Defect& defect)
{
    return out << defect.name;
}

const Defect defects[] = {
    {"missing", [](Bytes& s, const Bytes&) { s.erase("tokenizer.json"); }, "tokenizer.json",
     "the slice lacks it"},
    {"no index", [](Bytes& s, const Bytes&) { s.erase("index.json"); }, "index.json", "the slice lacks it"},
    {"extra", [](Bytes& s, const Bytes& f) { s["down_meta.bin"] = f.at("down_meta.bin"); }, "down_meta.bin",
     "does not belong into an expert-server slice"},
    {"unknown", [](Bytes& s, const Bytes&) { s["x.bin"] = "x"; }, "x.bin", "does not belong"},
    {"changed", [](Bytes& s, const Bytes&) { s["embeddings.bin"][5] ^= 1; }, "embeddings.bin", "its copy"},
    {"experts changed", [](Bytes& s, const Bytes&) { s["layers/layer_01.weights"][99] ^= 1; },
     "layers/layer_01.weights", "its copy"},
    {"index rewritten",
     [](Bytes& s, const Bytes&) {
         change_object(s, "index.json", [](json::object& i) { i["down_top_k"] = 11; });
     },
     "index.json", "in more than extract_level"},
    {"no weights",
     [](Bytes& s, const Bytes&) {
         change_object(s, "index.json", [](json::object& i) { i["has_model_weights"] = false; });
     },
     "index.json", "says that it holds no weights"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_slice)

BOOST_AUTO_TEST_CASE(a_good_slice_passes_and_holds_the_files_of_the_preset)
{
    const Bytes full = vindex_of(Kind::separate), slice = make_slice(full);
    check(full, slice);
    Files sizes;
    for (const auto& [name, bytes] : full) {
        sizes[name] = bytes.size();
    }
    const std::vector<std::string> wanted = {"embeddings.bin",
                                             "index.json",
                                             "interleaved_q4k.bin",
                                             "interleaved_q4k_manifest.json",
                                             "layers/layer_00.weights",
                                             "layers/layer_01.weights",
                                             "norms.bin",
                                             "tokenizer.json",
                                             "weight_manifest.json"};
    BOOST_TEST(slice_files(sizes) == wanted, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(each_wrong_cut_is_refused, boost::unit_test::data::make(defects), defect)
{
    const Bytes full = vindex_of(Kind::separate);
    Bytes slice = make_slice(full);
    defect.damage(slice, full);
    BOOST_CHECK_EXCEPTION(check(full, slice), Failure, [&](const Failure& failure) {
        BOOST_TEST(failure.message().find(defect.says) != std::string::npos, failure.message());
        return failure.place() == defect.place;
    });
}

BOOST_AUTO_TEST_SUITE_END()

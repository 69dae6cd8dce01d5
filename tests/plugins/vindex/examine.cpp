// SPDX-License-Identifier: Apache-2.0
// Each way in which LARQL is known to write a bad vindex is refused with words of its own (V1 to V12, V14).
#include "vindex/examine.hpp"

#include "fake_host.hpp"
#include "packed.hpp"
#include "writer.hpp"

#include <skw/failure.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <ostream>

using namespace skw::test;
using namespace skw::vindex;
using skw::sdk::Failure;

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

// A vindex on disk beside the checkpoint it was made from.
struct Bench {
    explicit Bench(Kind kind, bool tied = true)
        : sample(sample_of(kind, tied)),
          files(vindex_of(kind, "acme/model", tied))
    {
        stage();
    }

    void stage()
    {
        const Bytes repo = sample.files();
        write_files(host.folder("source"), repo);
        std::vector<SourceFile> listing;
        for (const auto& [path, bytes] : repo) {
            listing.push_back({path, bytes.size()});
        }
        selection = select_files(listing, repo.at("model.safetensors.index.json"));
        model = read_model(read_json_object(repo.at("config.json"), "config.json"));
        job.repo = "acme/model";
        job.quant = "q4k";
    }

    Examined run()
    {
        const fs::path folder = host.folder("out");
        fs::remove_all(folder);
        write_files(folder, files);
        const Source source(host.folder("source"), selection);
        return examine_vindex(skw::sdk::Call(host.call()), folder, job, model, source,
                              [](const fs::path& path) {
                                  std::ifstream in(path, std::ios::binary);
                                  return sha256_of({std::istreambuf_iterator<char>(in), {}});
                              });
    }

    FakeHost host;
    SampleModel sample;
    Bytes files;
    Selection selection;
    Model model;
    Job job;
};

struct Defect {
    const char* name;
    Kind kind;
    void (*damage)(Bytes&);
    const char* place; // the file that is named
    const char* says;
};

std::ostream& operator<<(std::ostream& out, const Defect& defect)
{
    return out << defect.name;
}

template<void (*change)(json::object&), bool sums = false>
void in_index(Bytes& files)
{
    change_object(files, "index.json", change);
    if (sums) {
        sum_again(files);
    }
}

void cut(Bytes& files, const char* name, std::size_t count)
{
    files.at(name).resize(files.at(name).size() - count);
    sum_again(files);
}

void spoil(Bytes& files, const char* name, std::size_t from)
{
    std::string& bytes = files.at(name);
    for (std::size_t i = from; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ 0x2a);
    }
    sum_again(files);
}

void put_word(std::string& bytes, std::size_t at, std::uint32_t value)
{
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[at + i] = static_cast<char>(value >> (8 * i));
    }
}

const char* const attention = "attn_weights_q4k.bin";
const char* const attention_list = "attn_weights_q4k_manifest.json";
const char* const dense = "interleaved_q4k.bin";
const char* const dense_list = "interleaved_q4k_manifest.json";

const Defect defects[] = {
    {"V1 leftover checkpoint", Kind::dense, [](Bytes& f) { f[".extract_checkpoint.json"] = "{}"; },
     ".extract_checkpoint.json", "did not finish"},
    {"V2 version", Kind::dense, in_index<[](json::object& i) { i["version"] = 3; }>, "index.json",
     "version is 3"},
    {"V2 model", Kind::dense, in_index<[](json::object& i) { i["model"] = "other/model"; }>, "index.json",
     "model is 'other/model'"},
    {"V2 source", Kind::dense,
     in_index<[](json::object& i) { i["source"].as_object()["huggingface_repo"] = "other/model"; }>,
     "index.json", "source.huggingface_repo is 'other/model'"},
    {"V2 quant", Kind::dense, in_index<[](json::object& i) { i["quant"] = "none"; }>, "index.json",
     "quant is 'none'"},
    {"V2 layers", Kind::dense, in_index<[](json::object& i) { i["num_layers"] = 3; }>, "index.json",
     "num_layers is 3, but the source's config.json says 2"},
    {"V2 hidden", Kind::dense, in_index<[](json::object& i) { i["hidden_size"] = 512; }>, "index.json",
     "hidden_size is 512"},
    {"V2 vocabulary", Kind::dense, in_index<[](json::object& i) { i["vocab_size"] = 41; }>, "index.json",
     "vocab_size is 41, but the source's embedding table says 40"},
    {"V3 no weights", Kind::dense, in_index<[](json::object& i) { i["has_model_weights"] = false; }>,
     "index.json", "has_model_weights is not true"},
    {"V3 no checksums", Kind::dense, in_index<[](json::object& i) { i["checksums"] = nullptr; }>,
     "index.json", "it has no checksums"},
    {"V3 one checksum missing", Kind::dense,
     in_index<[](json::object& i) { i["checksums"].as_object().erase("norms.bin"); }>, "index.json",
     "do not list norms.bin"},
    {"V4 wrong checksum", Kind::dense,
     in_index<[](json::object& i) { i["checksums"].as_object()["norms.bin"] = std::string(64, '0'); }>,
     "norms.bin", "its SHA-256 is"},
    {"V4 checksum of nothing", Kind::dense,
     in_index<[](json::object& i) { i["checksums"].as_object()["more.bin"] = "00"; }>, "more.bin",
     "it is not there"},
    {"V5 missing layer", Kind::dense,
     [](Bytes& f) {
         change_object(f, "index.json", [](json::object& i) { i["layers"].as_array().pop_back(); });
         f["gate_vectors.bin"].resize(f["gate_vectors.bin"].size() / 2);
         sum_again(f);
     },
     "index.json", "number of layers in the table is 1"},
    {"V5 layers not in order", Kind::dense,
     in_index<[](json::object& i) { i["layers"].as_array()[1].as_object()["layer"] = 0; }>, "index.json",
     "layers 1: layer is 0"},
    {"V5 gap", Kind::dense,
     in_index<[](json::object& i) { i["layers"].as_array()[1].as_object()["offset"] = 7; }>, "index.json",
     "layers 1: offset is 7"},
    {"V5 length", Kind::dense,
     in_index<[](json::object& i) { i["layers"].as_array()[0].as_object()["length"] = 4; }>, "index.json",
     "layers 0: length is 4"},
    {"V5 truncated gate", Kind::dense, [](Bytes& f) { cut(f, "gate_vectors.bin", 100); }, "gate_vectors.bin",
     "the layers of index.json end at"},
    {"V6 truncated embeddings", Kind::dense, [](Bytes& f) { cut(f, "embeddings.bin", 2); }, "embeddings.bin",
     "2 * vocab_size * hidden_size is 20480"},
    {"V6 truncated down_meta", Kind::dense, [](Bytes& f) { cut(f, "down_meta.bin", 1); }, "down_meta.bin",
     "its records end at"},
    {"V6 down_meta magic", Kind::dense, [](Bytes& f) { f["down_meta.bin"][0] = 'x'; }, "down_meta.bin",
     "does not begin as"},
    {"V6 down_meta count", Kind::dense, [](Bytes& f) { put_word(f["down_meta.bin"], 16, 1); },
     "down_meta.bin", "layer 0 has 1 records, index.json has 300 features"},
    {"V6 down_meta layers", Kind::dense, [](Bytes& f) { put_word(f["down_meta.bin"], 8, 9); },
     "down_meta.bin", "counts 9 layers"},
    {"V7 skipped tensors", Kind::dense,
     [](Bytes& f) { change_list(f, attention_list, [](json::array& l) { l.resize(4); }); }, attention_list,
     "it lists 4 tensors, 2 layers have 8"},
    {"V7 mixed quantization", Kind::dense,
     [](Bytes& f) {
         change_list(f, attention_list, [](json::array& l) { l[2].as_object()["format"] = "Q4_K"; });
     },
     attention_list, "the file mixes quantizations"},
    {"V7 old blocks", Kind::dense,
     [](Bytes& f) {
         change_list(f, attention_list, [](json::array& l) { l[0].as_object()["length"] = 128 * 148; });
     },
     attention_list, "has 18944 bytes, its shape in Q4_K takes 18432"},
    {"V7 gap", Kind::dense,
     [](Bytes& f) {
         change_list(f, attention_list, [](json::array& l) { l[1].as_object()["offset"] = 144; });
     },
     attention_list, "begins at byte 144"},
    {"V7 shape", Kind::dense,
     [](Bytes& f) {
         change_list(f, attention_list, [](json::array& l) { l[0].as_object()["shape"] = {128, 512}; });
     },
     attention_list, "does not fit hidden_size 256"},
    {"V7 truncated attention", Kind::dense, [](Bytes& f) { cut(f, attention, 144); }, attention,
     "its manifest ends at"},
    {"V8 empty feed-forward", Kind::dense,
     [](Bytes& f) {
         f[dense].clear();
         f[dense_list] = "[]";
     },
     dense, "it is empty"},
    {"V8 lost feed-forward", Kind::hybrid, [](Bytes& f) { f[dense_list] = "[]"; }, dense_list,
     "it lists 0 tensors, 2 layers have 6"},
    {"V8 shape", Kind::dense,
     [](Bytes& f) {
         change_object(f, "index.json", [](json::object& i) {
             for (json::value& layer : i["layers"].as_array()) {
                 layer.as_object()["num_features"] = 150;
                 layer.as_object()["length"] = 150 * 512;
             }
             i["layers"].as_array()[1].as_object()["offset"] = 150 * 512;
         });
         f["gate_vectors.bin"].resize(300 * 512);
         std::string& down = f["down_meta.bin"];
         down.resize(16);
         for (int layer = 0; layer < 2; ++layer) {
             down += std::string("\x96\0\0\0", 4) + std::string(150 * 88, 'd');
         }
         sum_again(f);
     },
     dense_list, "do not fit its 150 features"},
    {"V9 no expert files", Kind::separate,
     [](Bytes& f) { std::erase_if(f, [](const auto& file) { return file.first.starts_with("layers/"); }); },
     "layers/", "LARQL left the experts out"},
    {"V9 one expert file missing", Kind::hybrid, [](Bytes& f) { f.erase("layers/layer_01.weights"); },
     "layers/", "it holds 1 expert files, the model has 2"},
    {"V9 another name", Kind::hybrid,
     [](Bytes& f) {
         f["layers/layer_07.weights"] = f["layers/layer_01.weights"];
         f.erase("layers/layer_01.weights");
     },
     "layers/layer_01.weights", "it is missing"},
    {"V9 no experts in the index", Kind::separate,
     in_index<[](json::object& i) { i["model_config"].as_object()["moe"] = nullptr; }>, "index.json",
     "model_config.moe is missing"},
    {"V9 experts of a dense model", Kind::dense, in_index<[](json::object& i) {
         i["model_config"].as_object()["moe"] = {{"num_experts", 3}, {"hybrid", false}};
     }>,
     "index.json", "the source has no experts"},
    {"V9 layout", Kind::hybrid, in_index<[](json::object& i) { i.erase("ffn_layout"); }>, "index.json",
     "must be 'per_layer'"},
    {"V9 hybrid", Kind::hybrid,
     in_index<[](json::object& i) { i["model_config"].as_object()["moe"].as_object()["hybrid"] = false; }>,
     "index.json", "hybrid is wrong"},
    {"V9 number of experts", Kind::separate,
     in_index<[](json::object& i) { i["model_config"].as_object()["moe"].as_object()["num_experts"] = 4; }>,
     "index.json", "num_experts is 4, the source's config.json says 3"},
    {"routers missing", Kind::separate, [](Bytes& f) { f.erase("router_weights.bin"); }, "router_weights.bin",
     "it is missing"},
    {"routers cut off", Kind::hybrid, [](Bytes& f) { f["router_weights.bin"].resize(3000); }, "router_weights.bin",
     "it has 3000 bytes and must have 3072, or 3084 with biases"},
    {"V9 magic", Kind::separate, [](Bytes& f) { f["layers/layer_00.weights"][0] = 'x'; },
     "layers/layer_00.weights", "does not begin as an expert file"},
    {"V9 format", Kind::separate, [](Bytes& f) { put_word(f["layers/layer_01.weights"], 8, 5); },
     "layers/layer_01.weights", "the vindex mixes quantizations"},
    {"V9 entries", Kind::separate, [](Bytes& f) { put_word(f["layers/layer_01.weights"], 12, 2); },
     "layers/layer_01.weights", "the number of experts is 2 and must be 3"},
    {"V9 hidden", Kind::separate, [](Bytes& f) { put_word(f["layers/layer_01.weights"], 20, 2); },
     "layers/layer_01.weights", "the hidden size is 2 and must be 256"},
    {"V9 range", Kind::separate,
     [](Bytes& f) { put_word(f["layers/layer_01.weights"], 24 + 24, 0xffffffff); }, "layers/layer_01.weights",
     "expert 0: the length of down"},
    {"V9 begin", Kind::separate, [](Bytes& f) { put_word(f["layers/layer_01.weights"], 24, 7); },
     "layers/layer_01.weights", "the begin of a part is 7"},
    {"V9 truncated", Kind::separate, [](Bytes& f) { cut(f, "layers/layer_01.weights", 9); },
     "layers/layer_01.weights", "its experts end at"},
    {"V10 final norm", Kind::dense,
     [](Bytes& f) { change_list(f, "weight_manifest.json", [](json::array& l) { l.pop_back(); }); },
     "weight_manifest.json", "does not list the final norm"},
    {"V10 outside of the file", Kind::dense,
     [](Bytes& f) {
         change_list(f, "weight_manifest.json", [](json::array& l) { l[0].as_object()["length"] = 1 << 20; });
     },
     "weight_manifest.json", "of norms.bin, which has 3072"},
    {"V10 file that is not there", Kind::dense,
     [](Bytes& f) {
         change_list(f, "weight_manifest.json", [](json::array& l) { l[0].as_object()["file"] = "../x"; });
     },
     "weight_manifest.json", "lies in ../x, which is not there"},
    {"truncated tokenizer", Kind::dense, [](Bytes& f) { f["tokenizer.json"].pop_back(); }, "tokenizer.json",
     "it is not JSON"},
    {"V11 both families", Kind::dense, [](Bytes& f) { f["interleaved_kquant.bin"] = f[dense]; },
     "interleaved_kquant.bin", "mixes the file names of two generations"},
    {"V11 stray file", Kind::dense, [](Bytes& f) { f["notes.txt"] = "x"; }, "notes.txt", "does not belong"},
    {"V11 temporary file", Kind::dense, [](Bytes& f) { f["norms.bin.tmp"] = "x"; }, "norms.bin.tmp",
     "does not belong"},
    {"V11 hidden file", Kind::dense, [](Bytes& f) { f[".DS_Store"] = "x"; }, ".DS_Store", "hidden file"},
    {"V11 experts of a dense model", Kind::dense, [](Bytes& f) { f["layers/layer_00.weights"] = "x"; },
     "layers/layer_00.weights", "the source has no experts"},
    {"V11 missing file", Kind::dense, [](Bytes& f) { f.erase("norms.bin"); }, "norms.bin", "it is missing"},
    {"V12 local path", Kind::dense, in_index<[](json::object& i) {
         i["model"] = "/home/me/cache/model";
         i["source"].as_object()["huggingface_repo"] = "/home/me/cache/model";
     }>,
     "index.json", "a path of this machine"},
    {"V14 embeddings", Kind::dense, [](Bytes& f) { spoil(f, "embeddings.bin", 20480 - 2); }, "embeddings.bin",
     "row 39 of 'model.embed_tokens.weight' differs from the source at element 255"},
    {"V14 gate", Kind::dense, [](Bytes& f) { spoil(f, "gate_vectors.bin", 300 * 512); }, "gate_vectors.bin",
     "row 0 of 'model.layers.1.mlp.gate_proj.weight' differs"},
    {"V14 attention", Kind::dense, [](Bytes& f) { spoil(f, attention, 0); }, attention,
     "differs from the source's"},
    {"V14 swapped tensors", Kind::dense,
     [](Bytes& f) {
         // Up and gate of a layer have the same shape: right sizes, wrong bytes.
         std::string& bytes = f[dense];
         const std::size_t one = 300 * 144;
         std::swap_ranges(bytes.begin(), bytes.begin() + one, bytes.begin() + one);
     },
     dense, "gate_proj.weight', row 0, differs"},
    {"V14 norms", Kind::dense, [](Bytes& f) { spoil(f, "norms.bin", 2048); }, "norms.bin",
     "'model.norm.weight' differs"},
    {"V14 experts", Kind::hybrid,
     [](Bytes& f) { spoil(f, "layers/layer_01.weights", f["layers/layer_01.weights"].size() - 144); },
     "layers/layer_01.weights", "expert 2, down, row 255, differs"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_examine)

BOOST_AUTO_TEST_CASE(a_good_vindex_passes_whatever_its_kind_and_its_file_names)
{
    for (const Kind kind : {Kind::dense, Kind::hybrid, Kind::separate}) {
        for (const bool kquant : {false, true}) {
            Bench bench(kind, kquant);
            bench.files = make_vindex(bench.sample, "acme/model", kquant);
            const Examined examined = bench.run();
            BOOST_TEST(examined.files.size() == bench.files.size());
            BOOST_TEST(examined.hashes.at("norms.bin") == sha256_of(bench.files.at("norms.bin")));
            BOOST_TEST(bench.host.log.empty());
        }
    }
}

BOOST_DATA_TEST_CASE(each_defect_is_refused_with_its_own_message, boost::unit_test::data::make(defects),
                     defect)
{
    Bench bench(defect.kind);
    defect.damage(bench.files);
    BOOST_CHECK_EXCEPTION(bench.run(), Failure, [&](const Failure& failure) {
        BOOST_TEST(failure.message().find(defect.says) != std::string::npos, failure.message());
        return failure.status() == SKW_E_BAD_INPUT && failure.place().starts_with(defect.place);
    });
}

BOOST_AUTO_TEST_CASE(a_head_of_its_own_must_be_there_and_right)
{
    Bench bench(Kind::dense, false);
    bench.run();
    const Bytes good = bench.files;
    spoil(bench.files, "lm_head_q4.bin", 0);
    BOOST_CHECK_EXCEPTION(bench.run(), Failure,
                          [](const Failure& failure) { return failure.place() == "lm_head_q4.bin"; });
    bench.files = good;
    bench.files.erase("lm_head_q4.bin");
    change_list(bench.files, "weight_manifest.json", [](json::array& list) { list.pop_back(); });
    BOOST_CHECK_EXCEPTION(bench.run(), Failure, [](const Failure& failure) {
        return failure.message().find("output head of its own") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(per_layer_embeddings_must_be_there_when_the_source_has_them)
{
    Bench bench(Kind::hybrid);
    bench.model.layer_embedding = 8;
    BOOST_CHECK_EXCEPTION(bench.run(), Failure, [](const Failure& failure) {
        return failure.place() == "ple_weights.bin" &&
               failure.message().find("per-layer embeddings") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(keys_and_families_of_later_readers_are_accepted)
{
    Bench bench(Kind::dense);
    change_object(bench.files, "index.json", [](json::object& index) { index["quant"] = "kquant"; });
    // Keys without the prefix of the checkpoint, and keys that mean nothing: then the position counts.
    change_list(bench.files, attention_list, [](json::array& list) {
        list[0].as_object()["key"] = "layers.0.self_attn.q_proj.weight";
        list[1].as_object()["key"] = "something";
    });
    bench.run();
    BOOST_TEST(bench.host.log.empty());
}

BOOST_AUTO_TEST_CASE(what_the_source_has_under_no_known_name_is_noted_and_not_refused)
{
    Bench bench(Kind::dense);
    auto node = bench.sample.tensors.extract("model.layers.1.mlp.up_proj.weight");
    node.key() = "model.layers.1.mlp.other.weight";
    bench.sample.tensors.insert(std::move(node));
    bench.stage();
    bench.run();
    BOOST_TEST_REQUIRE(bench.host.log.size() == 1u);
    BOOST_TEST(bench.host.log[0] ==
               "2:interleaved_q4k.bin could not be compared with the source in full: it has "
               "no tensor layers.1.mlp.up_proj.weight");
}

BOOST_AUTO_TEST_CASE(keys_stand_in_for_values_that_the_source_does_not_store)
{
    Bench bench(Kind::dense);
    // As where both share their weights: the file holds the keys again, in the format of values.
    const SampleTensor keys = bench.sample.at("layers.0.self_attn.k_proj.weight");
    const std::string values = encode_rows(keys.values, 64, 256, true);
    const std::size_t at = (128 + 64) * 144;
    bench.files.at(attention).replace(at, values.size(), values);
    bench.sample.tensors.erase("model.layers.0.self_attn.v_proj.weight");
    bench.stage();
    bench.run();
    BOOST_TEST(bench.host.log.empty());
}

BOOST_AUTO_TEST_SUITE_END()

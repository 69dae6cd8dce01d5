// SPDX-License-Identifier: Apache-2.0
// A whole execution over a host in memory: the order of the work, the lines, what is left after a failure.
#include "vindex/execute.hpp"

#include "fake_host.hpp"
#include "writer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace skw::test;

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

struct Bench {
    explicit Bench(Kind kind, bool sliced = false)
    {
        host.source = sample_of(kind).files();
        vindex = vindex_of(kind, "o/m");
        json::object entry = {{"key", "acme/a"},
                              {"source_model", "o/m"},
                              {"quant", "q4k"},
                              {"slices", json::array{sliced ? "expert-server" : "full"}},
                              {"output_name", "a.vindex"},
                              {"hf_repo", "acme/a"}};
        json::object request = {{"schema", "skw.plan_request/1"},
                                {"kind", "vindex"},
                                {"entry", entry},
                                {"options", {{"force", false}}},
                                {"scratch", "S"},
                                {"host", {{"name", "skulk-weights"}, {"version", "1"}}}};
        request["facts"] = {{"inputs", {{"source", {{"revision", std::string(40, 'a')}}}}}};
        plan = host.plan(json::serialize(request)).document;
        host.tools["extract"].err = {"\xe2\x94\x80\xe2\x94\x80 gate_vectors \xe2\x94\x80\xe2\x94\x80",
                                     "  gate L 0: 0.1 s", "  gate L 1: 0.1 s"};
        host.tools["extract"].work = [this] { write_files(host.folder("a.vindex"), vindex); };
        host.tools["slice"].work = [this] {
            write_files(host.folder("a.vindex-expert-server"), make_slice(vindex));
        };
    }

    Outcome run()
    {
        const Outcome outcome = host.execute(plan);
        for (const std::string& line : host.log) {
            BOOST_TEST_MESSAGE(line);
        }
        return outcome;
    }
    Outcome fails(skw_status status, const char* text)
    {
        const Outcome outcome = run();
        BOOST_TEST(outcome.status == status);
        BOOST_TEST(outcome.message.find(text) != std::string::npos, outcome.message);
        return outcome;
    }
    bool ran(const char* step) const { return std::ranges::count(host.ran, step) != 0; }
    json::value manifest(const char* folder) const
    {
        std::ifstream in(host.folder(folder) / "skulk-manifest.json");
        return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    }

    FakeHost host;
    Bytes vindex;
    std::string plan;
};

bool has(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_execute)

BOOST_AUTO_TEST_CASE(a_whole_vindex_is_staged_extracted_checked_and_published)
{
    Bench bench(Kind::dense);
    const Outcome outcome = bench.run();
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    const std::vector<std::string> steps = {"version", "help-extract", "help-publish", "extract", "publish"};
    BOOST_TEST(bench.host.ran == steps, boost::test_tools::per_element());
    BOOST_TEST(bench.host.kept == (std::vector<std::string>{"hub", "a.vindex"}),
               boost::test_tools::per_element());
    BOOST_TEST(fs::exists(bench.host.scratch() / "hub/models--o--m/snapshots" / std::string(40, 'a') /
                          "config.json"));
    BOOST_TEST(std::ranges::count(bench.host.fetched, "README.md") == 0);
    for (const char* line : {"using larql 0.2.0", "estimate: disk ", "staging 6 file(s), ",
                             "extracting to S/a.vindex", "extract: gate_vectors", "checking S/a.vindex",
                             "checked 12 file(s), ", "publishing 13 file(s), "}) {
        BOOST_TEST(bench.host.logged(line), line);
    }
    BOOST_TEST(bench.host.last_done == 2u);
    BOOST_TEST(bench.host.last_total == 8u);
    BOOST_TEST(bench.host.facts.at("larql_version") == "larql 0.2.0");
    BOOST_TEST(bench.host.facts.at("larql_sha256") == std::string(64, 'a'));
    BOOST_TEST(bench.host.facts.at("slices") == "full");
    BOOST_TEST(bench.host.facts.at("vindex_files") == "13");
}

BOOST_AUTO_TEST_CASE(the_manifest_lists_every_file_and_no_path_of_this_machine)
{
    Bench bench(Kind::dense);
    BOOST_TEST_REQUIRE(bench.run().status == SKW_OK);
    const json::value manifest = bench.manifest("a.vindex");
    BOOST_TEST(manifest.at("schema").as_string() == "skw.vindex-manifest/1");
    BOOST_TEST(manifest.at("made_by").as_string() == "skulk-weights 1");
    BOOST_TEST(manifest.at("source").at("commit").as_string() == std::string(40, 'a'));
    BOOST_TEST(manifest.at("quant").as_string() == "q4k");
    BOOST_TEST(manifest.at("slices").as_string() == "full");
    BOOST_TEST(json::serialize(manifest.at("commands")) ==
               R"([["larql","extract","o/m","-o","a.vindex","--quant","q4k"]])");
    BOOST_TEST(manifest.at("files").as_array().size() == bench.vindex.size());
    for (const json::value& file : manifest.at("files").as_array()) {
        const std::string& bytes = bench.vindex.at(std::string(file.at("path").as_string()));
        BOOST_TEST(file.at("size").to_number<std::uint64_t>() == bytes.size());
        BOOST_TEST(file.at("sha256").as_string() == sha256_of(bytes));
    }
}

BOOST_AUTO_TEST_CASE(a_slice_is_cut_checked_and_published_with_its_own_manifest)
{
    Bench bench(Kind::separate, true);
    const Outcome outcome = bench.run();
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    const std::vector<std::string> steps = {"version", "help-extract", "help-publish", "help-slice",
                                            "extract", "slice",        "publish"};
    BOOST_TEST(bench.host.ran == steps, boost::test_tools::per_element());
    BOOST_TEST(!fs::exists(bench.host.folder("a.vindex") / "skulk-manifest.json"));
    const json::value manifest = bench.manifest("a.vindex-expert-server");
    BOOST_TEST(manifest.at("slices").as_string() == "expert-server");
    BOOST_TEST(manifest.at("files").as_array().size() == 9u);
    BOOST_TEST(json::serialize(manifest.at("commands")) ==
               R"([["larql","extract","o/m","-o","a.vindex","--quant","q4k"],)"
               R"(["larql","slice","a.vindex","-o","a.vindex-expert-server","--preset","expert-server"]])");
    BOOST_TEST(bench.host.facts.at("slices") == "expert-server");
}

BOOST_AUTO_TEST_CASE(what_cannot_work_is_refused_before_anything_is_fetched)
{
    {
        Bench bench(Kind::dense);
        bench.host.free_bytes = 1000;
        bench.fails(SKW_E_NO_SPACE, "of disk, 0.00000 GB are free");
        BOOST_TEST(bench.host.fetched.empty());
    }
    {
        Bench bench(Kind::dense);
        bench.host.memory = 1000;
        bench.fails(SKW_E_RESOURCE, "of memory, 0.00000 GB are available");
        BOOST_TEST(bench.host.fetched.empty());
    }
    {
        Bench bench(Kind::dense);
        bench.host.source["config.json"] =
            R"({"model_type":"gemma3","text_config":{"model_type":"gemma3_text",
            "hidden_size":5376,"intermediate_size":21504,"num_hidden_layers":62}})";
        bench.fails(SKW_E_UNSUPPORTED,
                    "gate_vectors.bin would have 14.34 GB; larql sends a file in one piece, and "
                    "the Hub takes at most 5.00 GB");
        BOOST_TEST(bench.host.fetched.empty());
    }
    {
        Bench bench(Kind::dense, true);
        bench.fails(SKW_E_UNSUPPORTED, "has no experts");
        BOOST_TEST(!bench.ran("extract"));
    }
    {
        Bench bench(Kind::dense);
        bench.host.source["config.json"] = R"({"model_type":"kimi_k2","num_hidden_layers":2})";
        bench.fails(SKW_E_UNSUPPORTED, "LARQL does not know it");
    }
    {
        Bench bench(Kind::dense);
        bench.host.tools["help-publish"].out = {"--slices"};
        bench.fails(SKW_E_UNSUPPORTED, "--collections");
    }
}

BOOST_AUTO_TEST_CASE(what_an_earlier_try_has_fetched_does_not_count_twice)
{
    Bench bench(Kind::dense);
    BOOST_TEST_REQUIRE(bench.run().status == SKW_OK);
    // Enough for what is still to come only with the staged source counted in.
    std::uint64_t source = 0;
    for (const auto& [path, bytes] : bench.host.source) {
        source += bytes.size();
    }
    fs::remove_all(bench.host.folder("a.vindex"));
    bench.host.free_bytes = source;
    BOOST_TEST(bench.run().status == SKW_OK);
    fs::remove_all(bench.host.folder("a.vindex"));
    fs::remove_all(bench.host.scratch() / "hub");
    bench.fails(SKW_E_NO_SPACE, "of disk");
}

BOOST_AUTO_TEST_CASE(a_damaged_stage_is_refused_before_the_extraction)
{
    Bench bench(Kind::dense);
    std::string shard = bench.host.source.at("model-2.safetensors");
    bench.host.staged_otherwise["model-2.safetensors"] = shard.substr(1);
    bench.fails(SKW_E_BAD_INPUT, "the Hub's listing says");
    bench.host.staged_otherwise = {{"tokenizer.json", "{"}};
    bench.fails(SKW_E_BAD_INPUT, "not JSON");
    BOOST_TEST(!bench.ran("extract"));
}

BOOST_AUTO_TEST_CASE(left_overs_in_the_output_folder_are_refused)
{
    Bench bench(Kind::dense);
    write_files(bench.host.folder("a.vindex"), {{"x", "x"}});
    bench.fails(SKW_E_BAD_INPUT, "the folder is not empty");
    BOOST_TEST(bench.host.fetched.empty());
}

BOOST_AUTO_TEST_CASE(a_failed_extraction_tells_larqls_last_words_and_how_to_go_on)
{
    Bench bench(Kind::dense);
    bench.host.tools["extract"].exit = 1;
    bench.host.tools["extract"].err = {"Error: first", "Error: not a directory: o/m", "bye"};
    const Outcome outcome = bench.fails(SKW_E_FAILED, "ended with exit code 1: Error: not a directory: o/m");
    BOOST_TEST(has(outcome.detail, "stays in S/a.vindex"), outcome.detail);
    BOOST_TEST(has(outcome.detail, "--force"), outcome.detail);
    BOOST_TEST(!bench.ran("publish"));
    bench.host.tools["extract"].exit = -9;
    bench.host.tools["extract"].err.clear();
    fs::remove_all(bench.host.folder("a.vindex"));
    bench.fails(SKW_E_FAILED, "was ended by signal 9");
}

BOOST_AUTO_TEST_CASE(an_extraction_that_writes_nothing_or_something_wrong_is_not_published)
{
    Bench bench(Kind::dense);
    const Bytes good = bench.vindex;
    bench.vindex.clear();
    bench.fails(SKW_E_BAD_INPUT, "ended with exit code 0 but wrote nothing there");
    bench.vindex = good;
    bench.vindex.at("norms.bin").clear();
    const Outcome outcome = bench.fails(SKW_E_BAD_INPUT, "it is empty");
    BOOST_TEST(has(outcome.detail, "norms.bin"), outcome.detail);
    BOOST_TEST(has(outcome.detail, "nothing was uploaded, and it stays in S/a.vindex"), outcome.detail);
    BOOST_TEST(!bench.ran("publish"));
}

BOOST_AUTO_TEST_CASE(a_wrong_slice_is_not_published)
{
    Bench bench(Kind::separate, true);
    bench.host.tools["slice"].work = [&] {
        Bytes slice = make_slice(bench.vindex);
        slice.erase("norms.bin");
        write_files(bench.host.folder("a.vindex-expert-server"), slice);
    };
    bench.fails(SKW_E_BAD_INPUT, "the slice lacks it");
    BOOST_TEST(!bench.ran("publish"));
    for (const char* folder : {"a.vindex", "a.vindex-expert-server"}) {
        fs::remove_all(bench.host.folder(folder));
    }
    bench.host.tools["slice"].exit = 1;
    bench.fails(SKW_E_FAILED, "ended with exit code 1");
    BOOST_TEST(!bench.ran("publish"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_an_earlier_try_has_finished_is_checked_and_gone_on_with)
{
    Bench bench(Kind::dense);
    bench.host.tools["publish"].exit = 1;
    bench.fails(SKW_E_FAILED, "ended with exit code 1");
    bench.host.ran.clear();
    bench.host.tools["publish"].exit = 0;
    const Outcome outcome = bench.run();
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    BOOST_TEST(!bench.ran("extract"));
    BOOST_TEST(bench.ran("publish"));
}

BOOST_AUTO_TEST_CASE(a_failed_upload_says_what_may_be_there_and_how_to_go_on)
{
    Bench bench(Kind::dense);
    bench.host.tools["publish"].exit = 1;
    bench.host.tools["publish"].err = {"Error: parse error: 413"};
    const Outcome outcome = bench.fails(SKW_E_FAILED, "ended with exit code 1: Error: parse error: 413");
    for (const char* part : {"may hold a part of the vindex", "private and not listed", "stays in S/a.vindex",
                             "Run the same command again to go on with the upload", "--force"}) {
        BOOST_TEST(has(outcome.detail, part), part);
    }
}

BOOST_AUTO_TEST_SUITE_END()

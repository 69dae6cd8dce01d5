// SPDX-License-Identifier: Apache-2.0
// skulk-hub seed: puts a sample into a root.
#include "localhub/command_line.hpp"
#include "localhub/seed.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace skw::localhub {
namespace {

po::options_description seed_options()
{
    po::options_description options("Options", 100, 50);
    const auto add = [&](const char* name, const char* meaning) { options.add_options()(name, meaning); };
    const auto add_number = [&](const char* name, const char* meaning) {
        options.add_options()(name, po::value<std::uint64_t>()->value_name("N"), meaning);
    };
    options.add_options()("root", po::value<std::string>()->value_name("DIR"),
                          "the folder that holds the repos; made when absent")(
        "repo", po::value<std::string>()->default_value("")->value_name("OWNER/NAME"),
        "instead of the sample's own");
    add("synthetic", "describe the shards in place of writing them: a server computes their bytes");
    add_number("scale",
               "qwen-mtp: divide every linear dimension by 1, 2, 4, 8, 16 (when absent), 32 or 64; MTP "
               "families: 1 for the real dimensions");
    add("single-file", "qwen-mtp, MTP families: one model.safetensors without an index");
    add_number("experts", "MTP families with experts: so many in each layer");
    options.add_options()("dtype", po::value<std::string>()->value_name("TYPE"),
                          "qwen-mtp: of the MTP tensors: bf16 (when absent), f16 or f32");
    add_number("bytes", "vision: of all weight files together; a few MB when absent");
    add_number("files", "vision: weight files; 2 when absent");
    add("moe", "vindex-source: four experts behind a router in each layer");
    add("untied", "vindex-source: with an output head of its own");
    add("list", "show the samples");
    add("help", "show this");
    return options;
}

// An option of another sample would have no effect; whoever gave it expects one.
void refuse_options_of_others(const po::variables_map& given, const std::string& sample)
{
    static const std::vector<std::pair<const char*, std::vector<const char*>>> options_of{
        {"qwen-mtp", {"scale", "dtype", "single-file"}},
        {"an MTP family", {"scale", "single-file", "experts"}},
        {"vision", {"bytes", "files"}},
        {"vindex-source", {"moe", "untied"}}};
    const auto at = std::find_if(seed_samples().begin(), seed_samples().end(),
                                 [&](const SeedSample& one) { return one.name == sample; });
    if (at == seed_samples().end()) {
        return; // which is another fault
    }
    const std::string kind = at->family ? "an MTP family" : sample;
    std::map<std::string, std::string> owner;
    std::set<std::string> own;
    for (const auto& [group, names] : options_of) {
        for (const char* name : names) {
            owner.emplace(name, group);
            if (group == kind) {
                own.insert(name);
            }
        }
    }
    for (const auto& [name, group] : owner) {
        if (given.contains(name) && !own.contains(name)) {
            throw UsageError("--" + name + " is not an option of the sample " + python_repr(sample),
                             "it belongs to " + group);
        }
    }
}

std::uint64_t number(const po::variables_map& given, const char* name, std::uint64_t otherwise)
{
    return given.contains(name) ? given[name].as<std::uint64_t>() : otherwise;
}

void list_samples()
{
    for (const SeedSample& sample : seed_samples()) {
        print(sample.name + "  " + sample.repo + "  " + sample.summary +
              (sample.real ? "  [--scale 1]" : "") + "\n");
    }
}

} // namespace

int run_seed(const std::vector<std::string>& words)
{
    const po::variables_map given = parse(words, seed_options(), "sample");
    if (given.contains("help")) {
        print("Put a sample repo into a folder that no server uses.\n\n"
              "Usage: skulk-hub seed SAMPLE --root DIR [options]\n\n" +
              text_of(seed_options()) +
              "\nExamples:\n  skulk-hub seed --list\n  skulk-hub seed qwen-mtp --root ~/hub\n"
              "  skulk-hub seed qwen-mtp --root ~/hub --scale 2 --repo acme/qwen-2gb\n"
              "  skulk-hub seed deepseek-v4 --root ~/hub --single-file\n"
              "  skulk-hub seed deepseek-v3 --root ~/hub --synthetic --scale 1\n"
              "  skulk-hub seed vision --root ~/hub --bytes 1000000000\n"
              "  skulk-hub seed vindex-source --root ~/hub --untied\n");
        return exit_code::ok;
    }
    if (given.contains("list")) {
        list_samples();
        return exit_code::ok;
    }
    if (!given.contains("sample")) {
        throw UsageError("the name of a sample is missing", "skulk-hub seed --list shows them");
    }
    const std::string type = given.contains("dtype") ? given["dtype"].as<std::string>() : "bf16";
    if (type != "bf16" && type != "f16" && type != "f32") {
        throw UsageError("--dtype must be bf16, f16 or f32, not " + python_repr(type));
    }
    SeedOptions options;
    options.sample = given["sample"].as<std::string>();
    options.repo = given["repo"].as<std::string>();
    options.synthetic = given.contains("synthetic");
    if (given.contains("scale")) {
        options.scale = given["scale"].as<std::uint64_t>();
    }
    options.experts = number(given, "experts", 0);
    if (given.contains("experts") && options.experts == 0) {
        throw UsageError("--experts must be above 0");
    }
    options.mtp_type = type == "bf16" ? SampleType::bf16 : type == "f16" ? SampleType::f16 : SampleType::f32;
    options.single_file = given.contains("single-file");
    options.bytes = number(given, "bytes", 0);
    options.files = number(given, "files", 2);
    options.moe = given.contains("moe");
    options.untied = given.contains("untied");
    refuse_options_of_others(given, options.sample);
    const SampleRepo sample = plan_sample(options);
    const std::string root = root_of(given);
    const std::string verb = sample.synthetic ? "describe " : "writing  ";
    const Seeded done = seed(root, sample, [&](std::string_view path, std::uint64_t bytes) {
        print(verb + std::string(path) + "  " + std::to_string(bytes) + " bytes\n");
    });
    const std::string mtp = sample.mtp_bytes() == 0
                                ? std::string()
                                : "mtp      " + std::to_string(sample.mtp_bytes()) + " bytes of tensors\n";
    print("repo     " + done.repo + (done.unchanged ? " (held this before; nothing changed)" : "") +
          "\ncommit   " + done.commit + "\nshards   " + human_bytes(sample.bytes()) + " (" +
          std::to_string(sample.bytes()) + " bytes)\n" + mtp + "next     skulk-hub serve --root " +
          shell_quote(root) + "\n");
    return exit_code::ok;
}

} // namespace skw::localhub

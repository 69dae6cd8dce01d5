// SPDX-License-Identifier: Apache-2.0
// skulk-hub seed: puts a sample into a root.
#include "localhub/command_line.hpp"
#include "localhub/seed.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace skw::localhub {
namespace {

po::options_description seed_options()
{
    po::options_description options("Options", 100, 50);
    options.add_options()("root", po::value<std::string>()->value_name("DIR"),
                          "the folder that holds the repos; made when absent")(
        "repo", po::value<std::string>()->default_value("")->value_name("OWNER/NAME"),
        "instead of the sample's own")(
        "scale", po::value<std::uint64_t>()->default_value(16)->value_name("N"),
        "qwen-mtp: divide every linear dimension by 1, 2, 4, 8, 16, 32 or 64: sizes fall by its square")(
        "dtype", po::value<std::string>()->default_value("bf16")->value_name("TYPE"),
        "qwen-mtp: of the MTP tensors: bf16, f16 or f32")("single-file",
                                                          "qwen-mtp: one model.safetensors without an index")(
        "bytes", po::value<std::uint64_t>()->default_value(0)->value_name("N"),
        "vision: of all weight files together; 0 = a few MB")(
        "files", po::value<std::uint64_t>()->default_value(2)->value_name("N"),
        "vision: weight files")("moe", "vindex-source: four experts behind a router in each layer")(
        "untied", "vindex-source: with an output head of its own")("list", "show the samples")("help",
                                                                                               "show this");
    return options;
}

// An option of another sample would have no effect; whoever gave it expects one.
void refuse_options_of_others(const po::variables_map& given, const std::string& sample)
{
    static const std::vector<std::pair<const char*, std::vector<const char*>>> options_of{
        {"qwen-mtp", {"scale", "dtype", "single-file"}},
        {"vision", {"bytes", "files"}},
        {"vindex-source", {"moe", "untied"}}};
    for (const auto& [owner, names] : options_of) {
        for (const char* name : names) {
            if (owner != sample && given.contains(name) && !given[name].defaulted()) {
                throw UsageError("--" + std::string(name) + " is not an option of the sample " +
                                     python_repr(sample),
                                 "it belongs to " + std::string(owner));
            }
        }
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
              "  skulk-hub seed vision --root ~/hub --bytes 1000000000\n"
              "  skulk-hub seed vindex-source --root ~/hub --untied\n");
        return exit_code::ok;
    }
    if (given.contains("list")) {
        for (const SeedSample& sample : seed_samples()) {
            print(sample.name + "  " + sample.repo + "  " + sample.summary + "\n");
        }
        return exit_code::ok;
    }
    if (!given.contains("sample")) {
        throw UsageError("the name of a sample is missing", "skulk-hub seed --list shows them");
    }
    const std::string type = given["dtype"].as<std::string>();
    if (type != "bf16" && type != "f16" && type != "f32") {
        throw UsageError("--dtype must be bf16, f16 or f32, not " + python_repr(type));
    }
    SeedOptions options;
    options.sample = given["sample"].as<std::string>();
    options.repo = given["repo"].as<std::string>();
    options.scale = given["scale"].as<std::uint64_t>();
    options.mtp_type = type == "bf16" ? SampleType::bf16 : type == "f16" ? SampleType::f16 : SampleType::f32;
    options.single_file = given.contains("single-file");
    options.bytes = given["bytes"].as<std::uint64_t>();
    options.files = given["files"].as<std::uint64_t>();
    options.moe = given.contains("moe");
    options.untied = given.contains("untied");
    const SampleRepo sample = plan_sample(options); // knows the samples
    refuse_options_of_others(given, options.sample);
    const std::string root = root_of(given);
    const Seeded done = seed(root, sample, [](std::string_view path, std::uint64_t bytes) {
        print("writing  " + std::string(path) + "  " + std::to_string(bytes) + " bytes\n");
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

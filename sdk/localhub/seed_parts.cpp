// SPDX-License-Identifier: Apache-2.0
// Which samples there are, and what they have in common.
#include "localhub/seed_parts.hpp"

#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/json.hpp"
#include "support/text.hpp"

#include <array>

namespace skw::localhub {
namespace {

constexpr std::array plans{plan_qwen, plan_vision, plan_vindex_source}; // in the order of seed_samples()

std::string five_digits(std::size_t number)
{
    const std::string digits = std::to_string(number);
    return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

} // namespace

const std::vector<SeedSample>& seed_samples()
{
    static const std::vector<SeedSample> samples{
        {"qwen-mtp", "Qwen/Qwen3.5-4B", "two shards, 15 MTP tensors spread over both, as in Qwen3.5-4B"},
        {"vision", "lab/moonvit-encoder", "a vision encoder of any size, with files that are not mirrored"},
        {"vindex-source", "lab/tiny-llama", "a Llama of two layers, small enough to be made a vindex of"}};
    return samples;
}

SampleRepo plan_sample(const SeedOptions& options)
{
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const SeedSample& sample = seed_samples()[i];
        if (sample.name != options.sample) {
            continue;
        }
        SampleRepo out = plans[i](options);
        out.repo = options.repo.empty() ? sample.repo : options.repo;
        if (!RepoId::parse(out.repo)) {
            throw UsageError("not a repo: " + python_repr(out.repo), "a repo is written OWNER/NAME");
        }
        return out;
    }
    throw UsageError("there is no sample " + python_repr(options.sample), "skulk-hub seed --list shows them");
}

void add_shards(SampleRepo& out, std::vector<Tensors> lists, std::string_view stem, std::uint64_t padding)
{
    if (lists.size() == 1) {
        out.shards.emplace("model.safetensors", SampleShard(std::move(lists[0]), padding));
        return;
    }
    json::object places;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < lists.size(); ++i) {
        const std::string path = std::string(stem) + "-" + five_digits(i + 1) + "-of-" +
                                 five_digits(lists.size()) + ".safetensors";
        for (const SampleTensor& tensor : lists[i]) {
            places[tensor.name] = path;
            total += tensor.bytes();
        }
        out.shards.emplace(path, SampleShard(std::move(lists[i]), i + 1 == lists.size() ? padding : 0));
    }
    out.texts["model.safetensors.index.json"] =
        pretty_json(json::object{{"metadata", {{"total_size", total}}}, {"weight_map", std::move(places)}});
}

void add_terms(SampleRepo& out, std::string_view model)
{
    out.texts["LICENSE"] =
        "Terms of this sample\n\n"
        "Every file here was computed by skulk-hub. Use, change and pass on all of it as you\n"
        "like. It comes as it is, without any warranty.\n";
    out.texts["NOTICE"] = "Sample checkpoint, made by skulk-hub.\nNames and shapes follow " +
                          std::string(model) + "; no value of it is in here.\n";
}

} // namespace skw::localhub

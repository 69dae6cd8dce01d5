// SPDX-License-Identifier: Apache-2.0
// Which samples there are, and what they have in common.
#include "localhub/seed_parts.hpp"

#include "localhub/families/families.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/json.hpp"
#include "support/text.hpp"

#include <optional>

namespace skw::localhub {
namespace {

constexpr std::uint64_t most_experts = 4096;

struct OwnSample {
    SeedSample sample;
    SampleRepo (*plan)(const SeedOptions&);
};

const std::vector<OwnSample>& own_samples()
{
    static const std::vector<OwnSample> samples{
        {{.name = "qwen-mtp",
          .repo = "Qwen/Qwen3.5-4B",
          .summary = "two shards, 15 MTP tensors spread over both, as in Qwen3.5-4B"},
         plan_qwen},
        {{.name = "vision",
          .repo = "lab/moonvit-encoder",
          .summary = "a vision encoder of any size, with files that are not mirrored"},
         plan_vision},
        {{.name = "vindex-source",
          .repo = "lab/tiny-llama",
          .summary = "a Llama of two layers, small enough to be made a vindex of"},
         plan_vindex_source}};
    return samples;
}

SampleRepo plan_family(const SampleFamily& family, const SeedOptions& options)
{
    if (options.scale && (*options.scale != 1 || !family.real)) {
        throw UsageError(family.real
                             ? "the scale of this sample is 1, for the real dimensions, or is left out"
                             : "this sample has small dimensions only");
    }
    if (options.experts != 0 && !family.experts) {
        throw UsageError("this sample has no experts whose number could be chosen");
    }
    if (options.experts > most_experts) {
        throw UsageError("at most " + std::to_string(most_experts) + " experts");
    }
    const FamilyOptions given{.real = options.scale.has_value(), .experts = options.experts};
    return assemble(family.make(given), given, options.single_file);
}

std::string five_digits(std::size_t number)
{
    const std::string digits = std::to_string(number);
    return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

} // namespace

const std::vector<SeedSample>& seed_samples()
{
    static const std::vector<SeedSample> samples = [] {
        std::vector<SeedSample> out;
        for (const OwnSample& own : own_samples()) {
            out.push_back(own.sample);
        }
        for (const SampleFamily& family : sample_families()) {
            out.push_back({.name = family.name,
                           .repo = family.repo,
                           .summary = family.summary,
                           .family = true,
                           .real = family.real,
                           .experts = family.experts});
        }
        return out;
    }();
    return samples;
}

SampleRepo plan_sample(const SeedOptions& options)
{
    std::optional<SampleRepo> out;
    for (const OwnSample& own : own_samples()) {
        if (own.sample.name == options.sample) {
            out = own.plan(options);
            out->repo = own.sample.repo;
        }
    }
    for (const SampleFamily& family : sample_families()) {
        if (family.name == options.sample) {
            out = plan_family(family, options);
            out->repo = family.repo;
        }
    }
    if (!out) {
        throw UsageError("there is no sample " + python_repr(options.sample),
                         "skulk-hub seed --list shows them");
    }
    out->synthetic = options.synthetic;
    if (!options.repo.empty()) {
        out->repo = options.repo;
    }
    if (!RepoId::parse(out->repo)) {
        throw UsageError("not a repo: " + python_repr(out->repo), "a repo is written OWNER/NAME");
    }
    return std::move(*out);
}

std::uint64_t SampleRepo::mtp_bytes() const
{
    std::uint64_t sum = 0;
    for (const auto& [path, shard] : shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            sum += tensor.mtp ? tensor.bytes() : 0;
        }
    }
    return sum;
}

std::uint64_t SampleRepo::mtp_tensors() const
{
    std::uint64_t count = 0;
    for (const auto& [path, shard] : shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            count += tensor.mtp ? 1 : 0;
        }
    }
    return count;
}

std::uint64_t SampleRepo::bytes() const
{
    std::uint64_t sum = 0;
    for (const auto& [path, shard] : shards) {
        sum += shard.bytes();
    }
    return sum;
}

void add_shards(SampleRepo& out, std::vector<Tensors> lists, ShardFiles files)
{
    const bool own = !files.own_file.empty();
    if (lists.size() == 1 && !own) {
        out.shards.emplace("model.safetensors",
                           SampleShard(std::move(lists[0]), files.padding, files.format));
        return;
    }
    json::object places;
    std::uint64_t total = 0;
    const auto name_all = [&](const Tensors& tensors, const std::string& path) {
        for (const SampleTensor& tensor : tensors) {
            places[tensor.name] = path;
            total += tensor.bytes();
        }
    };
    for (std::size_t i = 0; i < lists.size(); ++i) {
        const std::string path =
            files.stem + "-" + five_digits(i + 1) + "-of-" + five_digits(lists.size()) + ".safetensors";
        name_all(lists[i], path);
        out.shards.emplace(
            path, SampleShard(std::move(lists[i]), i + 1 == lists.size() ? files.padding : 0, files.format));
    }
    if (own) {
        if (files.own_file_in_index) {
            name_all(files.own_tensors, files.own_file);
        }
        out.shards.emplace(files.own_file, SampleShard(std::move(files.own_tensors), 0, files.format));
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

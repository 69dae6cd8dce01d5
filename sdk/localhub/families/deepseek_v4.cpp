// SPDX-License-Identifier: Apache-2.0
// DeepSeek-V4: the head under mtp.0 with two fusion matrices and hyper-connections, experts in packed FP4;
// and the DSpark drafter, whose three stages look like it.
#include "localhub/families/families.hpp"

namespace skw::localhub {
namespace {

struct Sizes {
    std::uint64_t hidden, heads, head, query_rank, groups, output_rank, expert, experts, vocabulary, layers;

    static Sizes of(const FamilyOptions& options)
    {
        const std::uint64_t experts = options.experts_or(8, 256);
        return options.real ? Sizes{4096, 64, 512, 1024, 8, 1024, 2048, experts, 129'280, 43}
                            : Sizes{320, 4, 64, 192, 2, 96, 192, experts, 512, 43};
    }
};

constexpr std::uint64_t streams = 4, mixes = (2 + streams) * streams; // of a hyper-connection

struct Style {
    Storage linear = Storage::fp8_block_e8m0, experts = Storage::fp4_packed;
};

void add_mixer(const Part& at, const std::string& name, std::uint64_t outputs, std::uint64_t scales,
               const Sizes& n)
{
    at.tensor(name + "_fn", {outputs, streams * n.hidden}, SampleType::f32);
    at.tensor(name + "_base", {outputs}, SampleType::f32);
    at.tensor(name + "_scale", {scales}, SampleType::f32);
}

void add_expert(const Part& at, const Sizes& n, Storage storage)
{
    at.linear("w1", n.expert, n.hidden, storage);
    at.linear("w2", n.hidden, n.expert, storage);
    at.linear("w3", n.expert, n.hidden, storage);
}

void add_layer(const Part& at, const Sizes& n, const Style& style)
{
    at.norms({"attn_norm", "ffn_norm"}, n.hidden);
    const Part attention = at.in("attn");
    attention.linear("wq_a", n.query_rank, n.hidden, style.linear);
    attention.norm("q_norm", n.query_rank);
    attention.linear("wq_b", n.heads * n.head, n.query_rank, style.linear);
    attention.linear("wkv", n.head, n.hidden, style.linear);
    attention.norm("kv_norm", n.head);
    attention.linear("wo_a", n.groups * n.output_rank, n.heads * n.head / n.groups, style.linear);
    attention.linear("wo_b", n.hidden, n.groups * n.output_rank, style.linear);
    attention.tensor("attn_sink", {n.heads}, SampleType::f32);
    const Part ffn = at.in("ffn");
    ffn.linear("gate", n.experts, n.hidden);
    ffn.tensor("gate.bias", {n.experts}, SampleType::f32);
    add_expert(ffn.in("shared_experts"), n, style.linear);
    for (std::uint64_t expert = 0; expert < n.experts; ++expert) {
        add_expert(ffn.in("experts", expert), n, style.experts);
    }
    add_mixer(at, "hc_attn", mixes, 3, n);
    add_mixer(at, "hc_ffn", mixes, 3, n);
}

void add_trunk(const Part& root, const Sizes& n, const Style& style, const FamilyOptions& options)
{
    root.linear("embed", n.vocabulary, n.hidden);
    for (std::uint64_t layer = 0; layer < n.layers; ++layer) {
        if (options.real || layer == 0 || layer + 1 == n.layers) {
            const Part at = root.in("layers", layer);
            add_layer(at, n, style);
            if (layer == 0) { // an integer table, in the trunk only
                at.tensor("ffn.gate.tid2eid", {n.vocabulary, 6}, SampleType::i64, SampleRole::table);
            }
        }
    }
    add_mixer(root, "hc_head", streams, 1, n);
    root.norm("norm", n.hidden);
    root.linear("head", n.vocabulary, n.hidden);
}

void add_head(const Part& at, const Sizes& n, const Style& style)
{
    add_layer(at, n, style);
    at.linear("e_proj", n.hidden, n.hidden, style.linear);
    at.linear("h_proj", n.hidden, n.hidden, style.linear);
    at.norms({"enorm", "hnorm", "norm"}, n.hidden);
    add_mixer(at, "hc_head", streams, 1, n);
}

json::object config(const Sizes& n, const char* expert_dtype)
{
    json::object quantised = fp8_config();
    quantised["scale_fmt"] = "ue8m0";
    return {{"architectures", {"DeepseekV4ForCausalLM"}},
            {"model_type", "deepseek_v4"},
            {"expert_dtype", expert_dtype},
            {"hidden_size", n.hidden},
            {"head_dim", n.head},
            {"hc_mult", streams},
            {"moe_intermediate_size", n.expert},
            {"n_routed_experts", n.experts},
            {"n_shared_experts", 1},
            {"num_attention_heads", n.heads},
            {"num_key_value_heads", 1},
            {"num_experts_per_tok", 6},
            {"num_hidden_layers", n.layers},
            {"num_nextn_predict_layers", 1},
            {"o_groups", n.groups},
            {"o_lora_rank", n.output_rank},
            {"q_lora_rank", n.query_rank},
            {"vocab_size", n.vocabulary},
            {"tie_word_embeddings", false},
            {"torch_dtype", "bfloat16"},
            {"quantization_config", std::move(quantised)}};
}

Checkpoint with_trunk(const char* model, const Sizes& n, const Style& style, const FamilyOptions& options)
{
    Checkpoint out{.model = model, .licence = "mit"};
    add_trunk(out.root(), n, style, options);
    out.note = "The compressors of the trunk's attention are left out.";
    out.trunk_shards = options.real ? 45 : 2;
    out.shared_percent = 0; // the head has a shard of its own
    return out;
}

} // namespace

Checkpoint make_deepseek_v4(const FamilyOptions& options)
{
    const Sizes n = Sizes::of(options);
    Checkpoint out = with_trunk("DeepSeek-V4-Flash", n, {}, options);
    add_head(out.root().head().in("mtp", 0), n, {});
    out.config = config(n, "fp4");
    return out;
}

Checkpoint make_deepseek_v4_base(const FamilyOptions& options)
{
    const Sizes n = Sizes::of(options);
    const Style style{.linear = Storage::fp8_block_dot, .experts = Storage::fp8_block_dot};
    Checkpoint out = with_trunk("DeepSeek-V4-Flash-Base", n, style, options);
    out.note += "\nTypes follow the loaders; no header of the release was seen.";
    add_head(out.root().head().in("mtp", 0), n, style);
    out.config = config(n, "fp8");
    return out;
}

Checkpoint make_dspark(const FamilyOptions& options)
{
    constexpr std::uint64_t stages = 3, targets = 3, markov_rank = 64;
    const Sizes n = Sizes::of(options);
    Checkpoint out = with_trunk("DeepSeek-V4-Flash-DSpark", n, {}, options);
    out.mtp_shards = stages;
    for (std::uint64_t stage = 0; stage < stages; ++stage) {
        const Part at = out.root().head().in("mtp", stage);
        add_layer(at, n, {});
        if (stage == 0) {
            at.linear("main_proj", n.hidden, targets * n.hidden, Storage::fp8_block_e8m0);
            at.norm("main_norm", n.hidden);
        }
        if (stage + 1 == stages) {
            at.norm("norm", n.hidden);
            add_mixer(at, "hc_head", streams, 1, n);
            at.linear("markov_head.markov_w1", n.vocabulary, markov_rank);
            at.linear("markov_head.markov_w2", n.vocabulary, markov_rank);
            at.linear("confidence_head.proj", 1, n.hidden + markov_rank);
        }
    }
    out.config = config(n, "fp4");
    out.config["dspark_block_size"] = 5;
    out.config["dspark_num_mtp_layers"] = stages;
    out.config["dspark_target_layer_ids"] = {40, 41, 42};
    return out;
}

} // namespace skw::localhub

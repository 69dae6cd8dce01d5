// SPDX-License-Identifier: Apache-2.0
// The sample "vindex-source": a complete Llama, or Mixtral, of two layers whose sizes suit the blocks of
// k-quants.
#include "localhub/seed_parts.hpp"

#include "support/json.hpp"

namespace skw::localhub {
namespace {

constexpr std::uint64_t layers = 2, hidden = 256, intermediate = 256, vocabulary = 512, heads = 4,
                        kv_heads = 2, head = 64, experts = 4, experts_a_token = 2;
constexpr std::uint64_t first_token = vocabulary - 2, last_token = vocabulary - 1; // of a text
constexpr std::uint32_t halvings = 3; // to magnitudes of 0.001 to 0.06, as trained weights have them

void add_layer(Tensors& out, std::uint64_t layer, bool moe)
{
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    add(out, prefix + "input_layernorm.weight", {hidden});
    add(out, prefix + "post_attention_layernorm.weight", {hidden});
    add(out, prefix + "self_attn.q_proj.weight", {heads * head, hidden});
    add(out, prefix + "self_attn.k_proj.weight", {kv_heads * head, hidden});
    add(out, prefix + "self_attn.v_proj.weight", {kv_heads * head, hidden});
    add(out, prefix + "self_attn.o_proj.weight", {hidden, heads * head});
    if (!moe) {
        add(out, prefix + "mlp.gate_proj.weight", {intermediate, hidden});
        add(out, prefix + "mlp.up_proj.weight", {intermediate, hidden});
        add(out, prefix + "mlp.down_proj.weight", {hidden, intermediate});
        return;
    }
    add(out, prefix + "block_sparse_moe.gate.weight", {experts, hidden});
    for (std::uint64_t expert = 0; expert < experts; ++expert) {
        const std::string place = prefix + "block_sparse_moe.experts." + std::to_string(expert) + ".";
        add(out, place + "w1.weight", {intermediate, hidden}); // gate
        add(out, place + "w2.weight", {hidden, intermediate}); // down
        add(out, place + "w3.weight", {intermediate, hidden}); // up
    }
}

std::string config(const SeedOptions& options)
{
    json::object out{{"architectures", {options.moe ? "MixtralForCausalLM" : "LlamaForCausalLM"}},
                     {"model_type", options.moe ? "mixtral" : "llama"},
                     {"attention_bias", false},
                     {"attention_dropout", 0.0},
                     {"bos_token_id", first_token},
                     {"eos_token_id", last_token},
                     {"head_dim", head},
                     {"hidden_act", "silu"},
                     {"hidden_size", hidden},
                     {"initializer_range", 0.02},
                     {"intermediate_size", intermediate},
                     {"max_position_embeddings", 2048},
                     {"num_attention_heads", heads},
                     {"num_hidden_layers", layers},
                     {"num_key_value_heads", kv_heads},
                     {"rms_norm_eps", 1e-5},
                     {"rope_scaling", nullptr},
                     {"rope_theta", 500'000.0},
                     {"tie_word_embeddings", !options.untied},
                     {"torch_dtype", "bfloat16"},
                     {"transformers_version", "4.57.0"},
                     {"use_cache", true},
                     {"vocab_size", vocabulary}};
    if (options.moe) {
        out["num_local_experts"] = experts;
        out["num_experts_per_tok"] = experts_a_token;
        out["output_router_logits"] = false;
        out["router_aux_loss_coef"] = 0.02;
        out["sliding_window"] = nullptr;
    } else {
        out["mlp_bias"] = false;
        out["pretraining_tp"] = 1;
    }
    return pretty_json(out);
}

// The character that stands for a byte in a byte-level vocabulary: printable bytes for themselves, all others
// in their order from U+0100 on.
std::string character_of(unsigned byte)
{
    unsigned code = byte, others = 0;
    const auto stands_for_itself = [](unsigned b) {
        return (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xff && b != 0xad);
    };
    if (!stands_for_itself(byte)) {
        for (unsigned before = 0; before < byte; ++before) {
            others += stands_for_itself(before) ? 0 : 1;
        }
        code = 0x100 + others;
    }
    if (code < 0x80) {
        return {static_cast<char>(code)};
    }
    return {static_cast<char>(0xc0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3f))};
}

json::object special_token(std::uint64_t id, std::string_view text)
{
    return {{"id", id},        {"content", text},     {"single_word", false}, {"lstrip", false},
            {"rstrip", false}, {"normalized", false}, {"special", true}};
}

// 256 bytes, 16 letters with a blank in front, 238 pairs of letters, 2 special tokens.
std::string tokenizer()
{
    constexpr std::string_view letters = "etaoinshrdlucmfw";
    json::object vocab;
    json::array merges;
    for (unsigned byte = 0; byte < 256; ++byte) {
        vocab[character_of(byte)] = vocab.size();
    }
    const auto merge = [&](const std::string& left, const std::string& right) {
        if (vocab.size() < first_token) {
            vocab[left + right] = vocab.size();
            merges.push_back(json::string(left + " " + right));
        }
    };
    for (const char letter : letters) {
        merge(character_of(' '), std::string(1, letter));
    }
    for (const char left : letters) {
        for (const char right : letters) {
            merge(std::string(1, left), std::string(1, right));
        }
    }
    const json::object byte_level{
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
    return pretty_json(json::object{
        {"version", "1.0"},
        {"truncation", nullptr},
        {"padding", nullptr},
        {"added_tokens",
         {special_token(first_token, "<|begin_of_text|>"), special_token(last_token, "<|end_of_text|>")}},
        {"normalizer", nullptr},
        {"pre_tokenizer", byte_level},
        {"post_processor", nullptr},
        {"decoder", byte_level},
        {"model",
         {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", nullptr},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", false},
          {"byte_fallback", false},
          {"vocab", std::move(vocab)},
          {"merges", std::move(merges)}}}});
}

constexpr const char* readme =
    "---\nlibrary_name: transformers\nlicense: llama3.2\npipeline_tag: text-generation\nlanguage:\n- en\n"
    "tags:\n- llama\n---\n\n# Sample checkpoint\n\n"
    "A complete decoder of two layers. The values are pseudo-random: what it generates means nothing.\n";
constexpr const char* use_policy =
    "# Use policy of this sample\n\nUse it for rehearsals and tests. Pass this page on with the files.\n";

} // namespace

SampleRepo plan_vindex_source(const SeedOptions& options)
{
    SampleRepo out;
    std::vector<Tensors> lists(layers);
    add(lists.front(), "model.embed_tokens.weight", {vocabulary, hidden});
    for (std::uint64_t layer = 0; layer < layers; ++layer) {
        add_layer(lists[layer], layer, options.moe);
    }
    add(lists.back(), "model.norm.weight", {hidden});
    if (options.untied) {
        add(lists.back(), "lm_head.weight", {vocabulary, hidden});
    }
    for (Tensors& tensors : lists) {
        for (SampleTensor& tensor : tensors) {
            tensor.halvings = halvings;
        }
    }
    add_shards(out, std::move(lists));
    add_terms(out, options.moe ? "Mixtral" : "Llama");
    out.texts.erase("NOTICE"); // the real ones have a use policy instead
    out.texts["USE_POLICY.md"] = use_policy;
    out.texts["README.md"] = readme;
    out.texts["config.json"] = config(options);
    out.texts["generation_config.json"] = pretty_json(json::object{{"bos_token_id", first_token},
                                                                   {"eos_token_id", last_token},
                                                                   {"do_sample", true},
                                                                   {"temperature", 0.6},
                                                                   {"top_p", 0.9}});
    out.texts["tokenizer.json"] = tokenizer();
    out.texts["tokenizer_config.json"] =
        pretty_json(json::object{{"tokenizer_class", "PreTrainedTokenizerFast"},
                                 {"bos_token", "<|begin_of_text|>"},
                                 {"eos_token", "<|end_of_text|>"},
                                 {"clean_up_tokenization_spaces", true},
                                 {"model_max_length", 2048}});
    return out;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// What a checkpoint's config.json says about its depth and its MTP layers, read as a stream.
//
// Real files reach 7 MB (every quantised layer listed), so nothing but the members asked for is kept.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace skw::mtp {

struct TextConfig {
    std::optional<std::uint64_t> trunk_layers;    // num_hidden_layers of the text model
    std::optional<std::uint64_t> declared_layers; // MTP layers as stored: steps times layers of a step
    std::string declared_by;       // the member that says so, such as "num_nextn_predict_layers"
    std::uint64_t step_layers = 1; // stored layers of one step: the length of a hybrid model's pattern
    std::string model_type;        // of the text model, else of the whole; "" = not given
    std::string outer_type;        // of the whole, where the text model is nested; "" = not given
    std::optional<std::array<std::uint64_t, 2>> block; // quantization_config.weight_block_size: rows, columns
    std::string expert_dtype;                          // "fp4", "fp8"; "" = not given
    bool declares_dspark = false;                      // any "dspark_*" member
};

// Takes config.json in pieces.
class TextConfigParser {
public:
    TextConfigParser();
    ~TextConfigParser();

    // fails   safetensors::Error (no JSON); sdk::Failure (a member that counts stands twice)
    void feed(std::string_view json);
    // Resolves: the first mapping with a layer count among the top level, text_config, llm_config,
    // language_config and thinker_config.text_config is the text model; everything else is looked for there,
    // then at the top level. Nulls, booleans, fractions, texts and a depth of 0 count as not given, and so
    // does a block size that is not two whole numbers from 1 to block_limit.
    TextConfig finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

inline constexpr std::uint64_t block_limit = 1u << 16; // of rows or columns; the largest real ones are 128

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The table of parameters that stay F32, and the dtype of each tensor of the sidecar.
#include "mtp/storage/precision.hpp"

#include <algorithm>
#include <array>

namespace skw::mtp {

namespace {

constexpr std::string_view decides_experts =
    "is added to the scores that pick the experts; near ties flip when it is rounded";
constexpr std::string_view sink = "competes with the attention scores inside a softmax, for every token";
constexpr std::string_view mixes_streams =
    "mixes the residual streams, so an error of it is carried through every layer behind";

constexpr std::array<KeptParameter, 10> rows{{
    {"e_score_correction_bias", decides_experts},
    {"gate.bias", decides_experts},
    {"expert_bias", decides_experts},
    {"router_bias", decides_experts},
    {"attn_sink", sink},
    {"attention_sink_bias", sink},
    {"sinks", sink},
    {"hc_*", mixes_streams},
    {"*hyper_connection*.*", mixes_streams},
    {"*hyper_connection*.*.*", mixes_streams},
}};

// A component against one of a pattern: each "*" is a run, maybe empty, of anything. No backtracking beyond
// the last "*" is needed, so this is linear in practice and bounded by the product of the two lengths.
bool component_fits(std::string_view text, std::string_view pattern)
{
    std::size_t at = 0, in = 0, star = std::string_view::npos, retry = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            star = in++;
            retry = at;
        } else if (in < pattern.size() && pattern[in] == text[at]) {
            ++in;
            ++at;
        } else if (star != std::string_view::npos) {
            in = star + 1;
            at = ++retry;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in) == std::string_view::npos;
}

// The last components of the name, as many as the pattern has.
bool name_fits(std::string_view name, std::string_view pattern)
{
    for (;;) {
        const auto name_dot = name.rfind('.'), pattern_dot = pattern.rfind('.');
        if (!component_fits(name.substr(name_dot + 1), pattern.substr(pattern_dot + 1))) {
            return false; // npos + 1 is 0: no dot, all of it
        }
        if (pattern_dot == std::string_view::npos) {
            return true;
        }
        if (name_dot == std::string_view::npos) {
            return false;
        }
        name = name.substr(0, name_dot);
        pattern = pattern.substr(0, pattern_dot);
    }
}

} // namespace

std::span<const KeptParameter> kept_parameters()
{
    return rows;
}

bool is_named_parameter(std::string_view name)
{
    return std::ranges::any_of(rows, [name](const KeptParameter& row) {
        return !row.pattern.ends_with(".*") && name_fits(name, row.pattern);
    });
}

safetensors::Dtype output_dtype(const StoredTensor& tensor, KeepF32 keep)
{
    using safetensors::Dtype;
    if (tensor.storage.element == Element::table) {
        return tensor.source.dtype;
    }
    if (tensor.storage.element != Element::f32 || keep == KeepF32::none) {
        return Dtype::bf16;
    }
    const bool kept = keep == KeepF32::all || std::ranges::any_of(rows, [&tensor](const KeptParameter& row) {
                          return name_fits(tensor.name, row.pattern);
                      });
    return kept ? Dtype::f32 : Dtype::bf16;
}

} // namespace skw::mtp

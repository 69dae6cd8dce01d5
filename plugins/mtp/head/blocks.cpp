// SPDX-License-Identifier: Apache-2.0
// The fusion blocks: how a head joins the token's embedding and the trunk's hidden state.
#include "mtp/head/families.hpp"

namespace skw::mtp {

namespace {

const std::vector<Block> table{
    // Block drafters only look like MTP heads, so they are asked for first.
    {.layout = "dspark",
     .any_of = {"main_proj", "markov_head", "confidence_head"},
     .in_layers = true,
     .needs_layers = true,
     .accept = "dspark"},
    {.layout = "qwen",
     .all_of = {"fc"},
     .any_of = {"pre_fc_norm_hidden", "pre_fc_norm_embedding"},
     .required = {"fc", "norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden"},
     .needs_layers = true},
    {.layout = "qwen-split",
     .all_of = {"fc_embedding", "fc_hidden"},
     .required = {"fc_embedding", "fc_hidden", "pre_fc_norm_embedding", "pre_fc_norm_hidden"},
     .needs_layers = true},
    {.layout = "nextn",
     .all_of = {"eh_proj"},
     .any_of = {"enorm", "hnorm"},
     .required = {"eh_proj", "enorm", "hnorm"},
     .in_layers = true,
     .needs_layers = true,
     .copies = {"embed_tokens.weight", "shared_head.head.weight"}},
    {.layout = "deepseek-v4",
     .all_of = {"e_proj", "h_proj", "hc_head_fn"},
     .required = {"e_proj", "h_proj", "enorm", "hnorm", "hc_head_fn"},
     .in_layers = true,
     .needs_layers = true},
    {.layout = "mimo",
     .all_of = {"input_proj", "token_layernorm"},
     .required = {"input_proj", "token_layernorm", "hidden_layernorm", "final_layernorm"},
     .in_layers = true,
     .needs_layers = true},
    {.layout = "ernie",
     .all_of = {"mtp_linear_proj", "mtp_block"},
     .required = {"mtp_linear_proj", "mtp_emb_norm", "mtp_hidden_norm"},
     .in_layers = true,
     .needs_layers = true},
    {.layout = "inkling",
     .all_of = {"input_proj", "embed_norm", "transformer_block"},
     .required = {"input_proj", "embed_norm", "hidden_norm"},
     .in_layers = true,
     .needs_layers = true},
};

} // namespace

std::span<const Block> blocks()
{
    return table;
}

} // namespace skw::mtp

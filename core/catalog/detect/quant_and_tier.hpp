// SPDX-License-Identifier: Apache-2.0
// Two fields of a new entry that a model's name, tags and configuration tell: quant and tier.
#pragma once

#include "catalog/detect/model_facts.hpp"
#include "support/json.hpp"

#include <string>

namespace skw::catalog {

// "q8k" for a model that was made with 8 bits, else "q4k". "8bit", "8-bit" and "q8" count as whole words of
// the model's name and of its own tags; tags that name something else ("dataset:...", "base_model:...") do
// not.
std::string detect_quant(const ModelInfo& info);

// "moe" for a model with experts: by its tags, or by what config.json says of the text model; else "smoke".
std::string detect_tier(const ModelInfo& info, const json::value& config);

} // namespace skw::catalog

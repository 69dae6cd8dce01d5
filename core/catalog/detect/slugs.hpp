// SPDX-License-Identifier: Apache-2.0
// The names that are made of a model's name: the contract's section 7.7.
#pragma once

#include <string>
#include <string_view>

namespace skw::catalog {

// Each takes "owner/name" and looks at the name. An ending such as "-it" counts where no letter follows, so
// that "Foo-Italian" keeps its own. The results are lower-case; what characters a name brings else, stays in.

// "google/gemma-3-4b-it" -> "gemma-3-4b"
std::string key_slug(std::string_view model);
// "meta-llama/Llama-3.2-3B-Instruct" -> "llama-3-2-3b-it"
std::string artifact_slug(std::string_view model);
// "mlx-community/Kimi-K2.5-4bit" -> "kimi-k2-5-4bit": one sidecar serves all quantisations of a model.
std::string base_slug(std::string_view model);

} // namespace skw::catalog

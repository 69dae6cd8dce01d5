// SPDX-License-Identifier: Apache-2.0
// The sidecar file before it exists: which tensors under which names, and its header.
#pragma once

#include "mtp/options.hpp"
#include "mtp/survey.hpp"

#include "safetensors/writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

// Where the sidecar comes from, as it is recorded in it.
struct Origin {
    std::string repo;
    std::string revision; // 40 hex digits, or "" if it is not known
    std::string tool;     // "skulk-weights 0.1.0"
};

struct Output {
    safetensors::Layout layout;
    std::vector<OutputTensor> tensors; // as layout.tensors
    std::vector<std::string> kept_f32; // their names in the sidecar, by name
    std::vector<std::string> omitted;  // copies of the base model's, as stored, by name
    std::vector<std::string> formats;  // of the source: "BF16", "F8_E4M3/128x128/F32"; sorted
    bool renamed = false;
};
// needs   a head without refusals, or those accepted
// fails   sdk::Failure: two tensors of one name after renaming, nothing left, a header no reader would take
Output plan_output(const Head& head, const Options& options, const Origin& origin);

// A list of names for people: at most `most` of them, then "and N more".
std::string name_list(const std::vector<std::string>& names, std::size_t most, std::string_view mark = ", ");

} // namespace skw::mtp

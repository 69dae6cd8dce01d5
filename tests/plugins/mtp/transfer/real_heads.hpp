// SPDX-License-Identifier: Apache-2.0
// Heads of real dimensions without their bytes.
#pragma once

#include "mtp/transfer/transfer.hpp"

#include "sample.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skw::test {

// One shard, filled as the official writer does it, scales before all weights, or with each scale behind its
// weight.
class Head {
public:
    explicit Head(bool scales_apart) : apart_(scales_apart) {}

    void add(const std::string& name, mtp::Element element, std::vector<std::uint64_t> shape,
             std::optional<ScaleRecipe> scale = std::nullopt,
             safetensors::Dtype made = safetensors::Dtype::bf16);
    void place();                                           // once, after the last add()
    std::size_t stored() const noexcept { return stored_; } // tensors of the checkpoint, scales included

    std::vector<mtp::OutputTensor> tensors;

private:
    bool apart_;
    std::size_t stored_ = 0;
};

Head deepseek_v3(bool scales_apart);         // layer 61, 1,564 tensors
Head deepseek_v4_experts(bool scales_apart); // the routed experts of V4-Flash, 1,536 tensors

} // namespace skw::test

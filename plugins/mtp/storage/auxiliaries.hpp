// SPDX-License-Identifier: Apache-2.0
// What stands beside a quantised weight and may be a part of it that no format knows.
#pragma once

#include "mtp/storage/refusals.hpp"
#include "mtp/storage/storage.hpp"

#include <string_view>
#include <vector>

namespace skw::mtp {

// Why the weight beside a tensor of this name is not the one that was trained: pre-scales and low-rank
// corrections. Text for behind the name; "" for any other.
std::string_view auxiliary_reason(std::string_view name);

// Takes out and refuses what may not stand beside a quantised weight. In the module of a `.weight` these may:
// its bias, the parameters of kept_parameters(), index tables; below it nothing. Beside fused parameters
// (experts.gate_up_proj) other matrices may as well, unless they are named after one of them.
// needs   weights by name: what companions and calibration values have left
void refuse_auxiliaries(std::vector<StoredTensor>& weights, RefusalList& refusals);

} // namespace skw::mtp

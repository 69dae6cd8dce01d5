// SPDX-License-Identifier: Apache-2.0
// Which F32 parameters stay F32, and why. One row a parameter.
#pragma once

#include "mtp/options.hpp"
#include "mtp/storage/storage.hpp"

#include <span>
#include <string_view>

namespace skw::mtp {

// A parameter whose rounding to BF16 changes decisions instead of adding noise.
struct KeptParameter {
    std::string_view pattern; // of the name's last components; "*" is a run of letters without a dot
    std::string_view reason;
};
std::span<const KeptParameter> kept_parameters();
// Whether a row gives the parameter's own name, and not only that of its module.
bool is_named_parameter(std::string_view name);

// The dtype of a tensor in the sidecar: BF16, F32 where the source is F32 and it is kept, or an index table's
// own.
safetensors::Dtype output_dtype(const StoredTensor& tensor, KeepF32 keep);

} // namespace skw::mtp

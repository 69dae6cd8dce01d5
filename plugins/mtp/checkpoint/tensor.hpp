// SPDX-License-Identifier: Apache-2.0
// A tensor of the checkpoint as its shard's header has it, and what is said when a head is not taken.
#pragma once

#include "safetensors/dtype.hpp"

#include <skw/failure.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

struct SourceTensor {
    std::string name;
    safetensors::Dtype dtype = safetensors::Dtype::bf16;
    std::vector<std::uint64_t> shape; // as stored
    std::size_t shard = 0;            // into the list of shards that were read
    std::uint64_t begin = 0, end = 0; // bytes of the file
};

// One reason not to extract a head, as a value: a run stops at the first, `inspect` shows them all.
struct Refusal {
    skw_status status = SKW_E_UNSUPPORTED;
    std::string place, message, hint;
    std::string_view accept{}; // the word of mtp_accept that takes it all the same; "" = none does

    [[noreturn]] void raise() const { throw sdk::Failure(status, place, message, hint); }
};

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Moves the tensors: reads ranges, converts in place, writes; one buffer, whatever a tensor's size.
#pragma once

#include "mtp/output.hpp"

#include <skw/services.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace skw::mtp {

inline constexpr std::size_t buffer_bytes = 1u << 20; // a multiple of every element's size

// Writes header and tensors of `output` to `sink`, telling progress of the step "extract" in bytes read.
// needs   buffer: a multiple of 8 bytes, for the call only
// fails   sdk::Failure: a NaN in a weight, a finite value that BF16 cannot hold (both name the tensor); what
//         the host's services fail with
void stream_tensors(const sdk::Call& call, const sdk::Hub& hub, const std::string& input, const Head& head,
                    const Output& output, sdk::Writer& sink, std::span<std::byte> buffer, Meter& meter);

} // namespace skw::mtp

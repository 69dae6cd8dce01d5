// SPDX-License-Identifier: Apache-2.0
// Moves the tensors: parallel ranged reads, conversion band by band, one in-order write.
#pragma once

#include "mtp/storage/storage.hpp"

#include "safetensors/dtype.hpp"

#include <skw/services.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skw::mtp {

// What was asked of the Hub.
struct Meter {
    std::uint64_t requests = 0;
    std::uint64_t bytes_read = 0;
};

// A tensor of the sidecar.
struct OutputTensor {
    std::string name; // in the sidecar
    safetensors::Dtype dtype = safetensors::Dtype::bf16;
    StoredTensor stored;
};

struct TransferSettings {
    std::size_t workers = 4;             // bands under way at once
    std::uint64_t band_bytes = 8u << 20; // of output, each; memory is about workers x (this + 1 MiB)
    bool accept_nonfinite = false;
};

// Reads, converts and writes all tensors in their order, telling progress of `step` in bytes read. The
// calling thread is one of the workers; a small head has one band and starts no thread.
// needs   shards: by SourceTensor::shard; tensors in the order of the file
// needs   sink: what comes before them is written already
// fails   sdk::Failure that names the tensor: a value that is not a number, a finite value that BF16 cannot
//         hold, a scale that is not finite, a second scale of zero
// fails   what the host's services fail with
void transfer_tensors(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
                      std::span<const std::string> shards, std::span<const OutputTensor> tensors,
                      std::string_view step, const TransferSettings& settings, sdk::Writer& sink,
                      Meter& meter);

// Bytes that transfer_tensors fetches, gaps between merged ranges included. Fails as it does for tensors
// whose bytes are not those of their shapes.
std::uint64_t fetch_bytes(std::span<const OutputTensor> tensors, const TransferSettings& settings);

} // namespace skw::mtp

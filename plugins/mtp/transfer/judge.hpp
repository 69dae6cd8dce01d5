// SPDX-License-Identifier: Apache-2.0
// Decides what odd values of a tensor mean for the run, once all of it has been seen.
#pragma once

#include "mtp/kernels/kernels.hpp"
#include "mtp/transfer/bands.hpp"

#include <skw/call.hpp>

#include <span>
#include <string>

namespace skw::mtp {

class Judge {
public:
    // All arguments outlive it.
    Judge(const sdk::Call& call, std::span<const std::string> shards, std::span<const OutputTensor> tensors,
          bool accept_nonfinite)
        : call_(call),
          shards_(shards),
          tensors_(tensors),
          accept_(accept_nonfinite)
    {
    }

    // needs   pieces in the order of the file
    // fails   sdk::Failure(SKW_E_BAD_INPUT) after a tensor's last piece, unless such values are accepted: it
    //         holds values that are not a number, or finite ones that BF16 cannot hold
    void add(const Piece& piece, const Tally& tally);

private:
    void judge(const OutputTensor& tensor) const;

    const sdk::Call& call_;
    std::span<const std::string> shards_;
    std::span<const OutputTensor> tensors_;
    bool accept_;
    Tally sum_; // of the tensor that is under way
};

} // namespace skw::mtp

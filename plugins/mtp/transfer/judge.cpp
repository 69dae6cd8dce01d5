// SPDX-License-Identifier: Apache-2.0
// Errors and warnings about values.
#include "mtp/transfer/judge.hpp"

#include "safetensors/error.hpp"

namespace skw::mtp {

using safetensors::printable_name;

void Judge::add(const Piece& piece, const Tally& tally)
{
    sum_.nan += tally.nan;
    sum_.inf_in_source += tally.inf_in_source;
    sum_.overflow += tally.overflow;
    const OutputTensor& tensor = tensors_[piece.tensor];
    if (piece.last == tensor.stored.elements()) {
        judge(tensor);
        sum_ = {};
    }
}

void Judge::judge(const OutputTensor& tensor) const
{
    const SourceTensor& source = tensor.stored.source;
    const std::string name = printable_name(source.name);
    const auto refuse = [&](const std::string& text, const std::string& hint) {
        if (!accept_) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(shards_[source.shard]), name + text, hint);
        }
        call_.warning(name + text + "; accepted by mtp_accept");
    };
    if (sum_.nan != 0) {
        refuse(" holds " + std::to_string(sum_.nan) + " value(s) that are not a number",
               "a head with such weights only makes wrong guesses; look for a sound release. mtp_accept: "
               "[non-finite] takes them all the same, and the sidecar says so");
    }
    if (sum_.overflow != 0) {
        refuse(" holds " + std::to_string(sum_.overflow) + " finite value(s) beyond the range of BF16",
               "they would become infinite; mtp_accept: [non-finite] takes them all the same, and the "
               "sidecar says so");
    }
    if (sum_.inf_in_source != 0) {
        call_.warning(name + " holds " + std::to_string(sum_.inf_in_source) +
                      " infinite value(s), kept as they are");
    }
}

} // namespace skw::mtp

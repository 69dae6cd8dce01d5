// SPDX-License-Identifier: Apache-2.0
// What is not taken by its name or its dtype alone, and the list of complaints about a head.
#pragma once

#include "mtp/checkpoint/tensor.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

inline constexpr std::string_view original_release = "use the original release of the model";

// A packing of some tool, recognised by the names in a module.
struct ForeignPacking {
    std::string_view format; // "GPTQ or AWQ packed integers"
    std::string_view main;   // the component of the packed weight, for messages
    std::string_view reason;
    std::vector<std::string_view> markers; // last components that no other format has
};
std::span<const ForeignPacking> foreign_packings(); // the first with a marker in the module counts
// nullptr: no marker.
const ForeignPacking* find_packing(const SourceTensor& tensor);
// The module that a marker packs: "mtp.x" of "mtp.x.qweight" and of "mtp.x.weight.absmax".
std::string_view packed_module(std::string_view name);

// Why no weight is stored in this dtype; "" if some are.
std::string_view foreign_dtype_reason(safetensors::Dtype dtype);
// Whether integers of this name number or count something: token and expert tables, positions.
bool is_index_table(std::string_view name, safetensors::Dtype dtype);

// Complaints, alike ones collapsed into one with their number; bounded whatever the checkpoint.
class RefusalList {
public:
    static constexpr std::size_t limit = 64; // of distinct ones; the rest are counted in a last one

    // needs   shards: file names, for messages; outlive the list
    explicit RefusalList(std::span<const std::string> shards) : shards_(shards) {}
    // The message is the tensor's name and `text`. Two with the same key are alike; "" = the text is the key.
    void add(const SourceTensor& tensor, skw_status status, const std::string& text, std::string_view hint,
             std::string_view key = {});
    // By the name of the first tensor of each.
    std::vector<Refusal> finish();

private:
    struct Entry {
        std::string name;
        Refusal refusal;
        std::uint64_t more = 0;
    };
    std::span<const std::string> shards_;
    std::map<std::string, Entry, std::less<>> entries_; // by key
    std::uint64_t beyond_ = 0;
};

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Sample checkpoints: safetensors files whose every range can be computed, so that no file has to be shipped,
// and one of any size can be served without being written.
#pragma once

#include "localhub/values.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct SampleTensor {
    std::string name;
    SampleType type = SampleType::bf16;
    std::vector<std::uint64_t> shape; // as stored
    SampleRole role = SampleRole::number;
    bool mtp = false;           // belongs to the MTP head
    std::uint32_t halvings = 0; // role number: values are divided by 2 so often, up to 7 times
    std::uint64_t period = 0;   // role number: element i is element i % period; 0 = never

    std::uint64_t elements() const;
    std::uint64_t bytes() const { return elements() * bytes_of(type); }
    // Bytes offset to offset + out.size() - 1 of its data.
    void read(std::uint64_t offset, std::span<std::byte> out) const;
};

// One safetensors file. Tensors are written with the wider types first, then by name. Any number of threads
// may read from it.
class SampleShard {
public:
    // The padding is blanks at the end of the header; a multiple of 8 keeps the tensors aligned. `format` is
    // the one member of the metadata.
    explicit SampleShard(std::vector<SampleTensor> tensors, std::uint64_t padding = 0,
                         std::string format = "pt");
    const std::vector<SampleTensor>& tensors() const noexcept { return tensors_; }
    const std::string& header() const noexcept { return header_; }  // with its length in front
    std::uint64_t bytes() const noexcept { return begins_.back(); } // of the whole file
    // Where in the file the data of tensors()[i] begin.
    std::uint64_t begin_of(std::size_t i) const { return begins_.at(i); }
    // Bytes of the file from offset on; fewer than asked for only at its end.
    std::size_t read(std::uint64_t offset, std::span<std::byte> out) const;
    // The whole file in order, a block at a time: memory does not grow with it.
    void write(const std::function<void(std::span<const std::byte>)>& sink) const;

    // A text from which the same file can be made again, and the file of such a text. Throws
    // Error(bad_input).
    std::string description() const;
    static SampleShard described(std::string_view text, std::string_view place);

private:
    std::vector<SampleTensor> tensors_;
    std::uint64_t padding_;
    std::string format_, header_;
    std::vector<std::uint64_t> begins_; // and the end of the file
};

} // namespace skw::localhub

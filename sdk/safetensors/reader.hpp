// SPDX-License-Identifier: Apache-2.0
// Reads safetensors headers from hostile files: every rule of the format is checked, nothing is guessed.
//
// A file is: 8 bytes little-endian length n, n bytes of JSON, then the data of all tensors. A ranged reader
// asks for the first bytes, learns n from header_length, and feeds the JSON in pieces of any size.
#pragma once

#include "safetensors/dtype.hpp"
#include "safetensors/error.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::safetensors {

inline constexpr std::uint64_t header_limit =
    100'000'000;                                       // bytes of JSON, as in the reference implementation
inline constexpr std::size_t length_bytes = 8;         // of the number in front of the JSON
// What is kept of one header is bounded, so that a hostile one cannot take the machine's memory. Released
// shards hold some thousand tensors, the largest checkpoint about 166,000 in all its shards together.
inline constexpr std::size_t tensor_limit = 100'000;
inline constexpr std::size_t kept_limit = 16u << 20; // bytes of names, shapes and metadata
inline constexpr std::size_t dimension_limit = 64;

struct Tensor {
    std::string name;
    Dtype dtype = Dtype::bf16;
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0, end = 0; // offsets from the first byte behind the header

    std::uint64_t bytes() const noexcept { return end - begin; }
    bool operator==(const Tensor&) const = default;
};

struct Header {
    std::map<std::string, std::string> metadata;
    std::vector<Tensor> tensors;  // by begin, then end, then name
    std::uint64_t data_begin = 0; // where in the file the tensors' offsets count from
};

// The length of the JSON, out of the first bytes of a file of file_size bytes.
// needs   start: the first 8 bytes of the file, or more, or all of a smaller file
// fails   Error: file_too_small, header_too_large, header_beyond_file
std::uint64_t header_length(std::span<const std::byte> start, std::uint64_t file_size);

// Takes the JSON of one header in pieces and keeps only what it says about tensors: memory grows with their
// number, not with the text. After a failure the parser is of no further use.
class HeaderParser {
public:
    HeaderParser();
    ~HeaderParser();
    HeaderParser(HeaderParser&&) noexcept;
    HeaderParser& operator=(HeaderParser&&) noexcept;

    // fails   Error: bad_utf8, bad_json, bad_structure, too_many_tensors, the reasons about one member
    void feed(std::string_view json);
    // Ends the text and checks the tensors against each other and against the size of the file.
    // fails   Error: any reason
    Header finish(std::uint64_t file_size);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The same for a text at hand. json is everything between the length and the data, padding included.
Header parse_header(std::string_view json, std::uint64_t file_size);

} // namespace skw::safetensors

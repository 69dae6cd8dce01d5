// SPDX-License-Identifier: Apache-2.0
// Why a safetensors header was refused: a reason for programs and a sentence for people.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace skw::safetensors {

// Stable: tests and callers compare these. Grows at the end.
enum class Reason : std::uint8_t {
    file_too_small,     // fewer than the 8 bytes of the length
    header_too_large,   // the length is above header_limit, or what it says above kept_limit
    header_beyond_file, // the file ends before the header does
    bad_utf8,
    bad_json,      // no JSON, or something stands after it
    bad_structure, // JSON, but not an object of tensor objects
    too_many_tensors,
    duplicate_name,   // a tensor, or a metadata key, stands twice
    duplicate_member, // dtype, shape or data_offsets stands twice in one tensor
    missing_member,
    unknown_member,
    unknown_dtype,
    bad_number,     // not a whole number from 0 to 2^64 - 1
    bad_shape,      // too many dimensions
    bad_offsets,    // not two numbers, or the end lies before the begin
    bad_metadata,   // not a map of text to text
    overflow,       // the shape's size does not fit into 64 bits
    partial_byte,   // a packed type that does not fill whole bytes
    wrong_size,     // the offsets span other than the shape's size
    hole,           // bytes that belong to no tensor, between or before tensors
    overlap,        // bytes that belong to two tensors
    beyond_file,    // a tensor ends behind the end of the file
    trailing_bytes, // bytes behind the last tensor
};

class Error : public std::exception {
public:
    // tensor is the name as it stands in the header, "" if the fault is not about one.
    Error(Reason reason, std::string tensor, std::string_view text);

    Reason reason() const noexcept { return reason_; }
    const std::string& tensor() const noexcept { return tensor_; }
    // One printable ASCII sentence that begins with the tensor's name, if there is one.
    const char* what() const noexcept override { return text_.c_str(); }

private:
    Reason reason_;
    std::string tensor_;
    std::string text_;
};

// A name from a header in a form that is safe to print: ASCII, no control characters, bytes outside of it as
// \xNN, at most about 200 characters.
std::string printable_name(std::string_view name);

} // namespace skw::safetensors

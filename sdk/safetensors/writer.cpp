// SPDX-License-Identifier: Apache-2.0
// Sorts, places and spells out tensors, and reads the result back before it gives it away.
#include "safetensors/writer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace skw::safetensors {

namespace {

void append_text(std::string& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            out += '\\';
            out += letter;
        } else if (static_cast<unsigned char>(letter) < 0x20) {
            out += "\\u00";
            out += digits[static_cast<unsigned char>(letter) >> 4];
            out += digits[static_cast<unsigned char>(letter) & 15];
        } else {
            out += letter;
        }
    }
    out += '"';
}

void append_tensor(std::string& out, const Tensor& tensor)
{
    append_text(out, tensor.name);
    out += ":{\"dtype\":\"";
    out += dtype_name(tensor.dtype);
    out += "\",\"shape\":[";
    for (std::size_t at = 0; at < tensor.shape.size(); ++at) {
        out += (at == 0 ? "" : ",") + std::to_string(tensor.shape[at]);
    }
    out += "],\"data_offsets\":[" + std::to_string(tensor.begin) + "," + std::to_string(tensor.end) + "]}";
}

std::string json_of(const std::vector<Tensor>& tensors, const std::map<std::string, std::string>& metadata)
{
    std::string out = "{";
    if (!metadata.empty()) {
        out += "\"__metadata__\":{";
        const char* comma = "";
        for (const auto& [key, value] : metadata) {
            out += std::exchange(comma, ",");
            append_text(out, key);
            out += ':';
            append_text(out, value);
        }
        out += '}';
    }
    for (const Tensor& tensor : tensors) {
        out += out.size() == 1 ? "" : ",";
        append_tensor(out, tensor);
    }
    out += '}';
    // Padded behind, never in front: the data start at a multiple of 8 then.
    out.append((8 - out.size() % 8) % 8, ' ');
    return out;
}

std::vector<Tensor> place(std::vector<TensorSpec> specs)
{
    std::ranges::sort(specs, [](const TensorSpec& left, const TensorSpec& right) {
        const unsigned left_bits = dtype_bits(left.dtype);
        const unsigned right_bits = dtype_bits(right.dtype);
        return left_bits != right_bits ? left_bits > right_bits : left.name < right.name;
    });
    std::vector<Tensor> tensors;
    tensors.reserve(specs.size());
    std::uint64_t at = 0;
    for (TensorSpec& spec : specs) {
        if (spec.name == "__metadata__") {
            throw Error(Reason::bad_metadata, spec.name, "the name is taken by the format");
        }
        const auto bytes = tensor_bytes(spec.dtype, spec.shape);
        std::uint64_t end = 0;
        if (!bytes || __builtin_add_overflow(at, *bytes, &end)) {
            const bool packed = dtype_bits(spec.dtype) < 8 && !bytes && tensor_bytes(Dtype::u64, spec.shape);
            throw Error(packed ? Reason::partial_byte : Reason::overflow, spec.name,
                        packed ? "its packed elements do not fill whole bytes"
                               : "the file would not fit into 64 bits");
        }
        tensors.push_back({std::move(spec.name), spec.dtype, std::move(spec.shape), at, end});
        at = end;
    }
    return tensors;
}

} // namespace

Layout make_header(std::vector<TensorSpec> specs, const std::map<std::string, std::string>& metadata)
{
    if (specs.size() > tensor_limit) {
        throw Error(Reason::too_many_tensors, {}, "more than " + std::to_string(tensor_limit) + " tensors");
    }
    Layout layout;
    layout.tensors = place(std::move(specs));
    const std::string json = json_of(layout.tensors, metadata);
    if (json.size() > header_limit) {
        throw Error(Reason::header_too_large, {}, "the header would be longer than any reader accepts");
    }
    const std::uint64_t head_bytes = length_bytes + json.size();
    const std::uint64_t data_bytes = layout.tensors.empty() ? 0 : layout.tensors.back().end;
    if (__builtin_add_overflow(head_bytes, data_bytes, &layout.file_size)) {
        throw Error(Reason::overflow, {}, "the file would not fit into 64 bits");
    }
    // Our own reader is the judge of what we wrote: it also finds equal names and names that are not UTF-8.
    static_cast<void>(parse_header(json, layout.file_size));

    for (std::size_t at = 0; at < length_bytes; ++at) {
        layout.head += static_cast<char>(json.size() >> (8 * at) & 0xff);
    }
    layout.head += json;
    return layout;
}

} // namespace skw::safetensors

// SPDX-License-Identifier: Apache-2.0
// Feeds any bytes to the header reader as a file, and checks what it accepts against the format's promises.
#include "safetensors/writer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

namespace {

using namespace skw::safetensors;

void require(bool fine)
{
    if (!fine) {
        std::abort();
    }
}

// An accepted header tiles its file, and survives being written and read again.
void check(const Header& header, std::uint64_t file_size)
{
    std::uint64_t end = 0;
    std::vector<TensorSpec> specs;
    for (const Tensor& tensor : header.tensors) {
        require(tensor.begin == end && tensor.end >= tensor.begin);
        require(tensor_bytes(tensor.dtype, tensor.shape) == tensor.bytes());
        end = tensor.end;
        specs.push_back({tensor.name, tensor.dtype, tensor.shape});
    }
    require(header.data_begin + end == file_size);
    const Layout layout = make_header(specs, header.metadata);
    const Header again = parse_header(std::string_view(layout.head).substr(length_bytes), layout.file_size);
    require(again.tensors == layout.tensors && again.metadata == header.metadata);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
    try {
        const std::uint64_t length = header_length(bytes, size);
        const std::string_view json(reinterpret_cast<const char*>(data) + length_bytes,
                                    static_cast<std::size_t>(length));
        // In three pieces, cut where the input says: the pieces must make no difference.
        const std::size_t cut = json.empty() ? 0 : data[size - 1] % (json.size() + 1);
        HeaderParser parser;
        parser.feed(json.substr(0, cut / 2));
        parser.feed(json.substr(cut / 2, cut - cut / 2));
        parser.feed(json.substr(cut));
        check(parser.finish(size), size);
    } catch (const Error& error) {
        require(error.what()[0] != '\0');
    }
    return 0;
}

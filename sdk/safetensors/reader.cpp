// SPDX-License-Identifier: Apache-2.0
// Builds tensors out of the header's JSON events.
#include "safetensors/reader.hpp"

#include "safetensors/json_stream.hpp"
#include "safetensors/tiling.hpp"

#include <utility>

namespace skw::safetensors {

namespace {

// Where in the document the next event stands.
enum class Place : std::uint8_t { before, names, metadata, tensor, shape, offsets, behind };
enum class Member : std::uint8_t { none, dtype, shape, offsets };

class Builder : public JsonEvents {
public:
    std::map<std::string, std::string> metadata;
    std::vector<Tensor> tensors;

    void begin_object() override
    {
        if (place_ == Place::before) {
            place_ = Place::names;
        } else if (place_ == Place::names && is_metadata_) {
            place_ = Place::metadata;
        } else if (place_ == Place::names) {
            begin_tensor();
        } else {
            wrong_value();
        }
    }
    void end_object() override
    {
        if (place_ == Place::tensor) {
            end_tensor();
        }
        place_ = place_ == Place::names ? Place::behind : Place::names;
        is_metadata_ = false;
    }
    void begin_array() override
    {
        if (place_ != Place::tensor || (member_ != Member::shape && member_ != Member::offsets)) {
            wrong_value();
        }
        place_ = member_ == Member::shape ? Place::shape : Place::offsets;
    }
    void end_array() override
    {
        if (place_ == Place::offsets && offsets_ != 2) {
            refuse(Reason::bad_offsets, "data_offsets must be two numbers");
        }
        place_ = Place::tensor;
    }
    void key(std::string_view name) override
    {
        if (place_ == Place::names) {
            begin_name(name);
        } else if (place_ == Place::metadata) {
            key_ = name;
        } else {
            begin_member(name);
        }
    }
    void text(std::string_view value) override
    {
        if (place_ == Place::metadata) {
            keep(key_.size() + value.size() + sizeof(std::string) * 4); // short texts cost their node
            if (!metadata.emplace(key_, value).second) {
                throw Error(Reason::duplicate_name, {},
                            "__metadata__ has the key '" + printable_name(key_) + "' twice");
            }
        } else if (place_ == Place::tensor && member_ == Member::dtype) {
            const auto found = find_dtype(value);
            if (!found) {
                refuse(Reason::unknown_dtype, "unknown dtype '" + printable_name(value) + "'");
            }
            tensors.back().dtype = *found;
        } else {
            wrong_value();
        }
    }
    void whole(std::uint64_t value) override
    {
        if (place_ == Place::shape) {
            if (tensors.back().shape.size() == dimension_limit) {
                refuse(Reason::bad_shape, "more than " + std::to_string(dimension_limit) + " dimensions");
            }
            keep(sizeof value);
            tensors.back().shape.push_back(value);
        } else if (place_ == Place::offsets && offsets_ < 2) {
            (offsets_ == 0 ? tensors.back().begin : tensors.back().end) = value;
            ++offsets_;
        } else if (place_ == Place::offsets) {
            refuse(Reason::bad_offsets, "data_offsets must be two numbers");
        } else {
            wrong_value();
        }
    }
    void other_number() override { wrong_value(); }
    void boolean(bool) override { wrong_value(); }
    void null() override { wrong_value(); }

private:
    void keep(std::size_t bytes)
    {
        kept_ += bytes;
        if (kept_ > kept_limit) {
            throw Error(Reason::header_too_large, {},
                        "its names, shapes and metadata take more than " + std::to_string(kept_limit >> 20) +
                            " MiB");
        }
    }
    [[noreturn]] void refuse(Reason reason, std::string_view text) const
    {
        throw Error(reason, tensors.empty() ? std::string{} : tensors.back().name, text);
    }
    [[noreturn]] void wrong_value() const
    {
        switch (place_) {
        case Place::metadata:
            throw Error(Reason::bad_metadata, {},
                        "__metadata__ may hold texts only, '" + printable_name(key_) + "' is none");
        case Place::shape:
        case Place::offsets:
            refuse(Reason::bad_number, std::string(place_ == Place::shape ? "shape" : "data_offsets") +
                                           " must hold whole numbers from 0 to 2^64 - 1");
        case Place::tensor:
            if (member_ == Member::dtype) {
                refuse(Reason::unknown_dtype, "dtype must be a text");
            }
            refuse(member_ == Member::shape ? Reason::bad_shape : Reason::bad_offsets,
                   std::string(member_ == Member::shape ? "shape" : "data_offsets") + " must be a list");
        case Place::names:
            if (is_metadata_) {
                throw Error(Reason::bad_metadata, {}, "__metadata__ must be an object of texts");
            }
            throw Error(Reason::bad_structure, name_, "must be an object");
        case Place::before:
        case Place::behind: break;
        }
        throw Error(Reason::bad_structure, {}, "the header must be a JSON object");
    }
    void begin_name(std::string_view name)
    {
        is_metadata_ = name == "__metadata__";
        if (is_metadata_ && std::exchange(had_metadata_, true)) {
            throw Error(Reason::duplicate_name, {}, "__metadata__ stands twice");
        }
        name_ = name;
    }
    void begin_tensor()
    {
        if (tensors.size() == tensor_limit) {
            throw Error(Reason::too_many_tensors, {},
                        "more than " + std::to_string(tensor_limit) + " tensors");
        }
        keep(name_.size());
        tensors.emplace_back().name = name_;
        has_dtype_ = has_shape_ = has_offsets_ = false;
        member_ = Member::none;
        offsets_ = 0;
        place_ = Place::tensor;
    }
    void begin_member(std::string_view name)
    {
        const bool is_dtype = name == "dtype";
        const bool is_shape = name == "shape";
        if (!is_dtype && !is_shape && name != "data_offsets") {
            refuse(Reason::unknown_member, "unknown member '" + printable_name(name) + "'");
        }
        member_ = is_dtype ? Member::dtype : is_shape ? Member::shape : Member::offsets;
        bool& had = is_dtype ? has_dtype_ : is_shape ? has_shape_ : has_offsets_;
        if (std::exchange(had, true)) {
            refuse(Reason::duplicate_member, std::string(name) + " stands twice");
        }
    }
    void end_tensor()
    {
        Tensor& tensor = tensors.back();
        if (!has_dtype_ || !has_shape_ || !has_offsets_) {
            refuse(Reason::missing_member, "dtype, shape and data_offsets must all be there");
        }
        if (tensor.end < tensor.begin) {
            refuse(Reason::bad_offsets, "data_offsets end before they begin");
        }
        check_size(tensor);
    }
    void check_size(const Tensor& tensor) const
    {
        const auto bytes = tensor_bytes(tensor.dtype, tensor.shape);
        if (!bytes) {
            // The two ways to have no size: too many bits, or packed elements that end inside of a byte. Only
            // the packed types can do the latter, and only with a product that did fit.
            const auto elements = tensor_bytes(Dtype::u8, tensor.shape);
            const bool packed = dtype_bits(tensor.dtype) < 8 && elements && *elements <= UINT64_MAX / 8;
            refuse(packed ? Reason::partial_byte : Reason::overflow,
                   packed ? "its packed elements do not fill whole bytes"
                          : "the size of its shape does not fit into 64 bits");
        }
        if (*bytes != tensor.bytes()) {
            refuse(Reason::wrong_size, "shape and dtype make " + std::to_string(*bytes) +
                                           " bytes, data_offsets span " + std::to_string(tensor.bytes()));
        }
    }

    Place place_ = Place::before;
    Member member_ = Member::none;
    bool is_metadata_ = false, had_metadata_ = false;
    bool has_dtype_ = false, has_shape_ = false, has_offsets_ = false;
    int offsets_ = 0;
    std::size_t kept_ = 0;
    std::string name_, key_;
};

} // namespace

struct HeaderParser::State {
    Builder builder;
    // Nothing in a header is nested deeper than a shape, which is three.
    JsonStream stream{builder, {.depth = 3, .text_bytes = 16u << 20}};
    std::uint64_t fed = 0;
};

HeaderParser::HeaderParser() : state_(std::make_unique<State>()) {}
HeaderParser::~HeaderParser() = default;
HeaderParser::HeaderParser(HeaderParser&&) noexcept = default;
HeaderParser& HeaderParser::operator=(HeaderParser&&) noexcept = default;

void HeaderParser::feed(std::string_view json)
{
    if (json.size() > header_limit - state_->fed) {
        throw Error(Reason::header_too_large, {}, "the header is longer than 100000000 bytes");
    }
    state_->stream.feed(json);
    state_->fed += json.size();
}

Header HeaderParser::finish(std::uint64_t file_size)
{
    state_->stream.finish();
    const std::uint64_t data_begin = length_bytes + state_->fed;
    if (data_begin > file_size) {
        throw Error(Reason::header_beyond_file, {}, "the file ends before its header does");
    }
    Header header;
    header.metadata = std::move(state_->builder.metadata);
    header.tensors = std::move(state_->builder.tensors);
    header.data_begin = data_begin;
    sort_and_check(header.tensors, file_size - data_begin);
    return header;
}

std::uint64_t header_length(std::span<const std::byte> start, std::uint64_t file_size)
{
    if (file_size < length_bytes || start.size() < length_bytes) {
        throw Error(Reason::file_too_small, {},
                    "the file has " + std::to_string(file_size) + " bytes, too few for a header");
    }
    std::uint64_t length = 0;
    for (std::size_t at = length_bytes; at-- > 0;) {
        length = length << 8 | std::to_integer<std::uint64_t>(start[at]);
    }
    if (length > header_limit) {
        throw Error(Reason::header_too_large, {},
                    "it claims a header of " + std::to_string(length) + " bytes, above the limit of " +
                        std::to_string(header_limit));
    }
    if (length > file_size - length_bytes) {
        throw Error(Reason::header_beyond_file, {},
                    "it claims a header of " + std::to_string(length) + " bytes, but the file has only " +
                        std::to_string(file_size));
    }
    return length;
}

Header parse_header(std::string_view json, std::uint64_t file_size)
{
    HeaderParser parser;
    parser.feed(json);
    return parser.finish(file_size);
}

} // namespace skw::safetensors

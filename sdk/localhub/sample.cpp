// SPDX-License-Identifier: Apache-2.0
// The safetensors layout around the values, and the description of a file that is not written.
#include "localhub/sample.hpp"

#include "support/error.hpp"
#include "support/json.hpp"

#include <algorithm>
#include <array>

namespace skw::localhub {
namespace {

constexpr std::size_t block_bytes = 1u << 20;
constexpr std::string_view description_schema = "skulk-hub.shard/1";
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 50; // of one file; keeps sums far from 64 bits

std::uint32_t number_bits(const SampleTensor& tensor, std::uint64_t seed, std::uint64_t index)
{
    switch (tensor.type) { // a halving takes one off the exponent
    case SampleType::bf16: return sample_bf16_bits(seed, index) - (tensor.halvings << 7);
    case SampleType::f16: return sample_f16_bits(seed, index) - (tensor.halvings << 10);
    default: return sample_f32_bits(seed, index) - (tensor.halvings << 23);
    }
}

// Elements first, first + 1, ... into `out`, which holds whole elements.
void fill_numbers(const SampleTensor& tensor, std::uint64_t first, std::span<std::byte> out)
{
    const std::uint64_t seed = sample_seed(tensor.name);
    const auto width = static_cast<std::size_t>(bytes_of(tensor.type));
    while (!out.empty()) {
        const std::uint64_t index = tensor.period == 0 ? first : first % tensor.period;
        std::uint64_t count = out.size() / width; // up to the next repetition
        count = tensor.period == 0 ? count : std::min(count, tensor.period - index);
        if (tensor.type == SampleType::bf16 && tensor.halvings == 0) { // nearly all of a large sample
            fill_bf16_numbers(seed, index, out.first(static_cast<std::size_t>(count) * width));
        } else {
            for (std::uint64_t i = 0; i < count; ++i) {
                const std::uint32_t bits = number_bits(tensor, seed, index + i);
                for (std::size_t byte = 0; byte < width; ++byte) { // little-endian
                    out[static_cast<std::size_t>(i) * width + byte] =
                        static_cast<std::byte>((bits >> (8 * byte)) & 0xff);
                }
            }
        }
        first += count;
        out = out.subspan(static_cast<std::size_t>(count) * width);
    }
}

} // namespace

std::uint64_t SampleTensor::elements() const
{
    std::uint64_t count = 1;
    for (const std::uint64_t dimension : shape) {
        count *= dimension;
    }
    return count;
}

void SampleTensor::read(std::uint64_t offset, std::span<std::byte> out) const
{
    if (role != SampleRole::number) {
        fill_words(type, role, sample_seed(name), offset, out);
        return;
    }
    const std::uint64_t width = bytes_of(type);
    if (const std::uint64_t inside = offset % width; inside != 0 && !out.empty()) { // the rest of an element
        std::array<std::byte, 4> element{};
        fill_numbers(*this, offset / width, std::span(element).first(static_cast<std::size_t>(width)));
        const std::size_t some = std::min(out.size(), static_cast<std::size_t>(width - inside));
        std::copy_n(element.begin() + static_cast<std::ptrdiff_t>(inside), some, out.begin());
        out = out.subspan(some);
        offset += some;
    }
    const std::size_t whole = out.size() / width * width;
    fill_numbers(*this, offset / width, out.first(whole));
    if (out = out.subspan(whole); !out.empty()) {
        std::array<std::byte, 4> element{};
        fill_numbers(*this, (offset + whole) / width,
                     std::span(element).first(static_cast<std::size_t>(width)));
        std::copy_n(element.begin(), out.size(), out.begin());
    }
}

SampleShard::SampleShard(std::vector<SampleTensor> tensors, std::uint64_t padding, std::string format)
    : tensors_(std::move(tensors)),
      padding_(padding),
      format_(std::move(format))
{
    std::sort(tensors_.begin(), tensors_.end(), [](const SampleTensor& a, const SampleTensor& b) {
        return bytes_of(a.type) != bytes_of(b.type) ? bytes_of(a.type) > bytes_of(b.type) : a.name < b.name;
    });
    std::string text = "{\"__metadata__\":" + canonical_json(json::object{{"format", format_}});
    std::uint64_t offset = 0;
    for (const SampleTensor& tensor : tensors_) {
        const json::array shape(tensor.shape.begin(), tensor.shape.end());
        const json::object entry{{"dtype", dtype_name(tensor.type)},
                                 {"shape", shape},
                                 {"data_offsets", {offset, offset + tensor.bytes()}}};
        text += "," + ascii_json_string(tensor.name) + ":" + canonical_json(entry);
        begins_.push_back(offset);
        offset += tensor.bytes();
    }
    begins_.push_back(offset);
    text += "}";
    text.resize((text.size() + 7) / 8 * 8 + static_cast<std::size_t>(padding), ' ');
    for (int shift = 0; shift < 64; shift += 8) {
        header_ += static_cast<char>((text.size() >> shift) & 0xff);
    }
    header_ += text;
    for (std::uint64_t& begin : begins_) {
        begin += header_.size();
    }
}

std::size_t SampleShard::read(std::uint64_t offset, std::span<std::byte> out) const
{
    std::size_t done = 0;
    if (offset < header_.size()) {
        done = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), header_.size() - offset));
        std::copy_n(std::as_bytes(std::span(header_)).begin() + static_cast<std::ptrdiff_t>(offset), done,
                    out.begin());
    }
    if (offset + done >= bytes() || done == out.size()) {
        return done;
    }
    // The last tensor that begins here or before; empty ones before it begin at the same place.
    auto tensor = static_cast<std::size_t>(std::upper_bound(begins_.begin(), begins_.end(), offset + done) -
                                           begins_.begin() - 1);
    for (; tensor < tensors_.size() && done < out.size(); ++tensor) {
        const std::uint64_t inside = offset + done - begins_[tensor];
        const auto some = static_cast<std::size_t>(
            std::min<std::uint64_t>(out.size() - done, begins_[tensor + 1] - begins_[tensor] - inside));
        tensors_[tensor].read(inside, out.subspan(done, some));
        done += some;
    }
    return done;
}

void SampleShard::write(const std::function<void(std::span<const std::byte>)>& sink) const
{
    std::vector<std::byte> block(static_cast<std::size_t>(std::min<std::uint64_t>(bytes(), block_bytes)));
    std::uint64_t offset = 0;
    while (const std::size_t got = read(offset, block)) {
        sink(std::span(block).first(got));
        offset += got;
    }
}

std::string SampleShard::description() const
{
    json::array tensors;
    for (const SampleTensor& tensor : tensors_) {
        json::object entry{{"name", tensor.name},
                           {"dtype", dtype_name(tensor.type)},
                           {"shape", json::array(tensor.shape.begin(), tensor.shape.end())},
                           {"role", role_name(tensor.role)}};
        if (tensor.halvings != 0 || tensor.period != 0) {
            entry["halvings"] = tensor.halvings;
            entry["period"] = tensor.period;
        }
        tensors.push_back(std::move(entry));
    }
    return canonical_json(json::object{{"schema", description_schema},
                                       {"bytes", bytes()},
                                       {"padding", padding_},
                                       {"format", format_},
                                       {"tensors", std::move(tensors)}}) +
           "\n";
}

SampleShard SampleShard::described(std::string_view text, std::string_view place)
{
    const json::value value = parse_json(text, place, {.bytes = 256u << 20});
    Findings findings{std::string(place)};
    const Reader reader(value, findings);
    if (reader.string("schema") != description_schema) {
        reader.fault("schema", "is not one that this program knows");
    }
    const std::uint64_t wanted = reader.size("bytes"), padding = reader.size("padding");
    std::string format = reader.string("format");
    std::uint64_t sum = 0;
    std::vector<SampleTensor> tensors = reader.each("tensors", [&](const Reader& entry) {
        const auto type = find_sample_type(entry.string("dtype"));
        const auto role = find_sample_role(entry.string("role"));
        SampleTensor tensor{.name = entry.string("name"),
                            .type = type.value_or(SampleType::bf16),
                            .shape = {},
                            .role = role.value_or(SampleRole::number),
                            .halvings =
                                static_cast<std::uint32_t>(entry.find_size("halvings").value_or(0) & 7),
                            .period = entry.find_size("period").value_or(0)};
        if (!type || !role ||
            (*role == SampleRole::number && bytes_of(*type) != 2 && *type != SampleType::f32)) {
            entry.fault("dtype", "is not one of a sample in this role");
        }
        std::uint64_t bytes = bytes_of(tensor.type);
        const json::value* shape =
            entry.value().is_object() ? entry.value().get_object().if_contains("shape") : nullptr;
        if (shape == nullptr || !shape->is_array()) {
            entry.fault("shape", "must be a list");
            return tensor;
        }
        for (const json::value& element : shape->get_array()) {
            const std::uint64_t dimension = element.is_int64() && element.get_int64() >= 0
                                                ? static_cast<std::uint64_t>(element.get_int64())
                                                : most_bytes + 1;
            if (dimension > most_bytes || (dimension != 0 && bytes > most_bytes / dimension)) {
                entry.fault("shape", "is not one of a sample");
                tensor.shape.clear();
                return tensor;
            }
            bytes *= dimension;
            tensor.shape.push_back(dimension);
        }
        sum = std::min(sum + bytes, most_bytes + 1);
        return tensor;
    });
    if (sum > most_bytes || padding > (64u << 20)) {
        reader.fault("bytes", "are too many");
    }
    findings.throw_if_any();
    SampleShard out(std::move(tensors), padding, std::move(format));
    if (out.bytes() != wanted) {
        throw Error(ErrorCode::bad_input, std::string(place), "was made by another version of skulk-hub",
                    "seed the sample again");
    }
    return out;
}

} // namespace skw::localhub

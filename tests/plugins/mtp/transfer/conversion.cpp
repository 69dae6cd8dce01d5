// SPDX-License-Identifier: Apache-2.0
// Pieces that begin and end anywhere give the same elements as the whole.
#include "mtp/transfer/convert.hpp"

#include "sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>

using namespace skw::mtp;
using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

// Elements [first, last) of a tensor, given to the converter `step` elements at a time.
std::string converted(const Sample& sample, std::size_t number, std::uint64_t first, std::uint64_t last,
                      std::uint64_t step, Tally* tally = nullptr)
{
    const OutputTensor& tensor = sample.tensors[number];
    const Storage& storage = tensor.stored.storage;
    std::string companions;
    Piece piece{number, first, last, 0, 0, 0, 0};
    const auto take = [&](const SourceTensor& source, ValueSpan values, unsigned width) {
        const std::size_t place = companions.size();
        companions += sample.files.at(sample.shards[source.shard])
                          .substr(source.begin + values.first * width, values.count * width);
        return place;
    };
    if (storage.global) {
        piece.global_at = take(*storage.global, {0, 1}, 4);
    }
    if (storage.scale) {
        piece.scale_at = take(storage.scale->tensor, values_for(tensor.stored, *storage.scale, first, last),
                              value_bytes(*storage.scale));
    }
    if (storage.zero) {
        piece.zero_at = take(storage.zero->tensor, values_for(tensor.stored, *storage.zero, first, last), 1);
    }
    ConvertScratch scratch;
    PieceConverter converter(tensor, piece, std::as_bytes(std::span(companions)), sample.shards,
                             choose_kernels(), scratch);
    std::string out(static_cast<std::size_t>(last - first) * output_bytes(tensor), '\0');
    const std::string& file = sample.files.at(sample.shards[tensor.stored.source.shard]);
    for (std::uint64_t at = first; at < last; at += step) {
        const std::uint64_t count = std::min(step, last - at);
        const std::span<const char> in =
            std::span(file).subspan(tensor.stored.source.begin + at * stored_bits(tensor.stored) / 8,
                                    count * stored_bits(tensor.stored) / 8);
        converter.add(std::as_bytes(in),
                      std::as_writable_bytes(std::span(out))
                          .subspan((at - first) * output_bytes(tensor), count * output_bytes(tensor)));
    }
    if (tally != nullptr) {
        *tally = converter.tally();
    }
    return out;
}

std::string expected(const Sample& sample, std::size_t number, std::uint64_t first, std::uint64_t last)
{
    const unsigned width = output_bytes(sample.tensors[number]);
    const std::uint64_t begin = number == 0 ? 0 : sample.ends[number - 1];
    return sample.expected.substr(begin + first * width, (last - first) * width);
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_conversion)

BOOST_AUTO_TEST_CASE(every_format_gives_the_same_elements_wherever_a_piece_begins_and_ends)
{
    const Sample sample = all_formats();
    for (std::size_t number = 0; number < sample.tensors.size(); ++number) {
        const StoredTensor& tensor = sample.tensors[number].stored;
        const std::uint64_t elements = tensor.elements(), unit = granule(tensor);
        for (std::uint64_t first = 0; first < elements; first += unit) {
            for (std::uint64_t last = first + unit; last <= elements; last += unit) {
                BOOST_TEST((converted(sample, number, first, last, last - first) ==
                            expected(sample, number, first, last)),
                           sample.tensors[number].name << " in [" << first << ", " << last << ")");
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_format_gives_the_same_elements_in_steps_of_any_size)
{
    const Sample sample = all_formats();
    for (std::size_t number = 0; number < sample.tensors.size(); ++number) {
        const StoredTensor& tensor = sample.tensors[number].stored;
        for (std::uint64_t step = granule(tensor); step <= tensor.elements(); step += granule(tensor)) {
            BOOST_TEST((converted(sample, number, 0, tensor.elements(), step) ==
                        expected(sample, number, 0, tensor.elements())),
                       sample.tensors[number].name << " in steps of " << step);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_kept_f32_is_counted_and_not_touched)
{
    Sample sample;
    sample.add({.name = "w", .element = Element::f32, .shape = {8}, .made = Dtype::f32});
    const std::uint32_t odd[] = {0x7fc00000u, 0xff800001u, 0x7f800000u,
                                 0xff800000u, 0x7f7fffffu, 0x00000001u};
    std::memcpy(sample.bytes_of(sample.tensors[0].stored.source), odd, sizeof odd);
    Tally tally;
    const std::string out = converted(sample, 0, 0, 8, 3, &tally);
    BOOST_TEST((std::memcmp(out.data(), odd, sizeof odd) == 0));
    BOOST_TEST(tally.nan == 2u);
    BOOST_TEST(tally.inf_in_source == 2u);
    BOOST_TEST(tally.overflow == 0u);
}

BOOST_AUTO_TEST_CASE(a_scale_that_is_not_finite_is_refused_by_name)
{
    Sample sample;
    sample.add({.name = "head.w",
                .element = Element::fp4,
                .shape = {4, 16},
                .scale = ScaleRecipe{Dtype::f8_e8m0, 1, 8, false}});
    sample.bytes_of(sample.tensors[0].stored.storage.scale->tensor)[5] = static_cast<char>(0xff);
    BOOST_TEST(converted(sample, 0, 0, 32, 32).size() == 64u); // rows 0 and 1: their scales are sound
    try {
        converted(sample, 0, 0, 64, 64);
        BOOST_ERROR("taken");
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.status() == SKW_E_BAD_INPUT);
        BOOST_TEST(failure.place() == "shard-1.safetensors");
        BOOST_TEST(failure.message() == "head.w has a scale that is not a finite number (head.w_scale)");
    }
}

BOOST_AUTO_TEST_SUITE_END()

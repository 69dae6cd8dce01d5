// SPDX-License-Identifier: Apache-2.0
// Bands cover everything once, are never larger than asked for, and fetch hardly anything twice.
#include "mtp/transfer/bands.hpp"

#include "mtp/transfer/geometry.hpp"

#include "real_heads.hpp"
#include "sample.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace skw::mtp;
using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

std::uint64_t source_bytes(const std::vector<OutputTensor>& tensors)
{
    std::uint64_t sum = 0;
    for (const OutputTensor& tensor : tensors) {
        sum += tensor.stored.source.end - tensor.stored.source.begin + tensor.stored.companion_bytes();
    }
    return sum;
}

constexpr std::uint64_t band_bytes = 8u << 20;

// All that must hold for the requests of a band: what does not, or "".
std::string fault_of_ranges(const Band& band)
{
    std::size_t next = 0;
    std::uint64_t companions = 0;
    bool weights = false;
    for (const FetchRange& range : band.ranges) {
        if (range.first != next || range.last <= range.first) {
            return "a range without its parts";
        }
        std::uint64_t at = range.begin;
        for (; next < range.last; ++next) {
            const Part& part = band.parts[next];
            if (part.shard != range.shard || part.begin < at || part.begin - at >= merge_gap_bytes) {
                return "a part outside of its range";
            }
            if (weights && !part.weight) {
                return "weights before companions";
            }
            weights = part.weight;
            if (!part.weight && part.companion_at + (part.end - part.begin) > band.companion_bytes) {
                return "a companion without room";
            }
            companions += part.weight ? 0 : part.end - part.begin;
            at = part.end;
        }
        if (at != range.end) {
            return "a range that ends elsewhere than its parts";
        }
    }
    return next != band.parts.size() || companions != band.companion_bytes ? "parts that nobody reads" : "";
}

// The same for all bands of any tensors.
std::string fault_of_bands(const std::vector<OutputTensor>& tensors, std::uint64_t limit)
{
    BandCutter cutter(tensors, limit);
    std::size_t tensor = 0;
    std::uint64_t element = 0, number = 0;
    const auto pass_empty = [&] {
        while (tensor < tensors.size() && element == tensors[tensor].stored.elements()) {
            ++tensor;
            element = 0;
        }
    };
    for (Band band; cutter.next(band);) {
        std::uint64_t output = 0;
        for (const Piece& piece : band.pieces) {
            pass_empty();
            if (piece.tensor != tensor || piece.first != element || piece.last <= piece.first) {
                return "a gap between pieces";
            }
            if (piece.output_at != output) {
                return "a piece in the wrong place";
            }
            output += (piece.last - piece.first) * output_bytes(tensors[tensor]);
            element = piece.last;
        }
        if (band.number != number++ || band.output_bytes != output) {
            return "a wrong count";
        }
        // Larger than asked for is only what cannot be cut: an element, or two that share a byte.
        const bool smallest = band.pieces.size() == 1 && band.pieces[0].last - band.pieces[0].first <=
                                                             granule(tensors[band.pieces[0].tensor].stored);
        if (!smallest && band.output_bytes + band.companion_bytes > limit) {
            return "a band that is too large";
        }
        if (const std::string fault = fault_of_ranges(band); !fault.empty()) {
            return fault;
        }
    }
    pass_empty();
    return tensor == tensors.size() ? "" : "tensors without a band";
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_bands)

BOOST_AUTO_TEST_CASE(bands_of_every_size_cover_every_element_once_and_in_order)
{
    const Sample sample = all_formats();
    for (std::uint64_t limit = 0; limit < 600; ++limit) {
        BOOST_TEST(fault_of_bands(sample.tensors, limit) == "", "bands of " << limit);
    }
    for (const std::uint64_t limit : {1'000u, 3'000u, 10'000u, 1'000'000u}) {
        BOOST_TEST(fault_of_bands(sample.tensors, limit) == "", "bands of " << limit);
    }
}

BOOST_AUTO_TEST_CASE(a_deepseek_v3_head_of_real_dimensions_fetches_hardly_anything_twice)
{
    for (const bool apart : {true, false}) {
        const Head head = deepseek_v3(apart);
        BOOST_TEST(head.stored() == 1564u);
        const std::uint64_t needed = source_bytes(head.tensors);
        BOOST_TEST(needed == 15'424'227'552u);
        const BandTotals totals = count_bands(head.tensors, band_bytes);
        BOOST_TEST(totals.fetch_bytes >= needed);
        BOOST_TEST(totals.fetch_bytes * 1000 <= needed * 1005, totals.fetch_bytes);
        BOOST_TEST(totals.largest_output + totals.largest_companions <= 2 * band_bytes);
        BOOST_TEST(totals.requests <= 2 * totals.bands + head.stored());
        BOOST_TEST(fetch_bytes(head.tensors, {}) == totals.fetch_bytes);
        BOOST_TEST_MESSAGE("v3: " << totals.bands << " bands, " << totals.requests << " requests, "
                                  << totals.fetch_bytes << " bytes for " << needed);
    }
    BOOST_TEST(fault_of_bands(deepseek_v3(true).tensors, band_bytes) == "");
}

BOOST_AUTO_TEST_CASE(packed_experts_of_real_dimensions_fetch_hardly_anything_twice)
{
    for (const bool apart : {true, false}) {
        const Head head = deepseek_v4_experts(apart);
        const std::uint64_t needed = source_bytes(head.tensors);
        BOOST_TEST(needed == 768u * (4'194'304u + 262'144u));
        const BandTotals totals = count_bands(head.tensors, band_bytes);
        BOOST_TEST(totals.fetch_bytes >= needed);
        BOOST_TEST(totals.fetch_bytes * 1000 <= needed * 1005, totals.fetch_bytes);
        BOOST_TEST_MESSAGE("v4: " << totals.bands << " bands, " << totals.requests << " requests, "
                                  << totals.fetch_bytes << " bytes for " << needed);
    }
}

BOOST_AUTO_TEST_CASE(a_large_tensor_is_cut_between_rows_of_blocks)
{
    Head head(true);
    head.add("w", Element::e4m3, {7168, 2048}, ScaleRecipe{Dtype::f32, 128, 128, false});
    head.place();
    BandCutter cutter(head.tensors, band_bytes);
    for (Band band; cutter.next(band);) {
        BOOST_TEST_REQUIRE(band.pieces.size() == 1u);
        BOOST_TEST(band.pieces[0].first % (128 * 2048) == 0u);
        BOOST_TEST(band.ranges.size() == 2u); // its scales, its weights
    }
    BOOST_TEST(count_bands(head.tensors, band_bytes).fetch_bytes == source_bytes(head.tensors));
}

BOOST_AUTO_TEST_CASE(a_row_that_no_band_holds_is_cut_between_blocks)
{
    Head head(true);
    head.add("w", Element::e4m3, {3, 10'000}, ScaleRecipe{Dtype::f32, 2, 128, false});
    head.place();
    std::vector<std::uint64_t> firsts;
    BandCutter cutter(head.tensors, 1'000);
    for (Band band; cutter.next(band);) {
        firsts.push_back(band.pieces.at(0).first % 10'000);
        BOOST_TEST(firsts.back() % 128 == 0u);
    }
    BOOST_TEST(firsts.size() > 60u);
}

BOOST_AUTO_TEST_CASE(small_neighbours_share_a_band_and_a_request)
{
    Head head(true);
    for (const char* name : {"a", "b", "c", "d"}) {
        head.add(name, Element::bf16, {100});
    }
    head.place();
    const BandTotals near = count_bands(head.tensors, band_bytes);
    BOOST_TEST(near.bands == 1u);
    BOOST_TEST(near.requests == 1u);
    BOOST_TEST(near.fetch_bytes == 800u);
    SourceTensor& last = head.tensors.back().stored.source;
    last.begin += merge_gap_bytes - 1;
    last.end += merge_gap_bytes - 1;
    BOOST_TEST(count_bands(head.tensors, band_bytes).requests == 1u);
    BOOST_TEST(count_bands(head.tensors, band_bytes).fetch_bytes == 800u + merge_gap_bytes - 1);
    ++last.begin;
    ++last.end;
    BOOST_TEST(count_bands(head.tensors, band_bytes).requests == 2u);
    BOOST_TEST(count_bands(head.tensors, band_bytes).fetch_bytes == 800u);
}

BOOST_AUTO_TEST_CASE(a_tensor_whose_bytes_are_not_those_of_its_shape_is_refused)
{
    const auto refused = [](const std::function<void(OutputTensor&)>& spoil) {
        Sample sample = all_formats();
        for (OutputTensor& tensor : sample.tensors) {
            if (tensor.name == "q7.zero" || tensor.name == "q5") {
                spoil(tensor);
            }
        }
        try {
            static_cast<void>(fetch_bytes(sample.tensors, {}));
            return false;
        } catch (const skw::sdk::Failure& failure) {
            return failure.status() == SKW_E_BAD_INPUT && failure.place().starts_with('q');
        }
    };
    BOOST_TEST(!refused([](OutputTensor&) {}));
    BOOST_TEST(refused([](OutputTensor& tensor) { --tensor.stored.source.end; }));
    BOOST_TEST(refused([](OutputTensor& tensor) { ++tensor.stored.storage.scale->tensor.end; }));
    BOOST_TEST(refused([](OutputTensor& tensor) { tensor.stored.storage.scale.reset(); }));
    BOOST_TEST(refused([](OutputTensor& tensor) { ++tensor.stored.storage.scale->block_columns; }));
    BOOST_TEST(refused([](OutputTensor& tensor) { tensor.dtype = Dtype::f32; }));
    BOOST_TEST(refused([](OutputTensor& tensor) {
        tensor.stored.shape = {std::uint64_t{1} << 32, std::uint64_t{1} << 31};
    }));
    BOOST_TEST(refused([](OutputTensor& tensor) {
        if (tensor.stored.storage.zero) {
            ++tensor.stored.storage.zero->tensor.begin;
        } else {
            ++tensor.stored.storage.global->end;
        }
    }));
}

BOOST_AUTO_TEST_SUITE_END()

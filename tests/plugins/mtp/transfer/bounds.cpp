// SPDX-License-Identifier: Apache-2.0
// Memory depends on bands and workers, not on the size of a tensor.
#include "mtp/transfer/transfer.hpp"

#include "memory.hpp"
#include "sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace skw::mtp;
using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

constexpr std::size_t mib = 1u << 20;

// The most bytes in use while a made-up tensor is transferred, beyond those before.
std::size_t peak_of(const OutputTensor& tensor, std::uint64_t file_size, const TransferSettings& settings)
{
    Sample sample;
    sample.shards = {"model.safetensors"};
    sample.tensors = {tensor};
    FakeHost host;
    host.keep_output = false;
    // 0x3c in every byte is a small number in every format.
    host.made_files["model.safetensors"] = {file_size, [](std::uint64_t, std::span<std::byte> into) {
                                                std::ranges::fill(into, std::byte{0x3c});
                                            }};
    host.progress.reserve(100'000); // not the transfer's memory
    host.opened.reserve(10'000);
    reset_memory_peak();
    const std::size_t before = memory_in_use();
    const Ended ended = run(host, sample, settings);
    BOOST_TEST(ended.status == SKW_OK, ended.message);
    BOOST_TEST(host.output_bytes == tensor.stored.elements() * 2);
    BOOST_TEST(ended.meter.bytes_read >= file_size - 8);
    return memory_peak() - before;
}

void check_peak(const OutputTensor& tensor, std::uint64_t file_size)
{
    for (const std::size_t workers : {1u, 4u}) {
        const TransferSettings settings{.workers = workers};
        const std::size_t peak = peak_of(tensor, file_size, settings);
        BOOST_TEST(peak <= workers * (settings.band_bytes + mib) + 256 * 1024, peak << " bytes");
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_bounds)

BOOST_AUTO_TEST_CASE(an_embedding_of_almost_two_gigabytes_takes_some_bands)
{
    OutputTensor tensor{"model.layers.61.embed_tokens.weight", Dtype::bf16, {}};
    tensor.stored.shape = {129'280, 7'168};
    const std::uint64_t bytes = tensor.stored.elements() * 2;
    BOOST_TEST(bytes == 1'853'358'080u);
    tensor.stored.source = {tensor.name, Dtype::bf16, tensor.stored.shape, 0, 8, 8 + bytes};
    check_peak(tensor, 8 + bytes);
}

BOOST_AUTO_TEST_CASE(scales_count_as_well)
{
    OutputTensor tensor{"experts", Dtype::bf16, {}};
    tensor.stored.shape = {64, 1'024, 2'048};
    const std::uint64_t elements = tensor.stored.elements();
    tensor.stored.storage.element = Element::fp4;
    tensor.stored.source = {"experts", Dtype::u8, {64, 1'024, 1'024}, 0, 8, 8 + elements / 2};
    tensor.stored.storage.scale = Grid{
        {"scales", Dtype::f8_e4m3, {64, 1'024, 128}, 0, 8 + elements / 2, 8 + elements / 2 + elements / 16},
        1,
        16};
    check_peak(tensor, 8 + elements / 2 + elements / 16);
}

BOOST_AUTO_TEST_SUITE_END()

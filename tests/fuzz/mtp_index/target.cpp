// SPDX-License-Identifier: Apache-2.0
// Feeds any bytes to the reader of indexes, whole and in pieces, and checks what it accepts. The first byte
// says where the pieces are cut and how deep the trunk is.
#include "mtp/checkpoint/index.hpp"

#include "mtp/checkpoint/names.hpp"
#include "safetensors/error.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace skw::mtp;

void require(bool fine)
{
    if (!fine) {
        std::abort();
    }
}

// Accepted or not, and why not.
struct Outcome {
    std::optional<Index> index;
    std::string reason;
};

Outcome read(std::string_view json, std::size_t piece, std::optional<std::uint64_t> trunk_layers)
{
    Outcome out;
    try {
        IndexParser parser("i", {trunk_layers});
        for (std::size_t at = 0; at < json.size(); at += piece) {
            parser.feed(json.substr(at, piece));
        }
        out.index = parser.finish();
    } catch (const skw::safetensors::Error& error) {
        out.reason = error.what();
    } catch (const skw::sdk::Failure& failure) {
        require(failure.place() == "i");
        out.reason = failure.message();
    }
    require(out.index.has_value() == out.reason.empty());
    return out;
}

void check(const Index& index, std::optional<std::uint64_t> trunk_layers)
{
    require(index.names.size() <= std::min(index.total_names, head_names_limit));
    require(index.shards.size() <= std::min(index.total_names, index_shards_limit));
    for (const std::string& shard : index.shards) {
        require(is_plain_file_name(shard) && shard.ends_with(".safetensors"));
    }
    const IndexedName* last = nullptr;
    for (const IndexedName& one : index.names) {
        require(may_be_mtp(one.name, {trunk_layers}));
        require(one.shard < index.shards.size());
        require(last == nullptr || last->name < one.name);
        last = &one;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view json(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::optional<std::uint64_t> trunk_layers =
        data[0] >= 128 ? std::optional<std::uint64_t>(data[0] % 16) : std::nullopt;
    const Outcome whole = read(json, json.size() + 1, trunk_layers);
    const Outcome pieces = read(json, 1u + data[0] % 13, trunk_layers);
    require(whole.index.has_value() == pieces.index.has_value());
    if (whole.index) {
        check(*whole.index, trunk_layers);
        require(whole.index->shards == pieces.index->shards);
        require(whole.index->total_names == pieces.index->total_names);
        require(std::ranges::equal(whole.index->names, pieces.index->names, {}, &IndexedName::name,
                                   &IndexedName::name));
    }
    return 0;
}

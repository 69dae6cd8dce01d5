// SPDX-License-Identifier: Apache-2.0
// The index of a sharded checkpoint, read as a stream: which shards there are, and where MTP names live.
#pragma once

#include "mtp/checkpoint/names.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

inline constexpr std::size_t index_names_limit = 4'000'000; // the largest real indexes hold 166,000
inline constexpr std::size_t index_shards_limit = 20'000;
// Of names that may belong to a head, in the index and all headers together. Released heads have at most some
// ten thousand; a hostile checkpoint must not take the machine's memory.
inline constexpr std::size_t head_names_limit = 50'000;
inline constexpr std::size_t head_names_bytes_limit = 8u << 20;

struct IndexedName {
    std::string name;
    std::size_t shard = 0; // into Index::shards
};

struct Index {
    std::vector<std::string> shards; // plain file names, in order of appearance
    std::vector<IndexedName> names;  // those that may_be_mtp, sorted
    std::size_t total_names = 0;
};

// What to say of a file that goes beyond head_names_limit or head_names_bytes_limit.
std::string too_many_head_names();

// Whether a file name stays in the root folder: no separator, no "..", no control character.
bool is_plain_file_name(std::string_view name);

class IndexParser {
public:
    // file names the index in messages; layers as in may_be_mtp.
    IndexParser(std::string file, LayerChoice layers);
    ~IndexParser();

    // fails   safetensors::Error (no JSON); sdk::Failure that names the index: a weight_map that is not a map
    //         of texts, an MTP name that stands twice, a shard that is no plain *.safetensors file, limits
    void feed(std::string_view json);
    Index finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace skw::mtp

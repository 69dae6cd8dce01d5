// SPDX-License-Identifier: Apache-2.0
// The storage formats that are taken, one row each, and the match of a weight with its companions to a row.
#pragma once

#include "mtp/checkpoint/text_config.hpp"
#include "mtp/storage/companions.hpp"
#include "mtp/storage/storage.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace skw::mtp {

// What a weight's stored name has that its output name has not.
enum class Marking : std::uint8_t {
    none,
    packed, // <module>.weight_packed
    blocks, // <name>_blocks, [.., G, 16]
};

// How the scale may lie.
enum class Lie : std::uint8_t {
    none,      // there is no scale
    one_value, // for the tensor, or for each matrix of the batch
    by_shape,  // fit_by_shape
    groups,    // fit_groups of `width` logical values
};

// A set of enumerators, as bits.
using Set = std::uint32_t;
template<class... Enum>
constexpr Set set_of(Enum... members)
{
    return ((Set{1} << static_cast<unsigned>(members)) | ... | Set{0});
}
template<class Enum>
constexpr bool holds(Set set, Enum member)
{
    return (set >> static_cast<unsigned>(member) & 1u) != 0;
}

enum class Second : std::uint8_t { none, multiplied, divisor };

// The first row that fits counts. A new format is one row here, a case in the tests, and a line in
// docs/mtp-sidecars.md.
struct StorageFormat {
    std::string_view id;
    Element element;
    Set dtypes;       // of the weight
    Set markings;     // of Marking
    Set names;        // of ScaleName
    Set scale_dtypes; // none: no scale
    Lie lie;
    std::uint64_t width = 0; // of Lie::groups
    Second second = Second::none;
    bool may_have_zero = false;
};
std::span<const StorageFormat> storage_formats();

// A weight with what was found beside it.
struct Candidate {
    const SourceTensor* weight = nullptr;
    Marking marking = Marking::none;
    ScaleName scale_name = ScaleName::none;
    const SourceTensor* scale = nullptr;
    const SourceTensor* second = nullptr;
    bool divide = false;
    const SourceTensor* zero = nullptr;
    const SourceTensor *clash = nullptr, *with = nullptr; // two companions of one role
};

// Why no row fits; text follows the tensor's name.
struct Complaint {
    skw_status status;
    std::string text;
};

std::variant<StoredTensor, Complaint> match_format(const Candidate& candidate, const TextConfig& config);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// What an operator may decide about a head: four fields of the catalog entry, each with a safe default.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace skw::mtp {

// Which F32 tensors stay F32; all others become BF16.
enum class KeepF32 : std::uint8_t {
    routing, // the default: those whose rounding changes what a token is routed to (storage/precision.hpp)
    none,
    all,
};

struct Options {
    bool rename_layers = false;          // mtp_names: mtp. "model.layers.{N+i}." becomes "mtp.{i}."
    KeepF32 keep_f32 = KeepF32::routing; // mtp_keep_f32
    bool omit_copies = false; // mtp_shared_copies: omit. Embedding and head that repeat the base model's
    // mtp_accept, a list: what is refused otherwise.
    bool accept_dspark = false;       // "dspark": a block drafter under MTP names
    bool accept_unknown = false;      // "unknown-block": MTP names whose fusion block no rule knows
    bool accept_fewer_layers = false; // "fewer-layers": config.json declares more layers than there are
    bool accept_nonfinite = false;    // "non-finite": NaN, or finite values that leave the range of BF16
};

inline constexpr std::string_view names_field = "mtp_names";
inline constexpr std::string_view keep_f32_field = "mtp_keep_f32";
inline constexpr std::string_view copies_field = "mtp_shared_copies";
inline constexpr std::string_view accept_field = "mtp_accept";

bool is_option(std::string_view field); // one of the four
// Whether mtp_accept has this word.
bool is_accepted(const Options& options, std::string_view word);

// Reads the four fields of an entry, or of the "options" of a plan: the same names and values. An absent or
// null field is its default.
// fails   sdk::Failure(SKW_E_BAD_INPUT) that names the field and its values
Options read_options(const boost::json::object& fields);
// Only what differs from the default, under the names of the fields.
boost::json::object options_json(const Options& options);
// The same for people and cards: "mtp_names=mtp mtp_accept=dspark,non-finite"; "" = all defaults.
std::string options_text(const Options& options);

} // namespace skw::mtp

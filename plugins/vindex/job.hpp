// SPDX-License-Identifier: Apache-2.0
// What the plan says about one execution, read back out of it.
#pragma once

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::vindex {

// Ids of the plan.
inline constexpr std::string_view source_id = "source";
inline constexpr std::string_view step_version = "version";
inline constexpr std::string_view step_help_extract = "help-extract";
inline constexpr std::string_view step_help_publish = "help-publish";
inline constexpr std::string_view step_help_slice = "help-slice";
inline constexpr std::string_view step_stage = "stage";
inline constexpr std::string_view step_extract = "extract";
inline constexpr std::string_view step_slice = "slice";
inline constexpr std::string_view step_publish = "publish";
inline constexpr std::string_view slice_preset = "expert-server";

using Words = std::vector<std::string>;

struct Job {
    std::string repo;    // of the source
    std::string commit;  // 40 lower-case hex digits
    std::string quant;   // "q4k"
    std::string program; // "skulk-weights 1.2.3", "" if the plan does not say
    std::string folder;  // name of the whole vindex below the scratch root
    std::string shown;   // the same as the operator knows it
    std::string slice;   // name of the slice's folder; "" for a whole vindex
    std::string shown_slice;
    std::map<std::string, Words, std::less<>> commands; // by step

    bool wants_slice() const noexcept { return !slice.empty(); }
    const std::string& uploaded() const noexcept { return wants_slice() ? slice : folder; }
    const std::string& shown_uploaded() const noexcept { return wants_slice() ? shown_slice : shown; }
};

// S1: throws Failure(SKW_E_BAD_INPUT) for a source that is not pinned to a commit; SKW_E_BAD_ARGUMENT for
// what is no plan of this kind.
Job read_job(const boost::json::value& plan);

} // namespace skw::vindex

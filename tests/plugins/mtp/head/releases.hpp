// SPDX-License-Identifier: Apache-2.0
// Names and config of one checkpoint of each family, as the released ones have them, with few experts.
#pragma once

#include "mtp/head/layout.hpp"

#include <optional>
#include <string>
#include <vector>

namespace skw::test {

struct Release {
    std::string family; // mtp::Family::name
    std::vector<std::string> head;
    std::vector<std::string> others; // trunk, towers, heads' outputs: no part of it
    std::string config;
    std::vector<std::string> prefixes;
    std::uint64_t layers = 1;
    std::optional<std::uint64_t> base = {};
    std::vector<std::string> copies = {};
};
const std::vector<Release>& releases();
const Release& release(const std::string& family);

mtp::TextConfig config_of(const std::string& json);
// What a run keeps of the names it meets.
std::vector<std::string> candidates(const std::vector<std::string>& names, const mtp::TextConfig& config);
mtp::Detection detect(const std::vector<std::string>& names, const std::string& config);
// The messages behind "the MTP head was found, but it is incomplete: ".
std::vector<std::string> missing(const std::vector<std::string>& names, const std::string& config);

std::vector<std::string> operator+(std::vector<std::string> one, const std::vector<std::string>& other);
std::vector<std::string> without(std::vector<std::string> names, const std::string& name);
// Each name behind a prefix.
std::vector<std::string> under(const std::string& prefix, const std::vector<std::string>& names);

} // namespace skw::test

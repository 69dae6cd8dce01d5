// SPDX-License-Identifier: Apache-2.0
// A reader for the plain YAML that catalogs are written in; it declines everything else.
//
// A catalog of 100,000 entries took four times as long with yaml-cpp as everything else done with it. What
// nearly all catalogs consist of (block mappings and lists, words, quoted text without escapes, short flow
// lists, comments, anchors and merge keys) is read here with the same events, so that the outcome is the
// same.
#pragma once

#include "catalog/yaml_tree.hpp"

#include <string_view>

namespace skw::catalog {

inline constexpr std::size_t quick_yaml_depth = 24; // what is nested deeper is declined

// Whether all of the text is of that kind. It is valid YAML then, as yaml-cpp and PyYAML see it. The text is
// prepared: UTF-8, line feeds only, no control characters.
bool is_quick_yaml(std::string_view text);

// Gives the events of such a text to the tree, whose errors go through.
void read_quick_yaml(std::string_view text, TreeBuilder& tree);

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// How much memory a piece of code holds at most, counted at operator new.
#pragma once

#include <cstddef>

namespace skw::test {

std::size_t memory_in_use();
std::size_t memory_peak(); // since the last reset
void reset_memory_peak();

} // namespace skw::test

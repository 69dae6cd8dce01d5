// SPDX-License-Identifier: Apache-2.0
// Whether the processes of a group still compute.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace skw {

// User and system time of all processes of the group and of their ended children, in clock ticks. Changes
// whenever one of them computes, and when one comes or goes that did. 0: there is none, or no /proc.
std::uint64_t read_group_cpu_ticks(pid_t group);

} // namespace skw

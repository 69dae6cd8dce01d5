// SPDX-License-Identifier: Apache-2.0
// CPU time as the kernel tells it in /proc.
#include "support/cpu_time.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace skw {
namespace {

// User and system time in clock ticks of one process and its reaped children, if it is of the group.
std::uint64_t read_cpu_ticks(const std::filesystem::path& process, pid_t group)
{
    std::ifstream file(process / "stat");
    std::string text(std::istreambuf_iterator<char>(file), {});
    const std::size_t name_end = text.rfind(')'); // the name may hold anything
    if (name_end == std::string::npos) {
        return 0; // gone
    }
    std::string_view rest = std::string_view(text).substr(name_end + 1);
    std::uint64_t ticks = 0;
    for (int field = 3; field <= 17 && !rest.empty(); ++field) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        std::int64_t value = 0;
        std::from_chars(word.data(), word.data() + word.size(), value);
        if (field == 5 && value != group) {
            return 0;
        }
        ticks += field >= 14 ? static_cast<std::uint64_t>(value) : 0;
    }
    return ticks;
}

} // namespace

std::uint64_t read_group_cpu_ticks(pid_t group)
{
    std::uint64_t ticks = 0;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry("/proc", failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const char first = entry->path().filename().native().front();
        if (first >= '1' && first <= '9') {
            ticks += read_cpu_ticks(entry->path(), group);
        }
    }
    return ticks;
}

} // namespace skw

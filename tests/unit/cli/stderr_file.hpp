// SPDX-License-Identifier: Apache-2.0
// What a piece of code writes to a standard stream, which is a file meanwhile.
#pragma once

#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace test {

template<class Work>
std::string written_to(std::FILE* stream, const Work& work)
{
    std::fflush(stream);
    const int fd = fileno(stream), kept = dup(fd);
    std::FILE* const file = std::tmpfile();
    if (kept < 0 || file == nullptr || dup2(fileno(file), fd) < 0) {
        throw std::runtime_error("no file to write into");
    }
    work();
    std::fflush(stream);
    dup2(kept, fd);
    close(kept);
    std::string text;
    std::array<char, 4096> block{};
    std::rewind(file);
    for (std::size_t got = 1; got > 0;) {
        got = std::fread(block.data(), 1, block.size(), file);
        text.append(block.data(), got);
    }
    std::fclose(file);
    return text;
}

template<class Work>
std::string stderr_of(const Work& work)
{
    return written_to(stderr, work);
}

} // namespace test

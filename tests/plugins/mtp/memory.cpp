// SPDX-License-Identifier: Apache-2.0
// Replaces the global allocation functions by counting ones.
#include "memory.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t in_use = 0;
std::size_t peak = 0;

} // namespace

namespace skw::test {

std::size_t memory_in_use()
{
    return in_use;
}

std::size_t memory_peak()
{
    return peak;
}

void reset_memory_peak()
{
    peak = in_use;
}

} // namespace skw::test

void* operator new(std::size_t size)
{
    void* block = std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    in_use += malloc_usable_size(block);
    peak = in_use > peak ? in_use : peak;
    return block;
}

void operator delete(void* block) noexcept
{
    if (block != nullptr) {
        in_use -= malloc_usable_size(block);
        std::free(block);
    }
}

void operator delete(void* block, std::size_t) noexcept
{
    operator delete(block);
}

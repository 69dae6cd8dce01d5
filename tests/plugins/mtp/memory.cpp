// SPDX-License-Identifier: Apache-2.0
// Replaces the global allocation functions by counting ones.
#include "memory.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> in_use = 0;
std::atomic<std::size_t> peak = 0;
std::atomic<std::size_t> failing_size = 0, until_failure = 0;
std::atomic<bool> all_fail = false;

// Whether this allocation is to fail. until_failure stays at 1 while all do.
bool is_to_fail(std::size_t size)
{
    std::size_t left = until_failure.load();
    if (left == 0 || size < failing_size.load()) {
        return false;
    }
    if (left == 1 && all_fail.load()) {
        return true;
    }
    while (left != 0 && !until_failure.compare_exchange_weak(left, left - 1)) {
    }
    return left == 1;
}

void count(std::size_t bytes)
{
    const std::size_t now = in_use.fetch_add(bytes) + bytes;
    std::size_t most = peak.load();
    while (now > most && !peak.compare_exchange_weak(most, now)) {
    }
}

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
    peak = in_use.load();
}

void fail_allocation(std::size_t number, std::size_t size, bool all)
{
    failing_size = size;
    all_fail = all;
    until_failure = number;
}

} // namespace skw::test

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    void* block = is_to_fail(size) ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (block != nullptr) {
        count(malloc_usable_size(block));
    }
    return block;
}

void* operator new(std::size_t size)
{
    void* block = operator new(size, std::nothrow);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
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

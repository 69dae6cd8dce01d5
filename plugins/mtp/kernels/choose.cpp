// SPDX-License-Identifier: Apache-2.0
// Which kernels run here.
#include "mtp/kernels/sets.hpp"

#include <skw/failure.hpp>

#include <array>
#include <cstdlib>
#include <string>

namespace skw::mtp {

namespace {

constexpr std::array sets
{
#if defined(__x86_64__)
    &avx512_kernels, &avx2_kernels,
#elif defined(__AARCH64EL__)
    &neon_kernels,
#endif
        &reference_kernels,
};

std::string names_that_run_here()
{
    std::string names;
    for (const Kernels* set : sets) {
        if (set->runs_here()) {
            names += (names.empty() ? "" : ", ") + std::string(set->name);
        }
    }
    return names;
}

} // namespace

std::span<const Kernels* const> all_kernels()
{
    return sets;
}

const Kernels& choose_kernels()
{
    const char* forced = std::getenv("SKW_KERNELS");
    const bool any = forced == nullptr || *forced == '\0';
    for (const Kernels* set : sets) {
        if ((any || set->name == forced) && set->runs_here()) {
            return *set;
        }
    }
    // The value is not repeated: an environment may hold anything.
    throw sdk::Failure(SKW_E_BAD_INPUT, "SKW_KERNELS", "names no kernels that run on this machine",
                       "unset it, or set it to one of: " + names_that_run_here());
}

} // namespace skw::mtp

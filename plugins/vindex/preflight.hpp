// SPDX-License-Identifier: Apache-2.0
// Everything that can be refused before the first gigabyte moves.
#pragma once

#include "vindex/job.hpp"
#include "vindex/model.hpp"
#include "vindex/source.hpp"
#include "vindex/tool.hpp"

#include <skw/call.hpp>
#include <skw/services.hpp>

#include <cstdint>

namespace skw::vindex {

struct Preflight {
    Larql larql;
    Model model;
    Selection selection;
};

// Reads listing, config and index of the source. Throws Failure.
Preflight read_source(const sdk::Hub& hub, const Job& job);

// What the machine has.
struct Room {
    std::uint64_t disk = 0;   // free, with what of the source an earlier try has fetched
    std::uint64_t memory = 0; // available
};

// Compares estimates with the room and says them in one line. Throws Failure: SKW_E_NO_SPACE, SKW_E_RESOURCE,
// or SKW_E_UNSUPPORTED for a file that larql could not upload.
void check_room(const sdk::Call& call, const Job& job, const Preflight& preflight, const Room& room);

// All of it, with larql asked first.
Preflight run_preflight(const sdk::Call& call, const Job& job);

} // namespace skw::vindex

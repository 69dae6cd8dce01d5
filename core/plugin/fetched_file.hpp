// SPDX-License-Identifier: Apache-2.0
// One whole file of an input on its way into a folder: gone on with, checked, and renamed when it is right.
#pragma once

#include "plugin/host.hpp"
#include "plugin/walk.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace skw::plugin {

// What the files of one fetch share. The functions may be called from several threads.
struct FetchContext {
    Sources& sources;
    std::string input;
    const OpenFolder& into;
    std::function<void()> check;             // throws when the fetch is to end
    std::function<void(std::int64_t)> moved; // bytes that are there now; less than 0: that are not any more
};

// The name an unfinished file has beside its place.
std::string part_name(const std::string& name);

// How much of the file is there, by its size alone: all, a part, or nothing.
std::uint64_t bytes_there(const OpenFolder& into, const SourceFile& file);

// Brings the file to its path below `into`. A finished file is checked before it is trusted; of an unfinished
// one (<path>.part) what is there is hashed and the rest is read. What has the wrong hash is thrown away and
// read anew, once. Throws Error: io, no_space, network, bad_input (the source has other bytes than its
// listing says), or what `check` throws; the unfinished file stays then.
void fetch_file(const FetchContext& context, const SourceFile& file);

} // namespace skw::plugin

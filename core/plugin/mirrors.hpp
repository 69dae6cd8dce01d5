// SPDX-License-Identifier: Apache-2.0
// The files that go unchanged from an input into the target, as the plugin declares them.
#pragma once

#include "plugin/rights.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// Threads: any.
class Mirrors {
public:
    explicit Mirrors(const Rights& rights) : rights_(rights) {}

    // Declares a file of an input that the plan mirrors; the same one twice is one. Throws Error(contract):
    // no mirror of the plan, a path the host writes itself or an output has, or one declared from another
    // input.
    void add(std::string_view input, const SourceFile& file);
    std::vector<MirroredFile> take(); // sorted by path

private:
    const Rights& rights_;
    std::mutex mutex_;
    std::map<std::string, MirroredFile> files_; // by path
};

} // namespace skw::plugin

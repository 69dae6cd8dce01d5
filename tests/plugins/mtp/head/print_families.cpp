// SPDX-License-Identifier: Apache-2.0
// Prints docs/mtp-families.md, or compares the file with what it should be.
#include "mtp/head/layout.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

std::string page()
{
    return "# MTP heads by family\n"
           "\n"
           "For operators who want to know whether a model's Multi-Token-Prediction head can be published, "
           "and for\n"
           "whoever adds a family. After this page you know where the tensors of each family stand, how they "
           "are\n"
           "stored, and what becomes of them.\n"
           "\n"
           "Made by `plugin_mtp_families` from `plugins/mtp/head/families.cpp` and `blocks.cpp`; change "
           "those, build\n"
           "the program and write its output here. `N` is the number of layers of the text model, `i` counts "
           "MTP\n"
           "layers from 0. A wrapper in front of any name (`model.`, `language_model.`, ...) makes no "
           "difference.\n"
           "\n" +
           skw::mtp::families_markdown() +
           "\n"
           "* **layout**: the fusion block, recognised by its modules. Names that look like a head but have "
           "no block\n"
           "  of this table are refused, unless the entry says `mtp_accept: [unknown-block]`.\n"
           "* **stored as**: element type / block of one scale / type of the scale. All of it becomes BF16, "
           "except\n"
           "  for what `mtp_keep_f32` keeps.\n"
           "* **norms**: `zero_centred` weights need 1 added when they are used. A sidecar holds them as "
           "they are\n"
           "  stored. `-`: not known.\n"
           "* **order**: what comes first in the input of the fused projection. `-`: two matrices, or not "
           "known.\n"
           "* **status**: *exact* means that each value is the one that the checkpoint's own formula gives, "
           "to the\n"
           "  bit.\n"
           "* **sample**: a repository that `skulk-hub seed` makes, with the names, types and config of the "
           "family.\n";
}

} // namespace

int main(int count, char** arguments)
{
    if (count == 1) {
        std::cout << page();
        return 0;
    }
    if (count != 3 || std::string_view(arguments[1]) != "--compare") {
        std::cerr << "usage: plugin_mtp_families [--compare FILE]\n";
        return 2;
    }
    std::ifstream file(arguments[2], std::ios::binary);
    const std::string there{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file && there == page()) {
        return 0;
    }
    std::cerr << arguments[2] << " is not what the tables say; make it again:\n  " << arguments[0] << " > "
              << arguments[2] << '\n';
    return 1;
}

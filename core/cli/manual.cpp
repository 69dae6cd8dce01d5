// SPDX-License-Identifier: Apache-2.0
// `manual`, which the build writes the manual page with.
#include "cli/manual_text.hpp"

#include "cli/commands.hpp"
#include "cli/context.hpp"

namespace skw::cli {
namespace {

int run(const Arguments&, Context& context)
{
    context.output().text(manual_text());
    return exit_code::ok;
}

} // namespace

const Command manual_command{"manual",
                             "print the manual page skulk-weights(1)",
                             "",
                             {},
                             {{"skulk-weights manual | man -l -", "read it"}},
                             run,
                             Values::anything,
                             true};

} // namespace skw::cli

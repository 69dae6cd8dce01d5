// SPDX-License-Identifier: Apache-2.0
// `completion SHELL`: the script that makes a shell complete our command lines.
#include "cli/commands.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/context.hpp"

namespace skw::cli {
namespace {

int run(const Arguments& arguments, Context& context)
{
    const std::string_view script = completion_script(arguments.positional());
    context.output().text(script);
    context.output().document(
        json::object{{"schema", "skw.completion/1"}, {"shell", arguments.positional()}, {"script", script}});
    return exit_code::ok;
}

} // namespace

const Command completion_command{
    "completion",
    "print the script that makes a shell complete commands, options, keys and kinds",
    "bash|zsh|fish",
    {},
    {{"source <(skulk-weights completion bash)",
      "in ~/.bashrc; in ~/.zshrc the same with zsh, behind compinit"},
     {"skulk-weights completion fish | source", "in ~/.config/fish/config.fish"}},
    run,
    Values::words};

} // namespace skw::cli

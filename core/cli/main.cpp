// SPDX-License-Identifier: Apache-2.0
// skulk-weights: from a command line to an exit code.
#include "cli/arguments.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "support/interrupt.hpp"
#include "support/version.hpp"

#include <cstdio>
#include <new>

namespace skw::cli {
namespace {

constexpr int reader_went_away = 141; // as a shell reports SIGPIPE

int wrong_usage(const WrongUsage& wrong, Output& output)
{
    if (wrong.reason.empty()) { // help of a group was asked for
        output.text(group_help(wrong.command));
        return exit_code::ok;
    }
    std::fputs(usage_line(wrong.command).c_str(), stderr);
    output.note("skulk-weights" + (wrong.command.empty() ? "" : " " + wrong.command) +
                ": error: " + wrong.reason);
    if (!wrong.hint.empty()) {
        output.note("  next: " + wrong.hint);
    }
    return exit_code::usage;
}

int dispatch(const CommandLine& line, Output& output)
{
    if (line.version) {
        output.text("skulk-weights " SKW_VERSION "\n");
        return exit_code::ok;
    }
    if (line.help || line.command == nullptr) {
        output.text(program_help());
        return exit_code::ok;
    }
    if (line.arguments.has("help")) {
        std::fputs(command_help(*line.command).c_str(), stdout);
        return exit_code::ok;
    }
    InterruptGuard interrupt;
    int code = exit_code::failed;
    try {
        Context context(line.config, line.manifest, hub::process_environment(), output, interrupt.token());
        code = line.command->run(line.arguments, context);
    } catch (const Error& error) {
        if (interrupt.exit_code() != 0) {
            output.note("interrupted: nothing was left half done; run the same command again to go on");
            return interrupt.exit_code();
        }
        output.error(error);
        code = exit_code_of(error.code());
    }
    return code;
}

int run(std::vector<std::string> words)
{
    Output text_output(false);
    try {
        const CommandLine line = parse_command_line(std::move(words));
        Output output(line.command != nullptr && line.arguments.has("json"));
        int code = exit_code::failed;
        try {
            code = dispatch(line, output);
        } catch (const WrongUsage& wrong) {
            code = wrong_usage(wrong, output);
        }
        return output.reader_gone() ? reader_went_away : code;
    } catch (const WrongUsage& wrong) {
        return wrong_usage(wrong, text_output);
    } catch (const std::bad_alloc&) {
        text_output.note("out of memory");
    } catch (const std::exception& error) {
        // A bug: its own words may hold anything, so they are the one thing not shown.
        text_output.note("internal error: please report this with the command line you used");
        static_cast<void>(error);
    }
    return exit_code::failed;
}

} // namespace
} // namespace skw::cli

int main(int argc, char** argv)
{
    return skw::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

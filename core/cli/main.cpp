// SPDX-License-Identifier: Apache-2.0
// skulk-weights: from a command line to an exit code.
#include "cli/arguments.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "support/interrupt.hpp"
#include "support/version.hpp"

#include <algorithm>
#include <cstdio>
#include <new>

namespace skw::cli {
namespace {

// Known before anything is parsed, so that a wrong command line has its document as well.
bool asks_for_json(const std::vector<std::string>& words)
{
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::find(words.begin(), end, "--json") != end;
}

// Help and version are text whatever was asked for.
int show(const std::string& text)
{
    Output plain(false);
    plain.text(text);
    return plain.stdout_failure();
}

int wrong_usage(const WrongUsage& wrong, Output& output)
{
    if (wrong.reason.empty()) { // help of a group was asked for
        return show(group_help(wrong.command));
    }
    std::fputs(usage_line(wrong.command).c_str(), stderr);
    output.note("skulk-weights" + (wrong.command.empty() ? "" : " " + wrong.command) +
                ": error: " + wrong.reason);
    if (!wrong.hint.empty()) {
        output.note("  next: " + wrong.hint);
    }
    output.error_document(Error(ErrorCode::bad_argument, "", wrong.reason, wrong.hint));
    return exit_code::usage;
}

// Told on stderr in one line, and with --json as a document.
int ended(const Error& error, Output& output, int code)
{
    output.note(std::string(error.reason()) + (error.hint().empty() ? "" : ": " + std::string(error.hint())));
    output.error_document(error);
    return code;
}

int dispatch(const CommandLine& line, Output& output)
{
    if (line.version) {
        return show("skulk-weights " SKW_VERSION "\n");
    }
    if (line.help || line.command == nullptr) {
        return show(program_help());
    }
    if (line.arguments.has("help")) {
        return show(command_help(*line.command));
    }
    InterruptGuard interrupt;
    try {
        Context context(line.config, line.manifest, hub::process_environment(), output, interrupt.token());
        return line.command->run(line.arguments, context);
    } catch (const Error& error) {
        if (interrupt.exit_code() != 0) {
            return ended(Error(ErrorCode::cancelled, "", "interrupted",
                               "no commit was made half; run the same command again to go on"),
                         output, interrupt.exit_code());
        }
        output.error(error);
        return exit_code_of(error.code());
    }
}

int run(std::vector<std::string> words)
{
    Output output(asks_for_json(words));
    int code = exit_code::failed;
    try {
        code = dispatch(parse_command_line(std::move(words)), output);
    } catch (const WrongUsage& wrong) {
        code = wrong_usage(wrong, output);
    } catch (const std::bad_alloc&) {
        code = ended(Error(ErrorCode::resource, "", "out of memory"), output, code);
    } catch (const std::exception&) {
        // A bug: its own words may hold anything, so they are the one thing not shown.
        code = ended(Error(ErrorCode::internal, "", "internal error",
                           "please report this with the command line you used"),
                     output, code);
    }
    return output.stdout_failure() != 0 ? output.stdout_failure() : code;
}

} // namespace
} // namespace skw::cli

int main(int argc, char** argv)
{
    return skw::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

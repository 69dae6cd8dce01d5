// SPDX-License-Identifier: Apache-2.0
// skulk-weights: from a command line to an exit code.
#include "cli/arguments.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/version.hpp"
#include "support/interrupt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>

namespace skw::cli {
namespace {

// Known before anything is parsed, so that a wrong command line is told in the right manner as well.
Manner manner_of(const std::vector<std::string>& words, const hub::Environment& environment)
{
    const auto end = std::find(words.begin(), words.end(), "--");
    const auto asks = [&](std::string_view name, std::string_view letter = {}) {
        return std::find(words.begin(), end, name) != end ||
               (!letter.empty() && std::find(words.begin(), end, letter) != end);
    };
    const bool is_terminal =
        isatty(STDERR_FILENO) != 0 && environment("TERM").value_or("dumb") != "dumb";
    const bool may_colour = !asks("--no-color") && environment("NO_COLOR").value_or("").empty();
    const bool quiet = asks("--quiet", "-q");
    return {.as_json = asks("--json"),
            .quiet = quiet,
            .verbose = asks("--verbose", "-v"),
            .redraw = is_terminal && !quiet,
            .colour = is_terminal && may_colour,
            .terminal = is_terminal};
}

// Help is text whatever was asked for.
int show(const std::string& text)
{
    Output plain({});
    plain.text(text);
    return plain.stdout_failure();
}

int wrong_usage(const WrongUsage& wrong, Output& output)
{
    if (wrong.reason.empty()) { // help of a group was asked for
        return show(group_help(wrong.command));
    }
    std::fputs(usage_line(wrong.command).c_str(), stderr);
    output.problem("skulk-weights" + (wrong.command.empty() ? "" : " " + wrong.command) +
                ": error: " + wrong.reason);
    output.next_step(wrong.hint);
    output.error_document(Error(ErrorCode::bad_argument, "", wrong.reason, wrong.hint));
    return exit_code::usage;
}

// Told on stderr in one line, and with --json as a document.
int ended(const Error& error, Output& output, int code)
{
    output.problem(std::string(error.reason()) + (error.hint().empty() ? "" : ": " + std::string(error.hint())));
    output.error_document(error);
    return code;
}

int dispatch(const CommandLine& line, Output& output)
{
    if (line.help || (line.command == nullptr && !line.version)) {
        return show(program_help());
    }
    if (line.arguments.has("help")) {
        return show(command_help(*line.command));
    }
    InterruptGuard interrupt([&output] { output.leave_terminal(); });
    try {
        Context context(line.config, line.manifest, hub::process_environment(), output, interrupt);
        if (line.version) {
            return print_version(context);
        }
        const int code = line.command->run(line.arguments, context);
        // A run that ended in order after a signal says so itself; which signal it was stands here.
        return code == exit_code::interrupted && interrupt.exit_code() != 0 ? interrupt.exit_code() : code;
    } catch (const Error& error) {
        if (interrupt.exit_code() != 0) {
            output.begin_line();
            return ended(Error(ErrorCode::cancelled, "", "interrupted", "run the same command again"), output,
                         interrupt.exit_code());
        }
        output.error(error);
        return exit_code_of(error.code());
    }
}

// A file that is opened must not become stdout or stderr because the caller has closed these: it would get
// whatever is printed. Open for the wrong direction, they still fail as closed ones do.
void occupy_standard_streams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
            return;
        }
    }
}

int run(std::vector<std::string> words)
{
    Output output(manner_of(words, hub::process_environment()));
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
    skw::cli::occupy_standard_streams();
    const int code = skw::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    if (code == skw::exit_code::interrupted) {
        skw::end_by_interrupt();
    }
    return code;
}

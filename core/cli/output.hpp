// SPDX-License-Identifier: Apache-2.0
// What a command says: results on stdout, everything else on stderr; text or one JSON document.
#pragma once

#include "support/error.hpp"
#include "support/json.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace skw::cli {

// How a command is to speak.
struct Manner {
    bool as_json = false;
    bool quiet = false;   // no progress, no notes
    bool verbose = false; // details as well
    bool redraw = false;  // stderr is a terminal whose last lines can be drawn anew, and not quiet
    bool colour = false;  // stderr is a terminal that may be coloured
    bool terminal = false; // stderr is one that knows the usual sequences
};

class Output {
public:
    explicit Output(Manner manner) : manner_(manner) {}

    const Manner& manner() const noexcept { return manner_; }
    bool as_json() const noexcept { return manner_.as_json; }
    // A result. Text is printed as it is; a document only with --json. Flushed at once.
    void text(std::string_view lines);
    void document(const json::value& value);
    // stderr, one line each, secrets removed. A note is left out if quiet, a detail unless verbose. Colour
    // repeats what the words say: a terminal without it misses nothing.
    void note(std::string_view line);
    void detail(std::string_view line);
    void warning(std::string_view line);
    void problem(std::string_view line); // what went wrong: always shown
    void next_step(std::string_view hint); // what to do about the problem before; "" = nothing
    void failure(const Error& error); // the lines only
    void error(const Error& error);   // with its document

    // The lines that stand below everything else and are drawn anew in place; none = no such lines. Whatever
    // is said meanwhile goes above them. For a terminal (Manner::redraw) only.
    void block(std::vector<std::string> lines);
    // The terminal has written "^C" where the cursor is: the next line begins at the left.
    void begin_line();
    // Before the process ends at once, while other threads may hold any lock: no half line stays.
    void leave_terminal() const noexcept;

    // The document of an error alone, for one that is told on stderr in other words.
    void error_document(const Error& error);

    // 0 while stdout can be written; 141, as a shell reports SIGPIPE, when its reader went away; 1 when it
    // cannot be written, which stderr has said.
    int stdout_failure() const noexcept { return stdout_failure_; }

private:
    enum class Colour { none, red, yellow, cyan };
    void write_out(std::string_view text);
    void write_line(std::string_view line);
    void write_raw(std::string_view text);
    // The first `length` bytes of the line in this colour.
    void say(Colour colour, std::string_view line, std::size_t length = std::string_view::npos);

    std::mutex mutex_; // notes come from several threads
    const Manner manner_;
    int stdout_failure_ = 0;
    std::vector<std::string> block_;
    std::string drawn_; // what the block looks like on the terminal
    std::atomic<bool> block_shown_{false};
};

} // namespace skw::cli

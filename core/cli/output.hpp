// SPDX-License-Identifier: Apache-2.0
// What a command says: results on stdout, everything else on stderr; text or one JSON document.
#pragma once

#include "support/error.hpp"
#include "support/json.hpp"

#include <mutex>
#include <string_view>

namespace skw::cli {

// How a command is to speak.
struct Manner {
    bool as_json = false;
    bool quiet = false;   // no progress, no notes
    bool verbose = false; // details as well
    bool redraw = false;  // stderr is a terminal whose last lines can be drawn anew, and not quiet
    bool colour = false;  // stderr is a terminal that may be coloured
};

class Output {
public:
    explicit Output(Manner manner) : manner_(manner) {}

    const Manner& manner() const noexcept { return manner_; }
    bool as_json() const noexcept { return manner_.as_json; }
    // A result. Text is printed as it is; a document only with --json. Flushed at once.
    void text(std::string_view lines);
    void document(const json::value& value);
    // stderr, one line each, secrets removed. A note is left out if quiet, a detail unless verbose.
    void note(std::string_view line);
    void detail(std::string_view line);
    void warning(std::string_view line);
    void problem(std::string_view line); // what went wrong: always shown
    void failure(const Error& error); // the lines only
    void error(const Error& error);   // with its document
    // Overwrites the last line of a terminal; "" clears it. The next note() does so by itself.
    void transient(std::string_view line);

    // The document of an error alone, for one that is told on stderr in other words.
    void error_document(const Error& error);

    // 0 while stdout can be written; 141, as a shell reports SIGPIPE, when its reader went away; 1 when it
    // cannot be written, which stderr has said.
    int stdout_failure() const noexcept { return stdout_failure_; }

private:
    void write_out(std::string_view text);
    void write_err(std::string_view line);

    std::mutex mutex_; // notes come from several threads
    const Manner manner_;
    int stdout_failure_ = 0;
    bool transient_shown_ = false;
};

} // namespace skw::cli

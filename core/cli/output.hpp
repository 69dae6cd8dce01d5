// SPDX-License-Identifier: Apache-2.0
// What a command says: results on stdout, everything else on stderr; text or one JSON document.
#pragma once

#include "support/error.hpp"
#include "support/json.hpp"

#include <mutex>
#include <string_view>

namespace skw::cli {

class Output {
public:
    explicit Output(bool as_json) : as_json_(as_json) {}

    bool as_json() const noexcept { return as_json_; }
    // A result. Text is printed as it is; a document only with --json. Flushed at once.
    void text(std::string_view lines);
    void document(const json::value& value);
    // stderr, one line each, secrets removed.
    void note(std::string_view line);
    void warning(std::string_view line);
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
    bool as_json_;
    int stdout_failure_ = 0;
    bool transient_shown_ = false;
};

} // namespace skw::cli

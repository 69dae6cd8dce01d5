// SPDX-License-Identifier: Apache-2.0
// What a command says.
#include "cli/output.hpp"

#include "support/ids.hpp"
#include "support/secrets.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace skw::cli {
namespace {

constexpr int reader_went_away = 141;

// What is not ASCII stands in strings only, and some of those characters move a terminal's cursor.
std::string in_ascii(std::string_view document)
{
    std::string out;
    while (!document.empty()) {
        const auto plain = [](char c) { return (c >= ' ' && c < 0x7f) || c == '\n'; };
        const auto odd = std::ranges::find_if_not(document, plain);
        out.append(document.begin(), odd);
        const auto next = std::find_if(odd, document.end(), plain);
        if (const std::string_view run(odd, next); !run.empty()) {
            const std::string quoted = ascii_json_string(is_utf8(run) ? run : "\xef\xbf\xbd");
            out += quoted.substr(1, quoted.size() - 2);
        }
        document = std::string_view(next, document.end());
    }
    return out;
}

} // namespace

void Output::write_out(std::string_view text)
{
    if (stdout_failure_ != 0 ||
        (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)) {
        return;
    }
    const int reason = errno;
    stdout_failure_ = reason == EPIPE ? reader_went_away : exit_code::failed;
    if (reason != EPIPE) {
        write_err("stdout: cannot be written: " + std::generic_category().message(reason));
    }
}

void Output::write_err(std::string_view line)
{
    std::string text = transient_shown_ ? "\r\033[K" : "";
    transient_shown_ = false;
    text += redact(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void Output::text(std::string_view lines)
{
    if (!manner_.as_json) {
        const std::scoped_lock lock(mutex_);
        write_out(redact(lines));
    }
}

void Output::document(const json::value& value)
{
    if (manner_.as_json) {
        const std::scoped_lock lock(mutex_);
        write_out(in_ascii(redact(pretty_json(value))));
    }
}

void Output::note(std::string_view line)
{
    if (!manner_.quiet) {
        problem(line);
    }
}

void Output::detail(std::string_view line)
{
    if (manner_.verbose) {
        problem(line);
    }
}

void Output::warning(std::string_view line)
{
    problem("warning: " + std::string(line));
}

void Output::problem(std::string_view line)
{
    const std::scoped_lock lock(mutex_);
    write_err(line);
}

void Output::failure(const Error& error)
{
    problem(error.what());
    if (!error.hint().empty()) {
        problem("  next: " + std::string(error.hint()));
    }
}

void Output::error(const Error& error)
{
    failure(error);
    error_document(error);
}

void Output::error_document(const Error& error)
{
    json::object one;
    one["code"] = name_of(error.code());
    one["place"] = error.place();
    one["reason"] = error.reason();
    one["hint"] = error.hint();
    document(json::object{{"schema", "skw.error/1"}, {"error", std::move(one)}});
}

void Output::transient(std::string_view line)
{
    const std::scoped_lock lock(mutex_);
    const std::string text = "\r\033[K" + redact(line);
    transient_shown_ = !line.empty();
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace skw::cli

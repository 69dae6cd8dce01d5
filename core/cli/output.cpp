// SPDX-License-Identifier: Apache-2.0
// What a command says.
#include "cli/output.hpp"

#include "cli/terminal.hpp"
#include "support/ids.hpp"
#include "support/secrets.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace skw::cli {
namespace {

constexpr int reader_went_away = 141;

// While a block stands there the cursor rests at its beginning, so that it can be taken away without counting
// lines: those a window that was made narrower has broken in two are counted by nobody.
constexpr std::string_view erase_block = "\r\033[J";

std::string drawing_of(const std::vector<std::string>& lines)
{
    if (lines.empty()) {
        return {};
    }
    const std::size_t columns = terminal_size().columns;
    std::string text;
    for (const std::string& line : lines) {
        text += (text.empty() ? "\r" : "\r\n") + fit_line(redact(line), columns) + "\033[K";
    }
    text += "\033[J\r";
    return lines.size() == 1 ? text : text + "\033[" + std::to_string(lines.size() - 1) + "A";
}

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
    if (stdout_failure_ != 0) {
        return;
    }
    if (!block_.empty()) { // both may be one terminal
        write_raw(erase_block);
    }
    errno = 0;
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    const int reason = errno;
    if (!written) {
        stdout_failure_ = reason == EPIPE ? reader_went_away : exit_code::failed;
        if (reason != EPIPE) {
            write_line("stdout: cannot be written: " + std::generic_category().message(reason));
        }
    } else if (!block_.empty()) {
        write_raw(drawn_ = drawing_of(block_));
    }
}

// What cannot be written to stderr cannot be told anybody either.
void Output::write_raw(std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void Output::write_line(std::string_view line)
{
    std::string text;
    if (!block_.empty()) {
        text += erase_block;
        drawn_ = drawing_of(block_);
    }
    text.append(line).append("\n").append(drawn_);
    write_raw(text);
}

void Output::say(Colour colour, std::string_view line, std::size_t length)
{
    std::string text = redact(line);
    if (manner_.colour && colour != Colour::none) {
        const char* const begin = colour == Colour::red      ? "\033[31m"
                                  : colour == Colour::yellow ? "\033[33m"
                                                             : "\033[36m";
        text.insert(std::min(length, text.size()), "\033[0m");
        text.insert(0, begin);
    }
    const std::scoped_lock lock(mutex_);
    write_line(text);
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
        say(Colour::none, line);
    }
}

void Output::detail(std::string_view line)
{
    if (manner_.verbose) {
        say(Colour::none, line);
    }
}

void Output::warning(std::string_view line)
{
    constexpr std::string_view word = "warning:";
    say(Colour::yellow, std::string(word) + " " + std::string(line), word.size());
}

void Output::problem(std::string_view line)
{
    say(Colour::red, line);
}

void Output::next_step(std::string_view hint)
{
    constexpr std::string_view word = "  next:";
    if (!hint.empty()) {
        say(Colour::cyan, std::string(word) + " " + std::string(hint), word.size());
    }
}

void Output::failure(const Error& error)
{
    problem(error.what());
    next_step(error.hint());
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

void Output::block(std::vector<std::string> lines)
{
    const std::scoped_lock lock(mutex_);
    std::string drawing = drawing_of(lines);
    if (drawing == drawn_) {
        return;
    }
    write_raw(drawing.empty() ? erase_block : std::string_view(drawing));
    block_ = std::move(lines);
    drawn_ = std::move(drawing);
    block_shown_ = !block_.empty();
}

void Output::begin_line()
{
    const std::scoped_lock lock(mutex_);
    if (manner_.terminal && block_.empty()) {
        write_raw(erase_block);
    }
}

void Output::leave_terminal() const noexcept
{
    if (manner_.terminal) {
        const std::string_view text = block_shown_ ? erase_block : std::string_view("\r\n");
        [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
    }
}

} // namespace skw::cli

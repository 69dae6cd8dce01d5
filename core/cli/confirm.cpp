// SPDX-License-Identifier: Apache-2.0
// A question on the right stream, and one line of an answer.
#include "cli/confirm.hpp"

#include "support/secrets.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace skw::cli {
namespace {

constexpr int look_up_ms = 100; // how soon Ctrl-C is seen
constexpr std::size_t longest_answer = 4096;

// One line of stdin without its end.
std::string read_answer(const std::stop_token& stop)
{
    std::string line;
    while (line.size() < longest_answer) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&input, 1, look_up_ms);
        if (stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "", "interrupted");
        }
        if (ready == 0 || (ready < 0 && errno == EINTR)) {
            continue;
        }
        char c = 0;
        // Byte by byte: what follows the line is for whoever reads this stream next.
        const ssize_t got = ::read(STDIN_FILENO, &c, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0 || c == '\n') {
            return line;
        }
        line += c;
    }
    return line;
}

} // namespace

bool confirm(std::string_view question, Output& output, const std::stop_token& stop)
{
    const bool talks = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    if (talks || output.as_json()) {
        std::fputs(redact(question).c_str(), stderr);
        std::fflush(stderr);
    } else {
        output.text(question);
    }
    const std::string answer = read_answer(stop);
    const std::size_t begin = answer.find_first_not_of(" \t\r\f\v");
    const std::size_t end = answer.find_last_not_of(" \t\r\f\v");
    return begin != std::string::npos && begin == end && (answer[begin] == 'y' || answer[begin] == 'Y');
}

} // namespace skw::cli

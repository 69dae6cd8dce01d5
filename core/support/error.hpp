// SPDX-License-Identifier: Apache-2.0
// The one exception type of the host, and what its codes mean to the process that called us.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace skw {

// Equal to the statuses of skw/plugin.h without their sign, so that one table serves both.
enum class ErrorCode {
    failed = 1,
    bad_argument = 2,
    bad_input = 3,
    unsupported = 4,
    not_found = 5,
    cancelled = 6,
    timed_out = 7,
    io = 8,
    network = 9,
    not_authorised = 10,
    conflict = 11,
    no_space = 12,
    permission = 13,
    resource = 14,
    contract = 15,
    internal = 16,
    stale_plan = 100, // of the host alone: what a reviewed plan was made for has changed since
};

// The code's name as it stands in JSON: "bad_input".
std::string_view name_of(ErrorCode code) noexcept;

// Exit codes of the programs; docs/exit-codes.md lists them for people.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int failed = 1;
inline constexpr int usage = 2;
inline constexpr int bad_plugin = 3;
inline constexpr int stale_plan = 6;
inline constexpr int partial = 8;
inline constexpr int unfiled = 9;
inline constexpr int temporary = 75;
inline constexpr int interrupted = 130;
inline constexpr int terminated = 143;
} // namespace exit_code

// The exit code that tells a caller whether running the same command again is right.
int exit_code_of(ErrorCode code) noexcept;

// What failed (place), why (reason), and what to do next (hint, may be empty). Every field is printable:
// whoever makes one leaves out tokens and the query of signed URLs.
class Error : public std::exception {
public:
    Error(ErrorCode code, std::string place, std::string reason, std::string hint = {});

    ErrorCode code() const noexcept { return code_; }
    std::string_view place() const noexcept { return place_; }
    std::string_view reason() const noexcept { return reason_; }
    std::string_view hint() const noexcept { return hint_; }

    // The same error with a longer place: "entry qwen: acme/x@main".
    Error inside(std::string_view outer) const;

    // "place: reason", or the reason alone where there is no place.
    const char* what() const noexcept override { return what_.c_str(); }

private:
    ErrorCode code_;
    std::string place_, reason_, hint_, what_;
};

// Thrown for a wrong command line only: exit code 2.
class UsageError : public Error {
public:
    explicit UsageError(std::string reason, std::string hint = {})
        : Error(ErrorCode::bad_argument, {}, std::move(reason), std::move(hint))
    {
    }
};

} // namespace skw

// SPDX-License-Identifier: Apache-2.0
// The one exception type of the host, and its codes.
#include "support/error.hpp"

namespace skw {

std::string_view name_of(ErrorCode code) noexcept
{
    switch (code) {
    case ErrorCode::failed: return "failed";
    case ErrorCode::bad_argument: return "bad_argument";
    case ErrorCode::bad_input: return "bad_input";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::io: return "io";
    case ErrorCode::network: return "network";
    case ErrorCode::not_authorised: return "not_authorised";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::no_space: return "no_space";
    case ErrorCode::permission: return "permission";
    case ErrorCode::resource: return "resource";
    case ErrorCode::contract: return "contract";
    case ErrorCode::internal: return "internal";
    case ErrorCode::stale_plan: return "stale_plan";
    }
    return "failed";
}

int exit_code_of(ErrorCode code) noexcept
{
    switch (code) {
    case ErrorCode::cancelled: return exit_code::interrupted;
    case ErrorCode::network:
    case ErrorCode::timed_out:
    case ErrorCode::conflict: return exit_code::temporary; // the same command finds the new state
    case ErrorCode::stale_plan: return exit_code::stale_plan;
    default: return exit_code::failed;
    }
}

Error::Error(ErrorCode code, std::string place, std::string reason, std::string hint)
    : code_(code),
      place_(std::move(place)),
      reason_(std::move(reason)),
      hint_(std::move(hint)),
      what_(place_.empty() ? reason_ : place_ + ": " + reason_)
{
}

Error Error::inside(std::string_view outer) const
{
    std::string place(outer);
    if (!place_.empty()) {
        place += ": " + place_;
    }
    return Error(code_, std::move(place), reason_, hint_);
}

} // namespace skw

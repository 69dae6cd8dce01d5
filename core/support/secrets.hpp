// SPDX-License-Identifier: Apache-2.0
// Secrets: a token that cannot be printed by accident, and the filter before every sink.
#pragma once

#include <string>
#include <string_view>

namespace skw {

// A token. It has no way into a stream, and telling redact() about it is part of making one.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value);
    bool empty() const noexcept { return value_.empty(); }
    // For the Authorization header only.
    std::string_view reveal() const noexcept { return value_; }

private:
    std::string value_;
};

// The text with every known secret, anything that looks like a Hub token (hf_...), a bearer header, and the
// query of every URL replaced by "***". Every line that a command prints passes through it.
std::string redact(std::string_view text);

// Whether a known secret, or what looks like a Hub token, stands in the text. For what is published: there a
// replacement would hide that something is wrong.
bool holds_secret(std::string_view text);

// From here on no other process of this user can read our memory and environment, where the token stands, and
// no core dump is written. Not in builds with sanitizers, whose leak search needs to look.
void hide_from_other_processes() noexcept;

} // namespace skw

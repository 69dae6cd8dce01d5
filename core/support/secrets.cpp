// SPDX-License-Identifier: Apache-2.0
// Secrets, and the filter before every sink.
#include "support/secrets.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace skw {
namespace {

// The Hub's tokens are "hf_" and 34 letters and digits; shorter words (hf_collection) are names.
constexpr std::string_view token_prefix = "hf_";
constexpr std::size_t least_token = 20;

struct Known {
    std::mutex mutex;
    std::vector<std::string> secrets;
};

Known& known()
{
    static Known all;
    return all;
}

bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_bearer_char(char c)
{
    return is_alphanumeric(c) || std::string_view("_-.~+/=").find(c) != std::string_view::npos;
}

void replace_all(std::string& text, const std::string& what)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += 3) {
        text.replace(at, what.size(), "***");
    }
}

// Cuts the token characters that follow a prefix, where there are at least so many; keeps the prefix.
void cut_after(std::string& text, std::string_view prefix, bool (*is_token_char)(char), std::size_t least)
{
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) {
        const std::size_t begin = at + prefix.size();
        const auto end =
            std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), is_token_char);
        const std::size_t length = static_cast<std::size_t>(end - text.begin()) - begin;
        if (length >= least) {
            text.replace(begin, length, "***");
        }
        at = begin;
    }
}

void cut_queries(std::string& text)
{
    for (std::size_t at = 0; (at = text.find("://", at)) != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'<>", at), text.size());
        const std::size_t query = text.find('?', at);
        if (query < end) {
            text.replace(query + 1, end - query - 1, "***");
        }
        at += 3;
    }
}

} // namespace

Secret::Secret(std::string value) : value_(std::move(value))
{
    // Very short ones would cut harmless words out of every message.
    if (value_.size() >= 6) {
        const std::scoped_lock lock(known().mutex);
        if (std::find(known().secrets.begin(), known().secrets.end(), value_) == known().secrets.end()) {
            known().secrets.push_back(value_);
        }
    }
}

std::string redact(std::string_view text)
{
    std::string out(text);
    {
        const std::scoped_lock lock(known().mutex);
        for (const std::string& secret : known().secrets) {
            replace_all(out, secret);
        }
    }
    cut_after(out, token_prefix, is_alphanumeric, least_token);
    cut_after(out, "Bearer ", is_bearer_char, 1);
    cut_queries(out);
    return out;
}

bool holds_secret(std::string_view text)
{
    {
        const std::scoped_lock lock(known().mutex);
        if (std::ranges::any_of(known().secrets, [&](const std::string& secret) {
                // A short one, such as a proxy's password, may be a word like any other.
                return secret.size() >= 12 && text.find(secret) != std::string_view::npos;
            })) {
            return true;
        }
    }
    std::string tokens(text);
    cut_after(tokens, token_prefix, is_alphanumeric, least_token);
    return tokens != text;
}

void hide_from_other_processes() noexcept
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

} // namespace skw

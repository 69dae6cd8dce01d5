// SPDX-License-Identifier: Apache-2.0
// Which collection an artifact is filed into, and the filing.
#include "collection/collection.hpp"

#include "support/error.hpp"

#include <algorithm>
#include <array>

namespace skw::collection {
namespace {

std::string trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t\r\n\f\v");
    if (begin == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n\f\v") - begin + 1));
}

// The error of a Hub call under the contract's sentence; cancelling stays what it is.
[[noreturn]] void rethrow(const Error& error, const std::string& sentence)
{
    if (error.code() == ErrorCode::cancelled) {
        throw error;
    }
    std::string next = "run the same command again to file it";
    if (error.code() == ErrorCode::not_found) {
        next = "make that collection on the Hub or correct hf_collection in the catalog entry, then " + next;
    } else if (error.code() == ErrorCode::not_authorised) {
        next = "use a token that may write there, then " + next;
    }
    throw Error(error.code(), "", sentence + ": " + std::string(error.reason()),
                "the artifact itself is published; " + next);
}

} // namespace

Policy decide_policy(const std::optional<std::string>& entry_collection,
                     const std::optional<std::string>& variable)
{
    static constexpr std::array off = {"none", "0", "false", "no", "off", "disabled"};
    const std::string value = trimmed(variable.value_or(""));
    if (value.empty()) {
        return {entry_collection};
    }
    std::string lower = value;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (std::find(off.begin(), off.end(), lower) != off.end()) {
        return {};
    }
    if (!RepoId::parse(value)) {
        throw Error(ErrorCode::bad_input, "",
                    "SKULK_WEIGHTS_COLLECTION must look like owner/slug or be 'none'");
    }
    return {value};
}

std::string collection_url(std::string_view slug)
{
    return "https://huggingface.co/collections/" + std::string(slug);
}

Filed file_by_title(hub::Client& hub, const RepoId& repo, std::string_view title)
{
    std::optional<hub::Collection> found;
    try {
        found = hub.find_collection(repo.owner(), title);
        if (!found) {
            found = hub.create_collection(repo.owner(), title);
        }
    } catch (const Error& error) {
        rethrow(error,
                "failed to ensure collection " + std::string(repo.owner()) + "/'" + std::string(title) + "'");
    }
    return file_by_slug(hub, repo, found->slug);
}

Filed file_by_slug(hub::Client& hub, const RepoId& repo, std::string_view slug)
{
    try {
        return {std::string(slug), hub.add_to_collection(slug, repo)};
    } catch (const Error& error) {
        rethrow(error, "failed to add " + repo.text() + " to collection " + std::string(slug));
    }
}

} // namespace skw::collection

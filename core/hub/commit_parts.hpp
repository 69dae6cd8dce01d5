// SPDX-License-Identifier: Apache-2.0
// The steps before and after the one commit call: check the card, ask for upload modes, write the body,
// compare a tree with what was meant.
#pragma once

#include "hub/session.hpp"

#include "support/files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::hub {

inline constexpr std::uint64_t largest_regular_bytes = 10u << 20; // the Hub takes no larger ones outside LFS

inline constexpr std::string_view attributes_path = ".gitattributes";

inline bool is_remote(const Addition& addition)
{
    return std::holds_alternative<RemoteContent>(addition.content);
}

// Sizes and hashes of what is in memory, sizes of files, listings of what comes from other repos, no path
// twice or both added and deleted.
void check_request(const CommitRequest& request);

// The bytes of an addition, checked against its SHA-256; for small ones.
std::string content_of(const Addition& addition);

// Throws Error(bad_input) with all that the Hub finds wrong with a README.md among the additions.
void check_card(Session& session, const CommitRequest& request);

struct Planned {
    const Addition* addition = nullptr;
    bool large = false;     // by LFS
    bool unchanged = false; // the repo's head has it already
};
// Which way each addition goes, as the Hub decides; in the order of the request. Files of other repos are
// large ones, and not asked for.
std::vector<Planned> ask_modes(Session& session, const CommitRequest& request);

// The commit's lines: in memory if short, else in a file that lives as long as this.
class CommitBody {
public:
    CommitBody(const CommitRequest& request, const std::vector<Planned>& plan);
    void put_into(Request& request) const;

private:
    void add(std::string line);
    void add_file(const Addition& addition);
    void append(std::string_view text);
    std::string text_;
    std::unique_ptr<TempFolder> folder_;
    std::optional<File> file_;
    std::uint64_t file_bytes_ = 0;
};

// What of the request this tree does not hold; "" = it holds all of it.
std::string find_difference(const CommitRequest& request, const Tree& tree);

} // namespace skw::hub

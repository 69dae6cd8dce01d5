// SPDX-License-Identifier: Apache-2.0
// The body of a commit: NDJSON, read line by line, so that no more than one file is in memory.
#pragma once

#include "localhub/http.hpp"
#include "localhub/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skw::localhub {

// The Hub's limits, as it documents them.
struct CommitLimits {
    std::uint64_t regular_file = 10u << 20;
    std::uint64_t regular_total = 1'000'000'000;
    std::size_t lfs_files = 25'000;
    std::size_t lines = 200'000;
};

struct CommitChange {
    std::string path;
    TreeFile file;          // of a regular one: complete, its content is kept
    bool size_known = true; // of an LFS one: a copy inside the repo may leave it out
};

struct CommitLines {
    std::string title, message, parent;
    std::vector<CommitChange> additions;
    std::vector<std::string> deleted_files, deleted_folders;
    std::optional<std::string> readme; // the new README.md, for its check
};

// Throws Refusal: 400 for a bad line or a header alone, 413 and 422 as the Hub has them.
CommitLines read_commit_lines(HttpRequest& http, const Objects& objects, const CommitLimits& limits = {});

// Path as it is stored: one leading "/" or "./" goes. 422 for what a repo cannot hold.
std::string repo_path(std::string_view path);

// The tree after the change. Throws Refusal(404) for a deletion of nothing, Refusal(400) for a path that
// would be file and folder at once. .gitattributes gets a line for each LFS path that no pattern covers.
Tree changed_tree(const Tree& before, const CommitLines& lines, const Repo& repo, const Objects& objects,
                  const std::string& head, const CommitLimits& limits = {});

} // namespace skw::localhub

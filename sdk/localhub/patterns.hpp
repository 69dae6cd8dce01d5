// SPDX-License-Identifier: Apache-2.0
// The patterns of .gitattributes and .gitignore, as far as they decide how a file is uploaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

// Whether a git pattern matches a path: "*", "?", "[a-z]", "[[:space:]]", "**", "\" before a special
// character. Without a slash it is compared with the last segment only.
bool matches_pattern(std::string_view pattern, std::string_view path);

// The lines of a .gitattributes that decide about filter=lfs; the last one that matches wins.
class LfsRules {
public:
    explicit LfsRules(std::string_view gitattributes);
    bool covers(std::string_view path) const;
    // The line that makes one path an LFS file.
    static std::string line_for(std::string_view path);

private:
    struct Rule {
        std::string pattern;
        bool lfs;
    };
    std::vector<Rule> rules_;
};

// Whether a .gitignore leaves the path out.
bool is_ignored(std::string_view gitignore, std::string_view path);

// What the first commit of every repo holds.
std::string_view first_gitattributes();

} // namespace skw::localhub

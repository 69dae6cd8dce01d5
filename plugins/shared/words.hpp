// SPDX-License-Identifier: Apache-2.0
// Names inside messages, commands and model cards, quoted so that they stay names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skw::builtin {

// As Python's repr() of a str, and of a list of them: the contract's messages quote values like that.
std::string python_repr(std::string_view utf8);
std::string python_repr(const std::vector<std::string>& list);

// The words as a shell reads them back: bare where safe, else in single quotes.
std::string shell_line(const std::vector<std::string>& words);

// Markdown code style, with a fence longer than any run of backticks inside.
std::string markdown_code(std::string_view text);

// A link to a repo on the Hub: [owner/name](https://huggingface.co/owner/name). needs: is_repo_id(repo).
std::string markdown_repo_link(std::string_view repo);

} // namespace skw::builtin

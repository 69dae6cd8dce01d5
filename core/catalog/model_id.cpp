// SPDX-License-Identifier: Apache-2.0
// A model id out of what people paste: an id, or the address of one of its pages (the contract's
// section 7.1).
#include "catalog/catalog.hpp"

#include "catalog/words.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::catalog {
namespace {

std::string_view trimmed(std::string_view text, std::string_view set)
{
    const std::size_t begin = std::min(text.find_first_not_of(set), text.size());
    const std::size_t end = text.find_last_not_of(set);
    return begin == text.size() ? std::string_view() : text.substr(begin, end - begin + 1);
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::vector<std::string_view> parts_of(std::string_view path)
{
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (end > begin) {
            parts.push_back(path.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return parts;
}

// First parts of the Hub's addresses that are no owner.
bool is_section(std::string_view part)
{
    static constexpr std::array<std::string_view, 12> sections = {
        "datasets", "spaces", "models",        "collections", "docs", "api",
        "papers",   "blog",   "organizations", "settings",    "join", "login"};
    return std::find(sections.begin(), sections.end(), part) != sections.end();
}

// Pages below a model: owner/name/tree/main and the like.
bool is_page(std::string_view part)
{
    static constexpr std::array<std::string_view, 8> pages = {"tree",    "blob",   "resolve",     "raw",
                                                              "commits", "commit", "discussions", "blame"};
    return std::find(pages.begin(), pages.end(), part) != pages.end();
}

struct Split {
    bool url = false;
    std::string_view path; // behind the host
};

Split split(std::string_view text)
{
    const std::string small = lower(text);
    for (const std::string_view host : {std::string_view("huggingface.co"), std::string_view("hf.co")}) {
        const std::string with_slash = std::string(host) + '/';
        if (host == "huggingface.co") {
            if (const std::size_t at = small.rfind(with_slash); at != std::string::npos) {
                return {true, text.substr(at + with_slash.size())};
            }
        }
        for (const std::string_view scheme : {"https://", "http://", ""}) {
            const std::string start = std::string(scheme) + std::string(host);
            if (small == start) {
                return {true, {}};
            }
            if (small.starts_with(start + '/') && (!scheme.empty() || parts_of(text).size() > 2)) {
                return {true, text.substr(start.size() + 1)};
            }
        }
    }
    if (small.starts_with("hf://")) {
        return {true, text.substr(5)};
    }
    return {small.find("://") != std::string::npos, {}};
}

} // namespace

std::string parse_model_id(std::string_view text)
{
    std::string_view rest = trimmed(text, " \t\r\n\f\v");
    rest = rest.substr(0, rest.find_last_not_of('/') + 1);
    const Split found = split(rest);
    const auto refuse = [&] {
        return fixed_error((found.url ? "cannot parse model ID from URL: "
                                      : "expected owner/repo or a huggingface.co URL, got: ") +
                           python_repr(text));
    };
    std::string_view path = found.url ? found.path : rest;
    path = path.substr(0, path.find_first_of("?#"));
    const std::vector<std::string_view> parts = parts_of(path);
    if (parts.size() < 2 || (found.url && is_section(parts[0])) ||
        (!found.url && parts.size() > 2 && !is_page(parts[2]))) {
        throw refuse();
    }
    const std::string id = std::string(parts[0]) + '/' + std::string(parts[1]);
    if (!is_owner_and_name(id)) {
        throw refuse();
    }
    return id;
}

} // namespace skw::catalog

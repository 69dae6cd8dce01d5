// SPDX-License-Identifier: Apache-2.0
// Matching as gitattributes(5) and gitignore(5) describe it.
#include "localhub/patterns.hpp"

#include <algorithm>
#include <optional>

namespace skw::localhub {
namespace {

bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The character class that begins behind "[": whether c is in it, and where the class ends.
std::optional<std::pair<bool, std::size_t>> match_class(std::string_view pattern, std::size_t at, char c)
{
    bool negated = false;
    bool hit = false;
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
        negated = true;
        ++at;
    }
    for (bool first = true; at < pattern.size(); first = false) {
        if (pattern[at] == ']' && !first) {
            return std::pair(hit != negated, at + 1);
        }
        if (pattern.substr(at).starts_with("[:space:]")) {
            hit = hit || is_space(c);
            at += 9;
            continue;
        }
        if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            ++at;
        }
        const char low = pattern[at];
        if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
            hit = hit || (c >= low && c <= pattern[at + 2]);
            at += 3;
        } else {
            hit = hit || c == low;
            ++at;
        }
    }
    return std::nullopt; // never closed
}

// Iterative: one point to come back to per star, so that no pattern costs more than pattern x text.
bool glob(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0, t = 0;
    struct Star {
        std::size_t pattern, text;
        bool deep;
    };
    std::optional<Star> star;
    std::optional<Star> deep; // the last "**": a "*" that ran into a slash goes back to it
    for (;;) {
        if (p < pattern.size() && pattern[p] == '*') {
            const bool two = p + 1 < pattern.size() && pattern[p + 1] == '*';
            if (two) {
                p += 2;
                if (p < pattern.size() && pattern[p] == '/') { // "**/" also stands for nothing
                    ++p;
                }
                deep = Star{p, t, true};
                star.reset();
            } else {
                star = Star{++p, t, false};
            }
            continue;
        }
        bool step = false;
        std::size_t next = p + 1;
        if (p < pattern.size() && t < text.size()) {
            if (pattern[p] == '?') {
                step = text[t] != '/';
            } else if (pattern[p] == '[') {
                const auto found = match_class(pattern, p + 1, text[t]);
                step = found ? found->first && text[t] != '/' : text[t] == '[';
                next = found ? found->second : p + 1;
            } else if (pattern[p] == '\\' && p + 1 < pattern.size()) {
                step = pattern[p + 1] == text[t];
                next = p + 2;
            } else {
                step = pattern[p] == text[t];
            }
        }
        if (step) {
            p = next;
            ++t;
            continue;
        }
        if (p == pattern.size() && t == text.size()) {
            return true;
        }
        if (star && star->text < text.size() && text[star->text] != '/') {
            p = star->pattern;
            t = ++star->text;
        } else if (deep && deep->text < text.size()) {
            p = deep->pattern;
            t = ++deep->text;
            star.reset();
        } else {
            return false;
        }
    }
}

// One line at a time, without its end.
template<class Visit>
void each_line(std::string_view text, Visit visit)
{
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        visit(line);
        begin = end + 1;
    }
}

} // namespace

bool matches_pattern(std::string_view pattern, std::string_view path)
{
    if (pattern.find('/') == std::string_view::npos) {
        const std::size_t slash = path.rfind('/');
        return glob(pattern, slash == std::string_view::npos ? path : path.substr(slash + 1));
    }
    if (pattern.starts_with('/')) {
        pattern.remove_prefix(1);
    }
    return glob(pattern, path);
}

LfsRules::LfsRules(std::string_view gitattributes)
{
    each_line(gitattributes, [this](std::string_view line) {
        while (!line.empty() && is_space(line.front())) {
            line.remove_prefix(1);
        }
        if (line.empty() || line.front() == '#') {
            return;
        }
        std::string pattern;
        std::size_t at = 0;
        if (line.front() == '"') { // a quoted pattern: C escapes, of which git writes few
            for (at = 1; at < line.size() && line[at] != '"'; ++at) {
                if (line[at] == '\\' && at + 1 < line.size()) {
                    ++at;
                }
                pattern += line[at];
            }
            at = std::min(at + 1, line.size());
        } else {
            at = static_cast<std::size_t>(std::find_if(line.begin(), line.end(), is_space) - line.begin());
            pattern = std::string(line.substr(0, at));
        }
        for (std::string_view rest = line.substr(at); !rest.empty();) {
            const auto begin = std::find_if_not(rest.begin(), rest.end(), is_space);
            const auto end = std::find_if(begin, rest.end(), is_space);
            const std::string_view word(begin, end);
            if (word == "filter=lfs") {
                rules_.push_back({pattern, true});
            } else if (word == "-filter" || word == "!filter" || word.starts_with("filter=")) {
                rules_.push_back({pattern, false});
            }
            rest = std::string_view(end, rest.end());
        }
    });
}

bool LfsRules::covers(std::string_view path) const
{
    const auto last = std::find_if(rules_.rbegin(), rules_.rend(),
                                   [&](const Rule& rule) { return matches_pattern(rule.pattern, path); });
    return last != rules_.rend() && last->lfs;
}

std::string LfsRules::line_for(std::string_view path)
{
    std::string out;
    for (const char c : path) {
        if (c == ' ') {
            out += "[[:space:]]"; // attributes end the pattern at a blank, quoted or not
        } else if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') {
            out += std::string("\\") + c;
        } else {
            out += c;
        }
    }
    if (out.starts_with('#') || out.starts_with('!') || out.starts_with('"')) {
        out.insert(0, "/"); // else a comment, a negation or a quoted pattern
    }
    return out + " filter=lfs diff=lfs merge=lfs -text\n";
}

bool is_ignored(std::string_view gitignore, std::string_view path)
{
    bool ignored = false;
    each_line(gitignore, [&](std::string_view line) {
        while (line.ends_with(' ') && !line.ends_with("\\ ")) {
            line.remove_suffix(1);
        }
        if (line.empty() || line.front() == '#') {
            return;
        }
        const bool again = line.front() == '!';
        if (again) {
            line.remove_prefix(1);
        }
        const bool folder_only = line.ends_with('/');
        if (folder_only) {
            line.remove_suffix(1);
        }
        // A pattern that names a folder leaves out all that lies below it.
        for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
            const bool whole = end == std::string_view::npos;
            if ((!whole || !folder_only) && matches_pattern(line, path.substr(0, end))) {
                ignored = !again;
                return;
            }
            if (whole) {
                return;
            }
        }
    });
    return ignored;
}

std::string_view first_gitattributes()
{
    static const std::string text = [] {
        std::string out;
        for (const char* pattern : {"*.7z",      "*.arrow",       "*.bin",
                                    "*.bz2",     "*.ckpt",        "*.ftz",
                                    "*.gguf",    "*.gz",          "*.h5",
                                    "*.joblib",  "*.lfs.*",       "*.mlmodel",
                                    "*.model",   "*.msgpack",     "*.npy",
                                    "*.npz",     "*.onnx",        "*.ot",
                                    "*.parquet", "*.pb",          "*.pickle",
                                    "*.pkl",     "*.pt",          "*.pth",
                                    "*.rar",     "*.safetensors", "saved_model/**/*",
                                    "*.tar.*",   "*.tar",         "*.tflite",
                                    "*.tgz",     "*.wasm",        "*.xz",
                                    "*.zip",     "*.zst",         "*tfevents*"}) {
            out += std::string(pattern) + " filter=lfs diff=lfs merge=lfs -text\n";
        }
        return out;
    }();
    return text;
}

} // namespace skw::localhub

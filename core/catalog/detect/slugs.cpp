// SPDX-License-Identifier: Apache-2.0
// Endings taken off, letters lowered, dots and underscores made dashes.
#include "catalog/detect/slugs.hpp"

#include "support/letters.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace skw::catalog {
namespace {

constexpr std::array<std::string_view, 6> endings = {"-4bit", "-8bit", "-mlx", "-optiq", "-instruct", "-it"};
constexpr std::size_t quantisation_endings = 4;

std::string lower_name(std::string_view model)
{
    std::string name(model.substr(model.rfind('/') + 1)); // npos + 1 is 0
    std::ranges::transform(name, name.begin(), lower_letter);
    return name;
}

bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

void remove_endings(std::string& name, std::span<const std::string_view> list)
{
    for (const std::string_view ending : list) {
        for (std::size_t at = name.find(ending); at != std::string::npos; at = name.find(ending, at)) {
            const std::size_t behind = at + ending.size();
            if (behind < name.size() && is_letter(name[behind])) {
                at = behind;
            } else {
                name.erase(at, ending.size());
            }
        }
    }
}

void replace_all(std::string& name, char from, char to)
{
    std::ranges::replace(name, from, to);
}

// Runs of dashes become one; none stay at the ends.
std::string joined(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c != '-' || (!out.empty() && out.back() != '-')) {
            out += c;
        }
    }
    if (out.ends_with('-')) {
        out.pop_back();
    }
    return out;
}

} // namespace

std::string key_slug(std::string_view model)
{
    std::string name = lower_name(model);
    remove_endings(name, endings);
    replace_all(name, '.', '-');
    replace_all(name, '_', '-');
    return joined(name);
}

std::string artifact_slug(std::string_view model)
{
    static constexpr std::string_view instruct = "-instruct";
    std::string name = lower_name(model);
    remove_endings(name, std::span(endings).first(quantisation_endings));
    replace_all(name, '.', '-');
    replace_all(name, '_', '-');
    for (std::size_t at = name.find(instruct); at != std::string::npos; at = name.find(instruct, at + 1)) {
        const std::size_t behind = at + instruct.size();
        if (behind == name.size() || name[behind] == '-') {
            name.replace(at, instruct.size(), "-it");
        }
    }
    return joined(name);
}

std::string base_slug(std::string_view model)
{
    std::string name = lower_name(model);
    replace_all(name, '.', '-');
    return joined(name);
}

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// Where the values of a YAML document stand.
#include "catalog/yaml_positions.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace skw::catalog {
namespace {

// "a~1b" -> "a/b"
std::string unescaped(std::string_view part)
{
    std::string out;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] == '~' && i + 1 < part.size()) {
            out += part[++i] == '1' ? '/' : '~';
        } else {
            out += part[i];
        }
    }
    return out;
}

std::uint32_t narrow(std::size_t number)
{
    return static_cast<std::uint32_t>(
        std::min<std::size_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

} // namespace

Positions::Mark Positions::push(Mark parent, std::size_t name, std::uint32_t length, Position where)
{
    records_.push_back({parent, narrow(name), length, narrow(where.line), narrow(where.column)});
    return static_cast<Mark>(records_.size() - 1);
}

Positions::Mark Positions::add_root(Position where)
{
    return push(none, 0, 0, where);
}

Positions::Mark Positions::add(Mark parent, std::string_view key, Position where)
{
    if (parent == none || key.size() > longest_key) {
        return none;
    }
    names_ += key;
    return push(parent, names_.size() - key.size(), static_cast<std::uint32_t>(key.size()), where);
}

Positions::Mark Positions::add(Mark parent, std::size_t index, Position where)
{
    return parent == none ? none : push(parent, index, is_index, where);
}

void Positions::forget_from(std::size_t size)
{
    for (std::size_t i = size; i < records_.size(); ++i) {
        if (records_[i].length != is_index) {
            names_.resize(records_[i].name);
            break;
        }
    }
    records_.resize(std::min(size, records_.size()));
}

// The last one: of a key that stands twice the last counts.
Positions::Mark Positions::child(Mark parent, std::string_view name) const
{
    std::uint32_t index = is_index;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    const bool number = error == std::errc{} && end == name.data() + name.size();
    for (std::size_t i = records_.size(); i-- > parent + std::size_t{1};) {
        const Record& record = records_[i];
        if (record.parent != parent) {
            continue;
        }
        if (record.length == is_index ? number && record.name == index
                                      : std::string_view(names_).substr(record.name, record.length) == name) {
            return static_cast<Mark>(i);
        }
    }
    return none;
}

Positions::Mark Positions::look_up(std::string_view pointer, bool around) const
{
    Mark mark = records_.empty() ? none : 0;
    while (mark != none && pointer.starts_with('/')) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        const Mark below = child(mark, unescaped(pointer.substr(0, end)));
        if (below == none && around) {
            return mark;
        }
        mark = below;
        pointer.remove_prefix(end);
    }
    return mark;
}

std::optional<Position> Positions::at(Mark mark) const
{
    if (mark == none) {
        return std::nullopt;
    }
    return Position{records_[mark].line, records_[mark].column};
}

std::optional<Position> Positions::find(std::string_view pointer) const
{
    return at(look_up(pointer, false));
}

std::optional<Position> Positions::nearest(std::string_view pointer) const
{
    return at(look_up(pointer, true));
}

} // namespace skw::catalog

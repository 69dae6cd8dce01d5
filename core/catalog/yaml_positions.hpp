// SPDX-License-Identifier: Apache-2.0
// Where the values of a YAML document stand, found by JSON Pointer when somebody asks.
//
// Almost nobody does: each value costs a small record and the text of its key, and looking up is slow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::catalog {

struct Position {
    std::size_t line = 0, column = 0; // from 1; 0 = unknown
};

class Positions {
public:
    using Mark = std::uint32_t;
    static constexpr Mark none = 0xffffffff;

    // Of the value at a JSON Pointer; of a mapping's member its key counts. nullopt: not recorded.
    std::optional<Position> find(std::string_view pointer) const;
    // Of the value at the pointer, or of the nearest recorded one around it.
    std::optional<Position> nearest(std::string_view pointer) const;

    // For the reader of the document. A value below `none` that is not the root is not recorded, nor is one
    // with a very long key.
    Mark add_root(Position where);
    Mark add(Mark parent, std::string_view key, Position where);
    Mark add(Mark parent, std::size_t index, Position where);
    std::size_t size() const noexcept { return records_.size(); }
    void forget_from(std::size_t size); // all that was recorded since size() was this

private:
    struct Record {
        Mark parent;
        std::uint32_t name, length; // in names_; length is_index: the index itself
        std::uint32_t line, column;
    };
    static constexpr std::uint32_t is_index = 0xffffffff;
    static constexpr std::size_t longest_key = 256;

    Mark push(Mark parent, std::size_t name, std::uint32_t length, Position where);
    Mark child(Mark parent, std::string_view name) const;
    // The mark of the pointer, or, if around is set, of what lies around it.
    Mark look_up(std::string_view pointer, bool around) const;
    std::optional<Position> at(Mark mark) const;

    std::vector<Record> records_;
    std::string names_;
};

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// A reader for the plain YAML that catalogs are written in.
//
// It goes over the text twice: once to see that every character is of a kind it knows, building nothing, and
// once to give the events. Whatever is doubtful is declined; being declined costs time only.
#include "catalog/yaml_quick.hpp"

#include "catalog/yaml_scalars.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace skw::catalog {
namespace {

constexpr std::size_t longest_value = 60'000; // the other reader bounds them, with a message
constexpr std::size_t longest_key = 200;      // PyYAML ends at 1,024 characters

struct Declined {};

bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_word(char c)
{
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.' || c == '/';
}
bool is_ascii_text(char c)
{
    return c >= ' ' && c <= '~';
}

// The first pass: nothing is made of anything.
struct NoEvents {
    void scalar(Position, bool, std::string_view, AnchorId) {}
    void null(Position, AnchorId) {}
    void alias(Position, AnchorId) {}
    void begin(Position, bool, AnchorId) {}
    void end() {}
};

struct TreeEvents {
    TreeBuilder& tree;

    void scalar(Position where, bool quoted, std::string_view text, AnchorId anchor)
    {
        tree.scalar(where, quoted ? "str" : implicit_type(text), text, anchor);
    }
    void null(Position where, AnchorId anchor) { tree.scalar(where, "null", "", anchor); }
    void alias(Position where, AnchorId anchor) { tree.alias(where, anchor); }
    void begin(Position where, bool is_map, AnchorId anchor) { tree.begin(where, is_map, "", anchor); }
    void end() { tree.end(); }
};

template<class Events>
class Quick {
public:
    Quick(std::string_view text, Events events) : text_(text), events_(events) {}

    // Throws Declined.
    void run()
    {
        next_content();
        if (text_.substr(at_, 4) == "---\n" && column() == 0) {
            at_ += 3;
            next_content();
        }
        need(at_ < text_.size() && column() == 0);
        block(0, 0);
        need(at_ == text_.size());
    }

private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n'; }
    std::size_t column() const { return at_ - line_start_; }
    // Right as long as everything before it on the line is ASCII.
    Position here() const { return {line_, column() + 1}; }
    static void need(bool holds)
    {
        if (!holds) {
            throw Declined();
        }
    }
    void skip_blanks()
    {
        while (at_ < text_.size() && text_[at_] == ' ') {
            ++at_;
        }
    }
    // From within or behind a line's content to the first character of the next content, or to the end.
    void next_content()
    {
        for (;;) {
            const bool divided = at_ == line_start_ || text_[at_ - 1] == ' ';
            skip_blanks();
            if (peek() == '#' && at_ < text_.size()) {
                need(divided || column() == 0 || text_[at_ - 1] == ' ');
                at_ = std::min(text_.find('\n', at_), text_.size());
            }
            if (at_ == text_.size()) {
                return;
            }
            if (text_[at_] != '\n') {
                return;
            }
            ++at_;
            ++line_;
            line_start_ = at_;
        }
    }
    // Behind an inline value: the line holds nothing more, and what follows does not continue the value.
    void end_value(std::size_t outer)
    {
        const std::size_t line = line_;
        next_content();
        need(at_ == text_.size() || (line_ > line && column() <= outer));
    }
    bool at_dash() const { return at_ < text_.size() && text_[at_] == '-' && peek(1) == ' '; }

    // A list or mapping in block style whose first character is here.
    void block(AnchorId anchor, std::size_t depth, std::optional<Position> where = {})
    {
        need(depth < quick_yaml_depth);
        const std::size_t indent = column();
        if (at_dash()) {
            list(indent, false, anchor, depth, where.value_or(here()));
        } else {
            mapping(indent, anchor, depth, where.value_or(here()));
        }
    }

    // flush: the list stands in the column of the mapping around it, which may go on behind it.
    void list(std::size_t indent, bool flush, AnchorId anchor, std::size_t depth, Position where)
    {
        events_.begin(where, false, anchor);
        while (at_ < text_.size() && column() == indent && at_dash()) {
            ++at_;
            skip_blanks();
            need(at_ < text_.size() && peek() != '\n' && peek() != '#' && !at_dash());
            if (starts_mapping()) {
                need(depth + 1 < quick_yaml_depth);
                mapping(column(), 0, depth + 1, here());
            } else {
                inline_value(indent, 0, depth, here());
            }
        }
        need(at_ == text_.size() || column() < indent || (flush && column() == indent));
        events_.end();
    }

    void mapping(std::size_t indent, AnchorId anchor, std::size_t depth, Position where)
    {
        events_.begin(where, true, anchor);
        while (at_ < text_.size() && column() == indent) {
            const bool merge = key();
            member(indent, depth, merge);
        }
        need(at_ == text_.size() || column() < indent);
        events_.end();
    }

    // Whether "key:" stands here. Moves nothing.
    bool starts_mapping() const
    {
        std::size_t end = at_;
        if (peek() == '\'' || peek() == '"') {
            end = std::min(text_.find_first_of("'\"\n", at_ + 1), text_.size() - 1);
            end += text_[end] == peek() ? 1 : 0;
        } else {
            while (end < text_.size() && (is_word(text_[end]) || text_[end] == '<')) {
                ++end;
            }
        }
        return end < text_.size() && text_[end] == ':' &&
               (end + 1 == text_.size() || text_[end + 1] == ' ' || text_[end + 1] == '\n');
    }

    // A key and its ":". Whether it is "<<".
    bool key()
    {
        const Position where = here();
        const std::size_t start = at_;
        const bool merge = text_.substr(at_, 3) == "<<:";
        if (peek() == '\'' || peek() == '"') {
            const std::string_view text = quoted();
            need(std::all_of(text.begin(), text.end(), is_ascii_text));
            events_.scalar(where, true, text, 0);
        } else if (merge) {
            at_ += 2;
            events_.scalar(where, false, "<<", 0);
        } else {
            need(is_letter_or_digit(peek()) || peek() == '_');
            while (is_word(peek())) {
                ++at_;
            }
            events_.scalar(where, false, text_.substr(start, at_ - start), 0);
        }
        need(at_ - start <= longest_key && peek() == ':' && (peek(1) == ' ' || peek(1) == '\n'));
        ++at_;
        return merge;
    }

    // What stands behind "key:" of a mapping in this column.
    void member(std::size_t indent, std::size_t depth, bool merge)
    {
        const std::size_t line = line_;
        skip_blanks();
        Position where = here();
        AnchorId anchor = 0;
        if (peek() == '&') {
            anchor = new_anchor();
            skip_blanks();
        }
        const Position behind = here();
        if (peek() == '|' && anchor == 0) {
            literal(indent, where);
            return;
        }
        next_content();
        if (line_ == line && at_ < text_.size()) {
            inline_value(indent, anchor, depth, anchor != 0 ? where : here());
        } else if (at_ < text_.size() && column() > indent) {
            need(at_dash() || starts_mapping());
            if (anchor != 0) {
                block(anchor, depth + 1, where);
            } else {
                block(0, depth + 1);
            }
        } else if (at_ < text_.size() && column() == indent && at_dash()) {
            need(depth + 1 < quick_yaml_depth);
            list(indent, true, anchor, depth + 1, anchor != 0 ? where : here());
        } else {
            need(anchor == 0 && !merge); // an error, whose place is elsewhere
            events_.null(behind, 0);
        }
    }

    // A value that ends on this line, inside a list or mapping whose column is outer.
    void inline_value(std::size_t outer, AnchorId anchor, std::size_t depth, Position where)
    {
        const std::size_t start = at_;
        const char c = peek();
        if (c == '\'' || c == '"') {
            events_.scalar(where, true, quoted(), anchor);
        } else if (c == '[' || c == '{') {
            flow(anchor, depth + 1, where);
        } else if (c == '*') {
            need(anchor == 0);
            alias(where);
        } else {
            plain(where, anchor);
        }
        need(at_ - start <= longest_value);
        end_value(outer);
    }

    void plain(Position where, AnchorId anchor)
    {
        const char first = peek();
        need(is_letter_or_digit(first) || first == '_' || first == '/' || first == '.' || first == '~' ||
             (first == '-' && (is_letter_or_digit(peek(1)) || peek(1) == '.')));
        const std::size_t start = at_;
        std::size_t end = at_;
        for (; peek() != '\n'; ++at_) {
            const char c = peek();
            if (c == ' ') {
                continue;
            }
            if (c == '#' && text_[at_ - 1] == ' ') {
                break;
            }
            need(is_ascii_text(c) && !(c == ':' && (peek(1) == ' ' || peek(1) == '\n')));
            end = at_ + 1;
        }
        events_.scalar(where, false, text_.substr(start, end - start), anchor);
    }

    // Text in quotes on one line, without escapes: what stands between them.
    std::string_view quoted()
    {
        const char quote = peek();
        const std::size_t start = ++at_;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            const char c = text_[at_];
            // A byte 0xef may begin a byte order mark, which not everybody takes for text.
            need(c != '\n' && c != '\t' && c != '\\' && c != '\xef');
        }
        need(at_ < text_.size() && at_ - start <= longest_value);
        ++at_;
        need(quote == '"' || peek() != '\'');
        return text_.substr(start, at_ - 1 - start);
    }

    // "|" or "|-" and lines that are indented alike, the last of which ends.
    void literal(std::size_t outer, Position where)
    {
        ++at_;
        const bool strip = peek() == '-';
        at_ += strip ? 1 : 0;
        need(at_ < text_.size() && peek() == '\n');
        std::size_t line_start = at_ + 1, lines = 1, indent = 0;
        std::string value;
        std::size_t blank = 0;
        for (; line_start < text_.size(); ++lines) {
            const std::size_t stop = text_.find('\n', line_start);
            need(stop != std::string_view::npos);
            const std::string_view line = text_.substr(line_start, stop - line_start);
            if (line.empty()) {
                ++blank;
                ++line_start;
                continue;
            }
            const std::size_t spaces = line.find_first_not_of(' ');
            need(spaces != std::string_view::npos && line.find_first_of("\t\xef") == std::string_view::npos);
            if (indent == 0) {
                need(spaces > outer && blank == 0);
                indent = spaces;
            }
            if (spaces < indent) {
                need(spaces <= outer);
                break;
            }
            value.append(blank, '\n').append(line.substr(indent)) += '\n';
            blank = 0;
            need(value.size() <= longest_value);
            line_start = stop + 1;
        }
        need(!value.empty() && blank <= 1);
        if (strip) {
            value.pop_back();
        }
        events_.scalar(where, true, value, 0);
        at_ = line_start_ = line_start;
        line_ += lines;
        next_content();
        need(at_ == text_.size() || column() <= outer);
    }

    void flow(AnchorId anchor, std::size_t depth, Position where)
    {
        need(depth < quick_yaml_depth);
        const bool is_map = peek() == '{';
        const char close = is_map ? '}' : ']';
        events_.begin(where, is_map, anchor);
        ++at_;
        skip_blanks();
        while (peek() != close) {
            if (is_map) {
                flow_word();
                need(peek() == ':' && peek(1) == ' ');
                ++at_;
                skip_blanks();
            }
            if (peek() == '[' || peek() == '{') {
                flow(0, depth + 1, here());
            } else if (peek() == '*') {
                alias(here());
            } else {
                flow_word();
            }
            skip_blanks();
            need(peek() == close || peek() == ',');
            if (peek() == ',') {
                ++at_;
                skip_blanks();
                need(peek() != close);
            }
        }
        ++at_;
        events_.end();
    }

    // ASCII only: positions on this line go on to count.
    void flow_word()
    {
        const Position where = here();
        if (peek() == '\'' || peek() == '"') {
            const std::string_view text = quoted();
            need(std::all_of(text.begin(), text.end(), is_ascii_text));
            need(text.size() <= longest_key);
            events_.scalar(where, true, text, 0);
            return;
        }
        need(is_letter_or_digit(peek()));
        const std::size_t start = at_;
        while (is_word(peek())) {
            ++at_;
        }
        need(at_ - start <= longest_key);
        events_.scalar(where, false, text_.substr(start, at_ - start), 0);
    }

    std::string_view name()
    {
        const std::size_t start = ++at_;
        while (is_letter_or_digit(peek()) || peek() == '_' || peek() == '-') {
            ++at_;
        }
        const std::string_view name = text_.substr(start, at_ - start);
        need(!name.empty() && name.size() <= longest_key);
        return name;
    }
    AnchorId new_anchor()
    {
        const auto [anchor, fresh] = anchors_.emplace(name(), anchors_.size() + 1);
        need(fresh && (peek() == ' ' || peek() == '\n'));
        return anchor->second;
    }
    void alias(Position where)
    {
        const auto found = anchors_.find(name());
        const char behind = peek();
        need(found != anchors_.end() && (behind == ' ' || behind == '\n' || behind == ',' || behind == ']'));
        events_.alias(where, found->second);
    }

    std::string_view text_;
    Events events_;
    std::size_t at_ = 0, line_ = 1, line_start_ = 0;
    std::map<std::string_view, AnchorId> anchors_;
};

} // namespace

bool is_quick_yaml(std::string_view text)
{
    try {
        Quick<NoEvents>(text, {}).run();
        return true;
    } catch (const Declined&) {
        return false;
    }
}

void read_quick_yaml(std::string_view text, TreeBuilder& tree)
{
    Quick<TreeEvents>(text, {tree}).run();
}

} // namespace skw::catalog

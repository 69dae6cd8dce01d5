// SPDX-License-Identifier: Apache-2.0
// A light scan of YAML text that knows quotes, comments, plain and block scalars, and builds nothing.
//
// yaml-cpp follows YAML 1.2 and is more lenient than PyYAML in what it takes for white space and for names;
// and it holds all tokens of an unfinished flow collection in memory. Both are decided here, before it runs.
#include "catalog/yaml_text.hpp"

#include <optional>
#include <vector>

namespace skw::catalog {
namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\0'; // '\0' stands for the end of the text
}

bool is_name(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool is_in(char c, std::string_view set)
{
    return set.find(c) != std::string_view::npos;
}

class Scanner {
public:
    Scanner(std::string_view text, std::string_view label, std::size_t depth)
        : text_(text),
          label_(label),
          depth_(depth)
    {
    }

    // What counts of the text.
    std::string_view run()
    {
        while (at_ < text_.size()) {
            token();
        }
        end_line();
        if (directives_) {
            refuse("'---' is missing after a '%' directive");
        }
        return text_.substr(0, text_.size() - unfinished_);
    }

private:
    // A block list or mapping; asked: a mapping whose "? " key waits for its ":".
    struct Indent {
        long column = 0;
        bool asked = false;
    };
    enum class Last { start, comma, colon, open, question, node };

    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void forward(std::size_t n = 1)
    {
        for (; n > 0 && at_ < text_.size(); --n, ++at_) {
            column_ = text_[at_] == '\n' ? 0 : column_ + 1;
        }
    }
    void skip_line()
    {
        while (at_ < text_.size() && peek() != '\n') {
            forward();
        }
    }
    bool at_marker() const
    {
        const std::string_view three = text_.substr(at_, 3);
        return column_ == 0 && (three == "---" || three == "...") && is_blank(peek(3));
    }
    [[noreturn]] void refuse(std::string reason) const
    {
        throw yaml_error(label_, position_of(text_, at_), std::move(reason));
    }
    long top() const { return indents_.empty() ? -1 : indents_.back().column; }
    void open(long column)
    {
        if (column > top()) {
            indents_.push_back({column});
            check_depth();
        }
    }
    // What stands where a key of the mapping around it must stand is a key: its ":" is on the same line.
    void end_line()
    {
        if (needed_) {
            at_ = *needed_;
            refuse("a ':' is missing after this key");
        }
    }
    void check_depth() const
    {
        if (flow_ + indents_.size() > depth_) {
            refuse("nested deeper than " + std::to_string(depth_) + " levels");
        }
    }
    // The first token of a line, or behind "- ", may turn out to be a key: its column is remembered.
    void begin_node()
    {
        if (directives_) {
            refuse("'---' is missing after a '%' directive");
        }
        content_ = true;
        last_ = Last::node;
        if (flow_ == 0 && key_allowed_) {
            key_column_ = static_cast<long>(column_);
            key_allowed_ = false;
            if (key_column_ == top()) {
                needed_ = at_;
            }
        }
    }

    void token()
    {
        const char c = peek();
        if (c == ' ' || c == '\n') {
            if (c == '\n') {
                end_line();
                key_allowed_ = true;
            }
            forward();
            return;
        }
        if (c == '\t') {
            refuse(
                "a tab stands where only blanks may; tabs are allowed in quotes, comments and block scalars");
        }
        if (c == '#') {
            skip_line();
            return;
        }
        if (c == '%' && column_ == 0 && flow_ == 0) {
            std::size_t length = 1;
            while (is_name(peek(length))) {
                ++length;
            }
            if (content_ || length == 1 || !is_blank(peek(length))) {
                refuse("a '%' directive is not expected here");
            }
            directives_ = true;
            skip_line();
            return;
        }
        if (at_marker()) {
            const bool begins = c == '-';
            if (directives_ && !begins) {
                refuse("'---' is missing after a '%' directive");
            }
            indents_.clear();
            key_allowed_ = directives_ = false;
            content_ = begins;
            last_ = Last::start;
            forward(3);
            return;
        }
        while (flow_ == 0 && top() > static_cast<long>(column_)) {
            indents_.pop_back();
        }
        if (!indicator(c)) {
            plain();
        }
    }

    bool indicator(char c)
    {
        const bool spaced = is_blank(peek(1));
        if (c == '[' || c == '{') {
            begin_node();
            ++flow_;
            check_depth();
            last_ = Last::open;
            forward();
        } else if (c == ',' && flow_ > 0) {
            if (last_ == Last::comma || last_ == Last::open) {
                refuse("nothing stands before this ','");
            }
            last_ = Last::comma;
            forward();
        } else if (is_in(c, "]},")) {
            flow_ -= flow_ > 0 ? 1 : 0;
            last_ = Last::node;
            forward();
        } else if ((c == '-' || c == '?') && spaced) {
            dash_or_question(c);
        } else if (c == ':' && (spaced || flow_ > 0)) {
            colon();
        } else if (c == '?' && flow_ > 0) {
            last_ = Last::question;
            forward();
        } else if (c == '*' || c == '&') {
            begin_node();
            name();
        } else if (c == '!') {
            begin_node();
            tag();
        } else if ((c == '|' || c == '>') && flow_ == 0) {
            block_scalar();
        } else if (c == '\'' || c == '"') {
            begin_node();
            quoted(c);
        } else if (is_in(c, "%@`") || (is_in(c, "|>") && flow_ > 0)) {
            refuse("the character '" + std::string(1, c) + "' cannot start a value; put it in quotes");
        } else {
            return false;
        }
        return true;
    }

    void dash_or_question(char c)
    {
        content_ = true;
        last_ = c == '?' ? Last::question : Last::start;
        if (flow_ == 0) {
            open(static_cast<long>(column_));
            indents_.back().asked = c == '?';
            key_allowed_ = true;
        }
        forward();
    }
    void colon()
    {
        const bool leads =
            flow_ > 0 ? last_ != Last::node && last_ != Last::question
                      : key_allowed_ && !(top() == static_cast<long>(column_) && indents_.back().asked);
        if (leads) {
            refuse("nothing stands before this ':'");
        }
        last_ = Last::colon;
        if (flow_ == 0) {
            needed_.reset();
            const bool answer = key_allowed_;
            open(answer ? static_cast<long>(column_) : key_column_);
            if (answer) {
                indents_.back().asked = false;
            }
            key_allowed_ = answer; // "? a\n: b: c" holds a mapping, "a: b: c" does not
        }
        forward();
    }

    void name()
    {
        forward();
        std::size_t length = 0;
        while (is_name(peek(length))) {
            ++length;
        }
        forward(length);
        if (length == 0 || !(is_blank(peek()) || (flow_ > 0 && is_in(peek(), ",]}")))) {
            refuse("the name of an anchor or alias may hold only letters, digits, - and _");
        }
    }
    void tag()
    {
        const bool verbatim = peek(1) == '<';
        while (!is_blank(peek())) {
            if (!verbatim && flow_ > 0 && is_in(peek(), ",[]{}")) {
                refuse("a tag must be followed by a blank");
            }
            forward();
        }
    }
    void quoted(char quote)
    {
        const std::size_t start = at_;
        forward();
        while (at_ < text_.size()) {
            if (peek() == quote) {
                if (quote == '"' || peek(1) != quote) {
                    forward();
                    return;
                }
                forward();
            } else if (quote == '"' && peek() == '\\') {
                if (!is_in(peek(1), "0abt\tnvfre \"\\/N_LPxuU\n")) {
                    refuse("this escape is not known in double quotes");
                }
                forward();
            } else if (at_marker()) {
                refuse("a document marker stands inside a quoted text");
            }
            forward();
        }
        at_ = start;
        refuse("this quoted text has no end");
    }
    void plain()
    {
        begin_node();
        const auto ends = [&] {
            const char c = peek();
            return is_blank(c) ||
                   (c == ':' && (is_blank(peek(1)) || (flow_ > 0 && is_in(peek(1), ",[]{}")))) ||
                   (flow_ > 0 && is_in(c, ",?[]{}"));
        };
        for (bool first = true; peek() != '#' || first; first = false) {
            const std::size_t start = at_;
            while (!ends()) {
                forward();
            }
            if (at_ == start) {
                if (first) {
                    forward(); // not a plain scalar at all; the parser will say so
                }
                return;
            }
            const std::size_t end = at_;
            while (peek() == ' ' || peek() == '\n') {
                if (peek() == '\n') {
                    end_line();
                    key_allowed_ = key_allowed_ || flow_ == 0;
                }
                forward();
                if (at_marker()) {
                    return;
                }
                if (column_ == 0 && peek() == '%') {
                    refuse("a '%' here reads as a directive; put the text in quotes");
                }
            }
            if (at_ == end || (flow_ == 0 && static_cast<long>(column_) <= top())) {
                return;
            }
        }
    }
    void block_scalar()
    {
        begin_node();
        end_line();
        forward();
        long increment = 0;
        for (; is_in(peek(), "+-0123456789") && peek() != '\0'; forward()) {
            increment = peek() >= '1' && peek() <= '9' ? peek() - '0' : increment;
        }
        if (!is_blank(peek())) {
            refuse("the header of a block scalar holds something other than +, - and a digit");
        }
        while (peek() == ' ') {
            forward();
        }
        if (peek() == '\t') {
            refuse("a tab stands in the header of a block scalar");
        }
        skip_line();
        forward();
        const std::size_t body = at_;
        const long least = top() + 1 < 1 ? 1 : top() + 1;
        long indent = least + increment - 1;
        if (increment == 0) {
            indent = least;
            for (; peek() == ' ' || peek() == '\n'; forward()) {
                indent = static_cast<long>(column_ + (peek() == ' ' ? 1 : 0)) > indent
                             ? static_cast<long>(column_) + 1
                             : indent;
            }
        }
        const auto skip_breaks = [&] {
            for (;;) {
                while (static_cast<long>(column_) < indent && peek() == ' ') {
                    forward();
                }
                if (peek() != '\n') {
                    return;
                }
                forward();
            }
        };
        skip_breaks();
        while (static_cast<long>(column_) == indent && at_ < text_.size()) {
            skip_line();
            skip_breaks();
        }
        if (at_ == text_.size() && static_cast<long>(column_) <= indent && at_ - column_ >= body) {
            unfinished_ = column_;
        }
        key_allowed_ = true;
    }

    std::string_view text_, label_;
    std::size_t depth_, at_ = 0, column_ = 0, flow_ = 0;
    std::vector<Indent> indents_;
    bool key_allowed_ = true, directives_ = false, content_ = false;
    long key_column_ = 0;
    std::optional<std::size_t> needed_; // where a key began whose ":" has not come
    Last last_ = Last::start;
    std::size_t unfinished_ = 0; // blanks at the end that begin a line of a block scalar, and are all of it
};

} // namespace

std::string_view scan_yaml(std::string_view text, std::string_view label, std::size_t depth)
{
    return Scanner(text, label, depth).run();
}

} // namespace skw::catalog

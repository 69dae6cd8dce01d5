// SPDX-License-Identifier: Apache-2.0
// Finds the end of a YAML list by its lines, and proves the result by reading it.
#include "catalog/insert.hpp"

#include "catalog/manifest.hpp"
#include "catalog/words.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace skw::catalog {
namespace {

struct Line {
    std::size_t begin = 0, end = 0; // of its text, without the line end
    std::size_t next = 0;           // where the following line begins
    std::size_t indent = 0;
    enum class Kind { blank, comment, content } kind = Kind::blank;
};

std::vector<Line> lines_of(std::string_view text)
{
    std::vector<Line> lines;
    for (std::size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0; at < text.size();) {
        Line line;
        line.begin = at;
        line.end = std::min(text.find_first_of("\r\n", at), text.size());
        line.next = line.end + (text.substr(line.end, 2) == "\r\n" ? 2 : line.end < text.size() ? 1 : 0);
        const std::string_view content = text.substr(line.begin, line.end - line.begin);
        line.indent = std::min(content.find_first_not_of(" \t"), content.size());
        line.kind = line.indent == content.size() ? Line::Kind::blank
                    : content[line.indent] == '#' ? Line::Kind::comment
                                                  : Line::Kind::content;
        at = line.next;
        lines.push_back(line);
    }
    return lines;
}

bool is_dash(std::string_view text, const Line& line)
{
    const std::string_view rest = text.substr(line.begin + line.indent, line.end - line.begin - line.indent);
    return rest == "-" || rest.starts_with("- ");
}

// Where an entry goes, and what else has to be written there.
struct Gap {
    std::size_t at = 0;   // byte
    std::size_t drop = 0; // bytes that are taken out there: "[]"
    std::string before;   // such as "models:"
    EntryStyle style;
    bool needs_line_end = false; // the line before has none
};

class Finder {
public:
    Finder(std::string_view text, const YamlDocument& document, std::string_view line_end)
        : text_(text),
          document_(document),
          line_end_(line_end),
          lines_(lines_of(text))
    {
    }

    // nullopt: no place that can be told from the lines.
    std::optional<Gap> find() const
    {
        if (document_.value.is_null()) {
            return at_end("models:");
        }
        const json::value* models = document_.value.as_object().if_contains("models");
        if (models == nullptr) {
            return is_in_braces() ? std::optional<Gap>() : at_end("models:");
        }
        const std::optional<Position> key = document_.positions.find("/models");
        if (!key || key->line == 0 || key->line > lines_.size()) {
            return std::nullopt;
        }
        const std::size_t row = key->line - 1;
        if (models->is_null()) {
            return behind_key(row);
        }
        if (!models->is_array()) {
            return std::nullopt;
        }
        return models->get_array().empty() ? empty_list(row) : behind_last(row);
    }

private:
    // A mapping in one line has no place for another line.
    bool is_in_braces() const
    {
        const std::optional<Position> root = document_.positions.find("");
        if (!root || root->line == 0 || root->line > lines_.size()) {
            return true; // not known
        }
        const Line& line = lines_[root->line - 1];
        return text_.substr(line.begin + line.indent, 1) == "{";
    }

    Gap at_end(std::string before) const
    {
        Gap gap;
        gap.at = text_.size();
        gap.before = std::move(before);
        gap.needs_line_end = !lines_.empty() && lines_.back().next == lines_.back().end;
        gap.style.line_end = line_end_;
        return gap;
    }

    Gap behind_line(std::size_t row) const
    {
        Gap gap = at_end({});
        gap.at = lines_[row].next;
        gap.needs_line_end = lines_[row].next == lines_[row].end;
        return gap;
    }

    // "models:" with nothing behind it but, maybe, a comment.
    std::optional<Gap> behind_key(std::size_t row) const
    {
        const std::string_view line = text_.substr(lines_[row].begin, lines_[row].end - lines_[row].begin);
        const std::size_t colon = line.find(':');
        const std::size_t rest = colon == line.npos ? line.npos : line.find_first_not_of(" \t", colon + 1);
        if (colon == line.npos || (rest != line.npos && line[rest] != '#')) {
            return std::nullopt; // "null" and "~" are written out
        }
        return behind_line(row);
    }

    // "models: []": the brackets go, a comment behind them stays.
    std::optional<Gap> empty_list(std::size_t row) const
    {
        const std::string_view line = text_.substr(lines_[row].begin, lines_[row].end - lines_[row].begin);
        const std::size_t open = line.find("[]");
        const std::size_t rest = open == line.npos ? line.npos : line.find_first_not_of(" \t", open + 2);
        if (open == line.npos || line.find('#') < open || (rest != line.npos && line[rest] != '#')) {
            return std::nullopt;
        }
        std::size_t from = open;
        while (from > 0 && (line[from - 1] == ' ' || line[from - 1] == '\t')) {
            --from;
        }
        Gap gap = behind_line(row);
        gap.at = lines_[row].begin + from;
        gap.drop = open + 2 - from;
        gap.before = std::string(line.substr(open + 2)); // the comment, moved as it is
        gap.drop += gap.before.size();
        return gap;
    }

    std::optional<Gap> behind_last(std::size_t row) const
    {
        std::size_t first = row + 1;
        while (first < lines_.size() && lines_[first].kind != Line::Kind::content) {
            ++first;
        }
        if (first == lines_.size() || !is_dash(text_, lines_[first])) {
            return std::nullopt; // in one line, or in some other way
        }
        const std::size_t dash = lines_[first].indent;
        std::size_t end = first; // the first line of content that is not the list's
        std::size_t last = first;
        for (; end < lines_.size(); ++end) {
            const Line& line = lines_[end];
            if (line.kind == Line::Kind::content) {
                if (line.indent < dash || (line.indent == dash && !is_dash(text_, line))) {
                    break;
                }
                last = end;
            }
        }
        Gap gap = behind_line(end == lines_.size() ? lines_.size() - 1 : last_of_list(last, end, dash));
        gap.style.dash = dash;
        gap.style.field = field_of(lines_[first]);
        return gap;
    }

    // Comments between two lists: those right above what follows belong to it, the others to the list.
    std::size_t last_of_list(std::size_t last, std::size_t end, std::size_t dash) const
    {
        std::size_t row = end - 1;
        while (row > last && lines_[row].kind == Line::Kind::comment &&
               (dash == 0 || lines_[row].indent < dash)) {
            --row;
        }
        while (row > last && lines_[row].kind == Line::Kind::blank) {
            --row;
        }
        return row;
    }

    // "-   key: a" has its fields four places behind the dash.
    std::size_t field_of(const Line& line) const
    {
        const std::string_view rest =
            text_.substr(line.begin + line.indent + 1, line.end - line.begin - line.indent - 1);
        const std::size_t blanks = rest.find_first_not_of(' ');
        return blanks == rest.npos || rest[blanks] == '#' || rest[blanks] == '{' || blanks == 0 ? 2
                                                                                                : blanks + 1;
    }

    std::string_view text_;
    const YamlDocument& document_;
    std::string_view line_end_;
    std::vector<Line> lines_;
};

// What stood there, and the entry behind it: then nothing was lost or read differently.
bool is_grown_by(const json::value& before, const NewEntry& entry, json::value after)
{
    if (!is_mapping(after)) {
        return false;
    }
    json::value* models = after.get_object().if_contains("models");
    if (models == nullptr || !models->is_array() || models->get_array().empty() ||
        models->get_array().back() != json::value(entry.json())) {
        return false;
    }
    models->get_array().pop_back();
    if (models->get_array().empty()) { // absent, null or empty before
        after.get_object().erase("models");
        json::object rest = before.is_null() ? json::object() : before.as_object();
        rest.erase("models");
        return after == json::value(rest);
    }
    return after == before;
}

} // namespace

YamlDocument read_whole(std::string_view text, std::string_view label)
{
    json::array entries;
    YamlItems items;
    items.key = "models";
    items.take = [&](json::value&& entry, std::size_t, const Positions&) {
        entries.push_back(std::move(entry));
    };
    items.start_over = [&] { entries.clear(); };
    YamlLimits limits;
    limits.bytes = largest_manifest;
    YamlDocument document = parse_yaml(text, label, limits, &items);
    if (document.taken) {
        document.value.as_object()["models"] = std::move(entries);
    }
    return document;
}

Insertion insert_entry(std::string_view text, const NewEntry& entry, std::string_view label)
{
    const YamlDocument before = read_whole(text, label);
    if (!before.value.is_null() && !is_mapping(before.value)) {
        throw fixed_error(std::string(label) + " must contain a top-level mapping");
    }
    const std::size_t feed = text.find('\n');
    const std::string_view line_end = feed != text.npos && feed > 0 && text[feed - 1] == '\r' ? "\r\n" : "\n";
    if (const std::optional<Gap> gap = Finder(text, before, line_end).find()) {
        Insertion made;
        made.block = entry_block(entry, gap->style);
        std::string added = gap->needs_line_end && gap->drop == 0 ? std::string(line_end) : std::string();
        added += gap->before;
        added += !gap->before.empty() && !gap->drop ? line_end : "";
        added += gap->drop != 0 ? line_end : "";
        made.text = std::string(text.substr(0, gap->at)) + added + made.block;
        std::string_view rest = text.substr(gap->at + gap->drop);
        if (gap->drop != 0) { // its line end was written before the block
            rest.remove_prefix(rest.starts_with("\r\n") ? 2 : rest.empty() ? 0 : 1);
        }
        made.text += rest;
        try {
            if (is_grown_by(before.value, entry, read_whole(made.text, label).value)) {
                return made;
            }
        } catch (const Error&) {
            // Told below, with what to do.
        }
    }
    std::string block = entry_block(entry);
    block.pop_back(); // whoever prints a hint ends its line
    throw Error(ErrorCode::unsupported, std::string(label),
                "the list models is written in a way that cannot be added to line by line",
                "write it with one dash and one entry a line, or add this by hand:" + block);
}

} // namespace skw::catalog

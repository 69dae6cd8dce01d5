// SPDX-License-Identifier: Apache-2.0
// YAML 1.1 text to JSON, from the events of yaml-cpp or of the quick reader. The only file that includes the
// former.
#include "catalog/yaml.hpp"

#include "catalog/yaml_quick.hpp"
#include "catalog/yaml_scalars.hpp"
#include "catalog/yaml_text.hpp"
#include "catalog/yaml_tree.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <set>
#include <streambuf>
#include <utility>

namespace skw::catalog {
namespace {

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

// The text in small pieces, as long as the scanner stays near the last event. yaml-cpp would otherwise hold
// every token of a flow collection before it tells of the first one, at some 200 bytes for each.
class Feed : public std::streambuf {
public:
    Feed(std::string_view text, std::size_t ahead) : text_(text), ahead_(ahead) {}
    bool ran_ahead() const { return ran_ahead_; }
    std::size_t event = 0; // where the last event stood

protected:
    int_type underflow() override
    {
        if (served_ == text_.size()) {
            return traits_type::eof();
        }
        if (served_ > event && served_ - event > ahead_) {
            ran_ahead_ = true;
            return traits_type::eof();
        }
        const std::size_t n = std::min<std::size_t>(piece, text_.size() - served_);
        char* const begin = const_cast<char*>(text_.data()) + served_; // never written: there is no put back
        setg(begin, begin, begin + n);
        served_ += n;
        return traits_type::to_int_type(*gptr());
    }

private:
    static constexpr std::size_t piece = 2048;
    std::string_view text_;
    std::size_t ahead_, served_ = 0;
    bool ran_ahead_ = false;
};

// yaml-cpp writes the escapes \_ (U+00A0) and \N (U+0085) of double-quoted text as one raw byte each. All
// other text is UTF-8, checked before, so that a byte that is none can only be one of them.
std::string mended(const std::string& text)
{
    if (is_utf8(text)) {
        return text;
    }
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t n = 4;
        while (n > 0 && !(i + n <= text.size() && is_utf8(std::string_view(text).substr(i, n)))) {
            --n;
        }
        if (n == 0) {
            out += '\xc2';
            n = 1;
        }
        out.append(text, i, n);
        i += n;
    }
    return out;
}

class Events : public YAML::EventHandler {
public:
    Events(std::string_view text, std::string_view label, Feed& feed, TreeBuilder& tree)
        : text_(text),
          label_(label),
          feed_(feed),
          tree_(tree)
    {
    }

    // The position of a mark. Events come in the order of the text, so that counting goes on where it ended.
    Position at(const YAML::Mark& mark)
    {
        return mark.pos < 0 ? Position{} : at(static_cast<std::size_t>(mark.pos));
    }
    Position at(std::size_t pos)
    {
        pos = std::min(pos, text_.size());
        if (pos < counted_) {
            counted_ = 0;
            cursor_ = {1, 1};
        }
        for (; counted_ < pos; ++counted_) {
            const auto c = static_cast<unsigned char>(text_[counted_]);
            cursor_.line += c == '\n' ? 1 : 0;
            cursor_.column = c == '\n' ? 1 : cursor_.column + ((c & 0xc0) != 0x80 ? 1 : 0);
        }
        return cursor_;
    }

    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (documents_++ > 0) {
            refuse(at(mark), "a second document begins here; only one is allowed");
        }
    }
    void OnDocumentEnd() override {}

    void OnAnchor(const YAML::Mark& mark, const std::string& name) override
    {
        if (!names_.insert(name).second) {
            refuse(at(mark), "the anchor '" + printable(name) + "' is used twice");
        }
    }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        // At the very end of the text yaml-cpp forgets the tag of an empty node. Elsewhere a tag here is the
        // next node's.
        std::string_view tag = text_.substr(behind_anchor(mark));
        const std::size_t length = std::min(tag.find_first_of(" \n"), tag.size());
        tag = tag.starts_with('!') && !is_followed(tag.substr(length)) ? tag.substr(0, length) : "";
        if (!tag.empty() && tag != "!" && tag != "!!null" && tag != "!!str") {
            refuse(note(mark), "the tag '" + printable(tag, 200) + "' is not supported here");
        }
        tree_.scalar(note(mark), tag == "!!str" ? "str" : "null", "", anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& raw) override
    {
        const std::string value = mended(raw);
        // yaml-cpp gives "!" for quoted text, and also for text with the tag "!", which is typed as if plain.
        const bool tagged = text_.substr(behind_anchor(mark)).starts_with('!');
        if (tag == "?" || tag.empty() || tag == core_tag || (tag == "!" && tagged)) {
            tree_.scalar(note(mark), implicit_type(value), value, anchor);
        } else if (tag == "!") {
            tree_.scalar(note(mark), "str", value, anchor);
        } else {
            const std::string_view type =
                core_type(mark, tag, {"null", "bool", "int", "float", "binary", "timestamp", "str"});
            tree_.scalar(note(mark), type, value, anchor);
        }
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { tree_.alias(note(mark), anchor); }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        const std::string_view type = is_plain(tag) ? "seq" : core_type(mark, tag, {"seq", "omap", "pairs"});
        tree_.begin(note(mark), false, type == "seq" ? "" : "!!" + std::string(type), anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        const std::string_view type = is_plain(tag) ? "map" : core_type(mark, tag, {"map", "set"});
        tree_.begin(note(mark), true, type == "map" ? "" : "!!" + std::string(type), anchor);
    }
    void OnSequenceEnd() override { tree_.end(); }
    void OnMapEnd() override { tree_.end(); }

private:
    [[noreturn]] void refuse(Position where, std::string reason) const
    {
        throw yaml_error(label_, where, std::move(reason));
    }
    static std::size_t offset(const YAML::Mark& mark)
    {
        return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    }
    char character(const YAML::Mark& mark) const
    {
        return offset(mark) < text_.size() ? text_[offset(mark)] : '\0';
    }
    // The place of the node at mark without its anchor: where a tag would stand.
    std::size_t behind_anchor(const YAML::Mark& mark) const
    {
        std::size_t i = std::min(offset(mark), text_.size());
        if (i < text_.size() && text_[i] == '&') {
            i = std::min(text_.find_first_of(" \n", i), text_.size());
            i = std::min(text_.find_first_not_of(" \n", i), text_.size());
        }
        return i;
    }
    // Whether there is more than blanks and comments.
    static bool is_followed(std::string_view text)
    {
        std::size_t at = text.find_first_not_of(" \n");
        while (at < text.size() && text[at] == '#') {
            at = text.find_first_not_of(" \n", std::min(text.find('\n', at), text.size()));
        }
        return at < text.size();
    }
    static bool is_plain(const std::string& tag) { return tag == "?" || tag == "!" || tag.empty(); }
    Position note(const YAML::Mark& mark)
    {
        feed_.event = std::max(feed_.event, offset(mark));
        return at(mark);
    }
    std::string_view core_type(const YAML::Mark& mark, const std::string& tag,
                               std::initializer_list<std::string_view> known)
    {
        if (tag.starts_with(core_tag)) {
            const std::string_view name = std::string_view(tag).substr(core_tag.size());
            for (const std::string_view type : known) {
                if (type == name) {
                    return type;
                }
            }
        }
        refuse(at(mark), "the tag '" + printable(tag, 200) + "' is not supported here");
    }
    std::string_view text_, label_;
    Feed& feed_;
    TreeBuilder& tree_;
    std::size_t documents_ = 0, counted_ = 0;
    Position cursor_{1, 1};
    std::set<std::string> names_;
};

void read_with_library(std::string_view text, std::string_view label, const YamlLimits& limits,
                       TreeBuilder& tree)
{
    Feed feed(text, limits.ahead);
    Events events(text, label, feed, tree);
    const auto check_feed = [&] {
        if (feed.ran_ahead()) {
            throw yaml_error(label, events.at(feed.event),
                             "one value or flow collection is longer than " + std::to_string(limits.ahead) +
                                 " bytes");
        }
    };
    try {
        std::istream stream(&feed);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(events)) {
        }
    } catch (const Error&) {
        check_feed(); // what the tree says of a text that was cut is not the reason
        throw;
    } catch (const YAML::Exception& error) {
        check_feed();
        throw yaml_error(label, events.at(error.mark), printable(error.msg, 300));
    }
    check_feed();
}

} // namespace

YamlDocument parse_yaml(std::string_view text, std::string_view label, const YamlLimits& limits,
                        const YamlItems* items)
{
    std::string mended_text;
    text = prepare_yaml(text, label, limits, mended_text);
    YamlDocument out;
    TreeBuilder tree(label, limits, text.size(), items, out);
    if (limits.quick && limits.depth >= quick_yaml_depth && is_quick_yaml(text)) {
        read_quick_yaml(text, tree);
    } else {
        text = scan_yaml(text, label, limits.depth);
        read_with_library(text, label, limits, tree);
    }
    out.value = tree.root ? std::move(*tree.root) : json::value(nullptr);
    return out;
}

} // namespace skw::catalog

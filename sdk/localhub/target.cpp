// SPDX-License-Identifier: Apache-2.0
// Percent coding as RFC 3986 and HTML forms have it.
#include "localhub/target.hpp"

#include "support/hex.hpp"
#include "support/ids.hpp"

#include <algorithm>

namespace skw::localhub {

std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) {
            return std::nullopt;
        }
        const unsigned high = hex_value(text[i + 1]);
        const unsigned low = hex_value(text[i + 2]);
        if (high > 15 || low > 15) {
            return std::nullopt;
        }
        out += static_cast<char>(16 * high + low);
        i += 2;
    }
    if (!is_utf8(out)) {
        return std::nullopt;
    }
    return out;
}

std::optional<Parameters> parse_form(std::string_view text)
{
    Parameters out;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('&', begin), text.size());
        const std::string_view part = text.substr(begin, end - begin);
        const std::size_t equal = std::min(part.find('='), part.size());
        begin = end + 1;
        if (part.empty()) {
            continue;
        }
        std::string name(part.substr(0, equal));
        std::string value(equal < part.size() ? part.substr(equal + 1) : std::string_view());
        std::replace(name.begin(), name.end(), '+', ' ');
        std::replace(value.begin(), value.end(), '+', ' ');
        auto plain_name = percent_decoded(name);
        auto plain_value = percent_decoded(value);
        if (!plain_name || !plain_value) {
            return std::nullopt;
        }
        out.emplace_back(std::move(*plain_name), std::move(*plain_value));
    }
    return out;
}

const std::string* find(const Parameters& parameters, std::string_view name)
{
    const auto at = std::find_if(parameters.begin(), parameters.end(),
                                 [&](const auto& one) { return one.first == name; });
    return at == parameters.end() ? nullptr : &at->second;
}

std::optional<Target> Target::parse(std::string_view text)
{
    Target out;
    if (text.starts_with("http://")) { // the absolute form, as a proxy would send it
        text.remove_prefix(std::min(text.find('/', 7), text.size()));
    }
    const std::size_t mark = std::min(text.find('?'), text.size());
    out.path = std::string(text.substr(0, mark));
    out.query = std::string(mark < text.size() ? text.substr(mark + 1) : std::string_view());
    if (!out.path.starts_with('/')) {
        return std::nullopt;
    }
    for (std::size_t begin = 1; begin < out.path.size();) {
        const std::size_t end = std::min(out.path.find('/', begin), out.path.size());
        if (end > begin) {
            auto segment = percent_decoded(std::string_view(out.path).substr(begin, end - begin));
            if (!segment || segment->find('\0') != std::string::npos) {
                return std::nullopt;
            }
            out.segments.push_back(std::move(*segment));
        }
        begin = end + 1;
    }
    auto parameters = parse_form(out.query);
    if (!parameters) {
        return std::nullopt;
    }
    out.parameters = std::move(*parameters);
    return out;
}

std::string Target::parameter(std::string_view name) const
{
    const std::string* found = find(parameters, name);
    return found != nullptr ? *found : std::string();
}

std::string Target::rest(std::size_t from) const
{
    std::string out;
    for (std::size_t i = from; i < segments.size(); ++i) {
        out += (i == from ? "" : "/") + segments[i];
    }
    return out;
}

} // namespace skw::localhub

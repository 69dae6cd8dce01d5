// SPDX-License-Identifier: Apache-2.0
// URLs: strict in, byte for byte out.
#include "hub/url.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <charconv>

namespace skw::hub {
namespace {

constexpr std::size_t longest = 16u << 10;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

bool is_host(std::string_view host)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), allowed);
}

bool is_address6(std::string_view host)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
    };
    return host.size() >= 2 && host.size() <= 45 && host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end(), allowed);
}

bool split_authority(std::string_view text, Url& url)
{
    std::string_view rest;
    if (!text.empty() && text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        url.host = lower(text.substr(1, end - 1));
        rest = text.substr(end + 1);
        if (!is_address6(url.host)) {
            return false;
        }
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        url.host = lower(text.substr(0, end));
        rest = text.substr(end);
        if (!is_host(url.host)) {
            return false;
        }
    }
    url.port = url.secure ? 443 : 80;
    if (rest.empty()) {
        return true;
    }
    const char* const last = rest.data() + rest.size();
    const auto [end, failure] = std::from_chars(rest.data() + 1, last, url.port);
    return rest.front() == ':' && failure == std::errc() && end == last && url.port != 0;
}

// RFC 3986, 5.2.4, on the path of a reference that was relative to a folder.
std::string without_dots(std::string_view path)
{
    std::string out;
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        const bool last = end == path.size();
        if (segment == "..") {
            out.erase(std::min(out.rfind('/'), out.size()));
        } else if (segment != ".") {
            out += '/';
            out += segment;
        }
        if (last && (segment == "." || segment == "..")) {
            out += '/';
        }
        begin = end + 1;
    }
    return out.empty() ? "/" : out;
}

bool is_clean(std::string_view text)
{
    return text.size() <= longest && std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte <= 0x20 || byte == 0x7f || c == '\\';
           });
}

} // namespace

std::optional<Url> Url::parse(std::string_view text)
{
    if (!is_clean(text)) {
        return std::nullopt;
    }
    text = text.substr(0, text.find('#'));
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string scheme = lower(text.substr(0, colon));
    if (scheme != "http" && scheme != "https") {
        return std::nullopt;
    }
    Url url;
    url.secure = scheme == "https";
    text.remove_prefix(colon + 3);
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, end);
    if (authority.find('@') != std::string_view::npos || !split_authority(authority, url)) {
        return std::nullopt;
    }
    url.target = text.substr(end);
    if (url.target.empty() || url.target.front() == '?') {
        url.target.insert(0, "/");
    }
    return url;
}

std::optional<Url> Url::resolve(std::string_view reference) const
{
    if (reference.empty() || !is_clean(reference)) {
        return std::nullopt;
    }
    reference = reference.substr(0, reference.find('#'));
    const std::string scheme = secure ? "https:" : "http:";
    if (reference.starts_with("//")) {
        return parse(scheme + std::string(reference));
    }
    const std::size_t colon = reference.find(':');
    if (colon < reference.find_first_of("/?")) {
        return parse(reference);
    }
    Url url = *this;
    const std::string_view own_path = std::string_view(target).substr(0, target.find('?'));
    if (reference.empty()) {
        return url;
    }
    if (reference.front() == '/') {
        url.target = reference;
    } else if (reference.front() == '?') {
        url.target = std::string(own_path) + std::string(reference);
    } else {
        const std::size_t query = std::min(reference.find('?'), reference.size());
        const std::string merged = std::string(own_path.substr(0, own_path.rfind('/') + 1)) +
                                   std::string(reference.substr(0, query));
        url.target = without_dots(merged) + std::string(reference.substr(query));
    }
    return url;
}

std::string Url::authority() const
{
    std::string out = host.find(':') != std::string::npos ? "[" + host + "]" : host;
    if (port != (secure ? 443 : 80)) {
        out += ":" + std::to_string(port);
    }
    return out;
}

std::string Url::origin() const
{
    return (secure ? "https://" : "http://") + authority();
}

std::string Url::text() const
{
    return origin() + target;
}

std::string Url::shown() const
{
    return printable(origin() + target.substr(0, target.find('?')), 400);
}

std::string Url::query_value(std::string_view name) const
{
    std::string_view query = target;
    query.remove_prefix(std::min(query.find('?'), query.size()));
    while (!query.empty()) {
        query.remove_prefix(1);
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(pair.size());
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return std::string(pair.substr(name.size() + 1));
        }
    }
    return {};
}

bool Url::same_origin(const Url& other) const noexcept
{
    return secure == other.secure && port == other.port && host == other.host;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// The proxy settings, parsed.
#include "hub/proxy.hpp"

#include "hub/base64.hpp"
#include "support/error.hpp"
#include "support/hex.hpp"
#include "support/secrets.hpp"

#include <algorithm>

namespace skw::hub {
namespace {

std::string decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) < 16 &&
            hex_value(text[i + 2]) < 16) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace

std::optional<Proxy> Proxy::parse(std::string_view text)
{
    if (text.empty()) {
        return std::nullopt;
    }
    std::string plain(text);
    if (plain.find("://") == std::string::npos) {
        plain.insert(0, "http://");
    }
    Proxy proxy;
    const std::size_t begin = plain.find("://") + 3;
    const std::size_t authority_end = std::min(plain.find('/', begin), plain.size());
    if (const std::size_t at = plain.rfind('@', authority_end); at != std::string::npos && at > begin) {
        const std::string user = plain.substr(begin, at - begin);
        const std::size_t colon = std::min(user.find(':'), user.size());
        if (colon < user.size()) {
            const Secret password(decoded(user.substr(colon + 1))); // so that no message shows it
            const Secret as_written(user.substr(colon + 1));
        }
        const Secret credential(to_base64(decoded(user.substr(0, colon)) + ":" +
                                          decoded(user.substr(std::min(colon + 1, user.size())))));
        proxy.authorization = "Basic " + std::string(credential.reveal());
        plain.erase(begin, at - begin + 1);
    }
    const auto url = Url::parse(plain);
    if (!url || url->secure || url->target != "/") {
        throw Error(ErrorCode::bad_argument, "proxy",
                    "the proxy setting is not http://[user:password@]host:port",
                    "correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; proxies by TLS or SOCKS cannot be used");
    }
    proxy.host = url->host;
    proxy.port = url->port;
    return proxy;
}

bool is_exempt(const Url& url, std::string_view no_proxy)
{
    while (!no_proxy.empty()) {
        std::string entry(no_proxy.substr(0, no_proxy.find(',')));
        no_proxy.remove_prefix(std::min(entry.size() + 1, no_proxy.size()));
        std::erase_if(entry, [](char c) { return c == ' ' || c == '\t'; });
        std::transform(entry.begin(), entry.end(), entry.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (entry == "*") {
            return true;
        }
        const std::string port = ":" + std::to_string(url.port);
        const bool with_port =
            std::count(entry.begin(), entry.end(), ':') == 1 || entry.find("]:") != std::string::npos;
        if (with_port) {
            if (!entry.ends_with(port)) {
                continue;
            }
            entry.resize(entry.size() - port.size());
        }
        std::erase_if(entry, [](char c) { return c == '[' || c == ']'; });
        entry.erase(0, entry.starts_with("*.") ? 2 : entry.starts_with(".") ? 1 : 0);
        if (!entry.empty() && (url.host == entry || url.host.ends_with("." + entry))) {
            return true;
        }
    }
    return false;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// What the environment and the stored login say about endpoint, token, proxy and certificates.
#include "hub/client.hpp"

#include "hub/proxy.hpp"
#include "hub/url.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

namespace skw::hub {
namespace {

constexpr std::uint64_t longest_token_file = 64u << 10;

std::string trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t\r\n\v\f");
    if (begin == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1));
}

// The first of the names that is set to more than blanks.
std::string first_of(const Environment& environment, std::initializer_list<std::string_view> names)
{
    for (const std::string_view name : names) {
        if (std::string value = trimmed(environment(name).value_or("")); !value.empty()) {
            return value;
        }
    }
    return {};
}

bool is_true(std::string value)
{
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

std::string read_endpoint(const Environment& environment)
{
    std::string endpoint = first_of(environment, {"HF_ENDPOINT"});
    if (endpoint.empty()) {
        return is_true(first_of(environment, {"HUGGINGFACE_CO_STAGING"})) ? "https://hub-ci.huggingface.co"
                                                                          : Settings().endpoint;
    }
    while (endpoint.ends_with('/')) {
        endpoint.pop_back();
    }
    const auto url = Url::parse(endpoint);
    if (!url || url->target.find('?') != std::string::npos || endpoint.find('#') != std::string::npos) {
        throw Error(ErrorCode::bad_input, "HF_ENDPOINT",
                    "must be an http or https URL without user name or query, such as https://huggingface.co",
                    "correct HF_ENDPOINT, or unset it to use the public Hub");
    }
    return endpoint;
}

std::filesystem::path token_file(const Environment& environment)
{
    if (const std::string path = first_of(environment, {"HF_TOKEN_PATH"}); !path.empty()) {
        return expand_home(path);
    }
    if (const std::string home = first_of(environment, {"HF_HOME"}); !home.empty()) {
        return std::filesystem::path(expand_home(home)) / "token";
    }
    if (const std::string cache = first_of(environment, {"XDG_CACHE_HOME"}); !cache.empty()) {
        return std::filesystem::path(expand_home(cache)) / "huggingface" / "token";
    }
    const std::string home = first_of(environment, {"HOME"});
    return std::filesystem::path(home.empty() ? expand_home("~") : home) / ".cache" / "huggingface" / "token";
}

Secret read_token(const Environment& environment, StoredLogin stored)
{
    std::string token = first_of(environment, {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"});
    if (token.empty() && stored == StoredLogin::use) {
        const std::filesystem::path file = token_file(environment);
        std::error_code ignored;
        if (std::filesystem::is_regular_file(file, ignored)) {
            token = trimmed(skw::read_file(file, longest_token_file));
        }
    }
    return Secret(std::move(token));
}

void read_trust(const Environment& environment, Settings& settings)
{
    settings.ca_file = first_of(environment, {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"});
    settings.ca_folder = first_of(environment, {"SSL_CERT_DIR"});
    // The bundle variables may name a folder.
    std::error_code ignored;
    if (!settings.ca_file.empty() && std::filesystem::is_directory(settings.ca_file, ignored)) {
        if (settings.ca_folder.empty()) {
            settings.ca_folder = settings.ca_file;
        }
        settings.ca_file.clear();
    }
}

} // namespace

Environment process_environment()
{
    return [](std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string(name).c_str());
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    };
}

Settings read_settings(const Environment& environment, StoredLogin stored)
{
    Settings settings;
    settings.endpoint = read_endpoint(environment);
    settings.token = read_token(environment, stored);
    settings.proxy = settings.endpoint.starts_with("http://")
                         ? first_of(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
                         : first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    settings.no_proxy = first_of(environment, {"no_proxy", "NO_PROXY"});
    const std::optional<Proxy> checked = Proxy::parse(settings.proxy); // throws, and hides the password
    static_cast<void>(checked);
    read_trust(environment, settings);
    return settings;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Proxy and certificate store in force, looked at as OpenSSL will.
#include "hub/route.hpp"

#include "hub/proxy.hpp"
#include "support/text.hpp"

#include <openssl/x509.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <filesystem>
#include <memory>
#include <system_error>

namespace skw::hub {
namespace {

namespace fs = std::filesystem;

struct Free {
    void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
};

std::string problem_of_file(const std::string& file)
{
    const std::unique_ptr<X509_STORE, Free> store(X509_STORE_new());
    if (!store || X509_STORE_load_file(store.get(), file.c_str()) != 1) {
        return "it cannot be read as certificates in PEM form";
    }
    return {};
}

std::string problem_of_folder(const std::string& folder)
{
    std::error_code failure;
    const fs::directory_iterator entry(folder, failure);
    if (failure) {
        return "the folder cannot be read: " + failure.message();
    }
    return entry == fs::directory_iterator() ? "the folder is empty" : "";
}

bool is_this_machine(const std::string& host)
{
    in_addr v4{};
    in6_addr v6{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    return host == "localhost" || (::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6));
}

void find_system_store(Route& route)
{
    const std::string file = X509_get_default_cert_file(), folder = X509_get_default_cert_dir();
    std::error_code ignored;
    const bool has_file = fs::exists(file, ignored);
    route.system_store = true;
    route.store = has_file ? file : folder;
    route.store_problem = has_file ? problem_of_file(file) : problem_of_folder(folder);
}

} // namespace

Route find_route(const Settings& settings)
{
    Route route;
    const auto url = Url::parse(settings.endpoint);
    route.secure = url && url->secure;
    if (const auto proxy = Proxy::parse(settings.proxy)) {
        const bool is_v6 = proxy->host.find(':') != std::string::npos;
        route.proxy = "http://" + (is_v6 ? "[" + proxy->host + "]" : printable(proxy->host, 300)) + ":" +
                      std::to_string(proxy->port);
        route.proxy_login = !proxy->authorization.empty();
        route.exempt = url && is_exempt(*url, settings.no_proxy);
    }
    if (settings.ca_file.empty() && settings.ca_folder.empty()) {
        find_system_store(route);
        return route;
    }
    if (!settings.ca_file.empty()) {
        route.store = printable(settings.ca_file);
        route.store_problem = problem_of_file(settings.ca_file);
    }
    if (!settings.ca_folder.empty()) {
        route.store += (route.store.empty() ? "" : " and ") + printable(settings.ca_folder);
        if (route.store_problem.empty()) {
            route.store_problem = problem_of_folder(settings.ca_folder);
        }
    }
    return route;
}

bool sends_in_clear_text(std::string_view address)
{
    const auto url = Url::parse(address);
    return url && !url->secure && !is_this_machine(url->host);
}

} // namespace skw::hub

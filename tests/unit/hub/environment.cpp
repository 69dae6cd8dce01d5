// SPDX-License-Identifier: Apache-2.0
// What read_settings makes of environment variables and token files.
#include "hub/client.hpp"

#include "fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace skw;
using namespace skw::hub;

namespace {

Environment of(std::map<std::string, std::string, std::less<>> values)
{
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto at = values.find(name);
        return at == values.end() ? std::nullopt : std::optional(at->second);
    };
}

std::string token(std::map<std::string, std::string, std::less<>> values,
                  StoredLogin stored = StoredLogin::ignore)
{
    return std::string(read_settings(of(std::move(values)), stored).token.reveal());
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_environment)

BOOST_AUTO_TEST_CASE(the_endpoint_is_the_public_hub_unless_the_environment_says_otherwise)
{
    const auto endpoint = [](std::map<std::string, std::string, std::less<>> values) {
        return read_settings(of(std::move(values)), StoredLogin::ignore).endpoint;
    };
    BOOST_TEST(endpoint({}) == "https://huggingface.co");
    BOOST_TEST(endpoint({{"HF_ENDPOINT", ""}}) == "https://huggingface.co");
    BOOST_TEST(endpoint({{"HF_ENDPOINT", "http://127.0.0.1:80/"}}) == "http://127.0.0.1:80");
    BOOST_TEST(endpoint({{"HF_ENDPOINT", "https://proxy.example/hf//"}}) == "https://proxy.example/hf");
    BOOST_TEST(endpoint({{"HUGGINGFACE_CO_STAGING", "yes"}}) == "https://hub-ci.huggingface.co");
    BOOST_TEST(endpoint({{"HUGGINGFACE_CO_STAGING", "0"}}) == "https://huggingface.co");
    for (const char* odd : {"huggingface.co", "ftp://x", "https://user:pw@x", "https://x?y=1", "https://"}) {
        BOOST_TEST(test::fails_with(ErrorCode::bad_input, "HF_ENDPOINT",
                                    [&] {
                                        endpoint({{"HF_ENDPOINT", odd}});
                                    }),
                   odd);
    }
}

BOOST_AUTO_TEST_CASE(the_token_is_trimmed_and_an_empty_one_is_none)
{
    BOOST_TEST(token({}) == "");
    BOOST_TEST(token({{"HF_TOKEN", " hf_abc\r\n"}}) == "hf_abc");
    BOOST_TEST(token({{"HF_TOKEN", " \n"}, {"HUGGING_FACE_HUB_TOKEN", "hf_old"}}) == "hf_old");
    BOOST_TEST(token({{"HF_TOKEN", "hf_new"}, {"HUGGING_FACE_HUB_TOKEN", "hf_old"}}) == "hf_new");
}

BOOST_AUTO_TEST_CASE(the_stored_login_is_read_only_when_asked_for)
{
    const TempFolder folder;
    const std::string root = folder.path().string();
    std::filesystem::create_directories(folder.path() / "cache/huggingface");
    std::filesystem::create_directories(folder.path() / "home/.cache/huggingface");
    write_file_atomically(folder.path() / "token", "hf_home\n");
    write_file_atomically(folder.path() / "mine", "hf_path");
    write_file_atomically(folder.path() / "cache/huggingface/token", "hf_xdg");
    write_file_atomically(folder.path() / "home/.cache/huggingface/token", "hf_default");
    BOOST_TEST(token({{"HF_HOME", root}}) == "");
    BOOST_TEST(token({{"HF_HOME", root}}, StoredLogin::use) == "hf_home");
    BOOST_TEST(token({{"HF_HOME", root}, {"HF_TOKEN_PATH", root + "/mine"}}, StoredLogin::use) == "hf_path");
    BOOST_TEST(token({{"XDG_CACHE_HOME", root + "/cache"}}, StoredLogin::use) == "hf_xdg");
    BOOST_TEST(token({{"HOME", root + "/home"}}, StoredLogin::use) == "hf_default");
    BOOST_TEST(token({{"HF_HOME", root}, {"HF_TOKEN", "hf_env"}}, StoredLogin::use) == "hf_env");
    BOOST_TEST(token({{"HF_HOME", root + "/nowhere"}}, StoredLogin::use) == "");
}

BOOST_AUTO_TEST_CASE(proxy_and_certificates_come_in_both_spellings)
{
    const auto read = [](std::map<std::string, std::string, std::less<>> values) {
        return read_settings(of(std::move(values)), StoredLogin::ignore);
    };
    BOOST_TEST(read({{"HTTPS_PROXY", "http://p:1"}}).proxy == "http://p:1");
    BOOST_TEST(read({{"https_proxy", "http://l:1"}, {"HTTPS_PROXY", "http://u:1"}}).proxy == "http://l:1");
    BOOST_TEST(read({{"HTTP_PROXY", "http://p:1"}}).proxy == "");
    BOOST_TEST(read({{"HTTP_PROXY", "http://p:1"}, {"HF_ENDPOINT", "http://h"}}).proxy == "http://p:1");
    BOOST_TEST(read({{"ALL_PROXY", "p:1"}}).proxy == "p:1");
    BOOST_TEST(read({{"NO_PROXY", "a,b"}}).no_proxy == "a,b");
    BOOST_TEST(test::fails_with(ErrorCode::bad_argument, "SOCKS", [&] {
        read({{"ALL_PROXY", "socks5://p:1"}});
    }));
    BOOST_TEST(read({{"SSL_CERT_FILE", "/a"}, {"CURL_CA_BUNDLE", "/b"}}).ca_file == "/a");
    BOOST_TEST(read({{"REQUESTS_CA_BUNDLE", "/r"}, {"CURL_CA_BUNDLE", "/b"}}).ca_file == "/r");
    const TempFolder folder;
    BOOST_TEST(read({{"REQUESTS_CA_BUNDLE", folder.path().string()}}).ca_folder == folder.path().string());
}

BOOST_AUTO_TEST_CASE(a_token_that_would_break_a_header_is_refused)
{
    Settings settings = test::quick_settings("http://127.0.0.1:1");
    settings.token = Secret("hf_abc\r\nX-Evil: 1");
    const auto error = test::error_of([&] { Client(settings, {}); });
    BOOST_REQUIRE(error);
    BOOST_TEST((error->code() == ErrorCode::bad_argument));
    BOOST_TEST(std::string(error->what()).find("hf_abc") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

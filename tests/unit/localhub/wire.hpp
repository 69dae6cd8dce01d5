// SPDX-License-Identifier: Apache-2.0
// A plain socket client for the tests of the local Hub: sends exactly the bytes a test wants.
#pragma once

#include "localhub/server.hpp"
#include "support/digest.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

#include <boost/json/serialize.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub::test {

// A connection to 127.0.0.1. Reads end after ten seconds, so that a hang is a failure.
class Wire {
public:
    explicit Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_port = htons(port);
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
    }
    ~Wire() { ::close(fd_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    bool connected = false;

    void send(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (put <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
    }
    // Everything until the server closes.
    std::string read_all() const
    {
        std::string out;
        char block[65536];
        for (ssize_t got = ::recv(fd_, block, sizeof block, 0); got > 0;
             got = ::recv(fd_, block, sizeof block, 0)) {
            out.append(block, static_cast<std::size_t>(got));
        }
        return out;
    }
    // Until the text has come.
    std::string read_until(std::string_view end) const
    {
        std::string out;
        char one = 0;
        while (!out.ends_with(end) && ::recv(fd_, &one, 1, 0) == 1) {
            out += one;
        }
        return out;
    }

private:
    int fd_;
};

inline std::string text_of(const json::value& value)
{
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;

    std::string header(const std::string& name) const
    {
        const auto at = headers.find(name);
        return at == headers.end() ? "" : at->second;
    }
    json::object json() const { return parse_json(body, "answer").as_object(); }
    std::string member(std::string_view name) const // of the JSON body, as text
    {
        const json::object object = json();
        const json::value* found = object.if_contains(name);
        return found == nullptr ? "" : text_of(*found);
    }
};

inline Answer parse_answer(const std::string& text)
{
    Answer out;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos || !text.starts_with("HTTP/1.1 ")) {
        return out;
    }
    out.status = std::atoi(text.c_str() + 9);
    for (std::size_t at = text.find("\r\n") + 2; at < end + 2;) {
        const std::size_t next = text.find("\r\n", at);
        const std::string line = text.substr(at, next - at);
        const std::size_t colon = line.find(": ");
        std::string name = line.substr(0, colon);
        for (char& c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        out.headers[name] = colon == std::string::npos ? "" : line.substr(colon + 2);
        at = next + 2;
    }
    out.body = text.substr(end + 4);
    return out;
}

// "http://localhost:8081/x?y" -> port and target.
inline std::pair<std::uint16_t, std::string> split(const std::string& url)
{
    const std::size_t colon = url.find(':', 7);
    const std::size_t slash = url.find('/', colon);
    return {static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))),
            slash == std::string::npos ? "/" : url.substr(slash)};
}

inline const char* const token = "Authorization: Bearer hf_test\r\n";

// One request on its own connection. `headers` are whole lines with their ends.
inline Answer ask(const std::string& url, const std::string& method, const std::string& headers = {},
                  const std::string& body = {})
{
    const auto [port, target] = split(url);
    const Wire wire(port);
    wire.send(method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
              "\r\nConnection: close\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    return parse_answer(wire.read_all());
}

inline std::string file_line(const std::string& path, const std::string& content)
{
    return R"({"key":"file","value":{"encoding":"utf-8","path":)" + ascii_json_string(path) +
           ",\"content\":" + ascii_json_string(content) + "}}\n";
}

inline std::string lfs_line(const std::string& path, const std::string& oid, std::size_t size)
{
    return R"({"key":"lfsFile","value":{"algo":"sha256","path":)" + ascii_json_string(path) + ",\"oid\":\"" +
           oid + "\",\"size\":" + std::to_string(size) + "}}\n";
}

// A Hub on free ports in a fresh folder, with one empty repo acme/model.
struct RunningHub {
    // With the text of a tokens.json, "hf_test" has to be able to write to acme.
    explicit RunningHub(ServerOptions options = {}, const std::string& tokens = {})
        : server(with_root(std::move(options), tokens))
    {
        post("/api/repos/create", R"({"name":"model","organization":"acme"})");
    }
    ServerOptions with_root(ServerOptions options, const std::string& tokens) const
    {
        if (!tokens.empty()) {
            write_file_atomically(folder.path() / "tokens.json", tokens);
        }
        options.root = folder.path();
        return options;
    }
    Answer get(const std::string& target, const std::string& headers = {}) const
    {
        return ask(server.endpoint() + target, "GET", headers);
    }
    Answer post(const std::string& target, const std::string& body, const std::string& headers = token) const
    {
        return ask(server.endpoint() + target, "POST", headers, body);
    }
    // A commit of these lines, with a header line in front.
    Answer commit(const std::string& lines, const std::string& parent = {}) const
    {
        const std::string more = parent.empty() ? "" : ",\"parentCommit\":\"" + parent + "\"";
        return post("/api/models/acme/model/commit/main",
                    "{\"key\":\"header\",\"value\":{\"summary\":\"x\"" + more + "}}\n" + lines);
    }
    std::string head() const { return std::string(get("/api/models/acme/model").json()["sha"].as_string()); }
    // What the batch route says about one object.
    json::object batch(const std::string& oid, std::size_t size) const
    {
        const std::string body =
            R"({"operation":"upload","transfers":["basic","multipart"],"objects":[{"oid":")" + oid +
            "\",\"size\":" + std::to_string(size) + "}]}";
        return post("/acme/model.git/info/lfs/objects/batch", body)
            .json()["objects"]
            .as_array()[0]
            .as_object();
    }

    // Uploads an object plainly and commits it at the path.
    void add_lfs(const std::string& path, const std::string& content) const
    {
        const std::string oid = sha256_of(content).hex();
        const json::object object = batch(oid, content.size());
        if (object.contains("actions")) {
            ask(std::string(object.at("actions").at("upload").at("href").as_string()), "PUT", "", content);
        }
        commit(lfs_line(path, oid, content.size()));
    }

    TempFolder folder;
    Server server;
};

} // namespace skw::localhub::test

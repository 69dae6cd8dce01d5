// SPDX-License-Identifier: Apache-2.0
// A server that says exactly the bytes a test gives it, over TCP or TLS, and remembers what it was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace skw::test {

struct Asked {
    int connection = 0; // counted from 0
    int number = 0;     // requests before this one, on all connections
    std::string method, target, head, body;
};

struct Answer {
    std::string bytes;
    bool close = false;    // the connection, afterwards
    bool hang = false;     // says nothing more, and keeps the connection, until the server ends
    bool by_bytes = false; // each byte in a packet of its own
    std::string endless;   // repeated until the client leaves
    std::string tunnel_to; // "port": afterwards bytes go both ways between client and 127.0.0.1:port
};

Answer ok_json(const std::string& body, const std::string& more_headers = {});

class ScriptServer {
public:
    using Script = std::function<Answer(const Asked&)>;
    // certificate: "" = plain TCP, else a PEM file with key and certificate.
    explicit ScriptServer(Script script, const std::string& certificate = {});
    ~ScriptServer();
    ScriptServer(const ScriptServer&) = delete;
    ScriptServer& operator=(const ScriptServer&) = delete;

    std::uint16_t port() const;
    std::string endpoint() const; // "http://127.0.0.1:port", or https
    std::vector<Asked> asked() const;
    int connections() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace skw::test

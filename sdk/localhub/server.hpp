// SPDX-License-Identifier: Apache-2.0
// A local Hub in a folder, as a library: what `skulk-hub serve` runs and what tests start on port 0.
// No library header here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

// A fault asked for by route and name, for tests. It strikes the next `times` requests that match, on the Hub
// or on its content store.
struct Fault {
    std::string method;       // "GET"; "" = any
    std::string path_part;    // matches when the request's target, query included, holds it
    std::string name;         // one of the names that docs/skulk-hub.md lists, such as "status-503"
    int times = 1;            // 0 = always
    std::uint64_t number = 0; // its argument: bytes, seconds, a status; 0 = the default
    int after = 0;            // let this many matching requests pass first
};

struct Request { // one served request, for tests and for the log
    std::string method, target, host;
    int status = 0;
    std::uint64_t body_bytes = 0, reply_bytes = 0;
    bool authorized = false; // an Authorization header came along
    std::string range;
    std::chrono::microseconds duration{0};
};

struct ServerOptions {
    std::filesystem::path root;
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;         // of the Hub; 0 = any free one
    std::uint16_t storage_port = 0; // of the content store, another origin as on the real Hub; 0 = any
    std::size_t page_size = 1000;   // of listings
    std::uint64_t multipart_threshold = 64u << 20; // larger objects are uploaded in parts
    std::uint64_t part_size = 16'000'000;
    std::uint64_t forget_above = std::numeric_limits<std::uint64_t>::max(); // larger uploads are not kept
    bool resolve_cache = false; // regular files answer with a relative redirect, as today's Hub does
    bool storage_hash = true;   // listings tell the storage hash of what is in the new storage
    std::function<void(const Request&)> log; // once a request is answered; any thread
};

// Runs until destroyed. Throws skw::Error when the folder or a port cannot be had: conflict when another
// process uses the folder.
class Server {
public:
    explicit Server(ServerOptions options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string endpoint() const;         // "http://127.0.0.1:41234": for HF_ENDPOINT
    std::string storage_endpoint() const; // "http://localhost:41235"
    void ask_fault(Fault fault); // throws skw::UsageError for a name that docs/skulk-hub.md does not list
    // What was answered, both origins, oldest first; the latest 50,000. A client that has read all of a reply
    // finds it here, complete but for its duration.
    std::vector<Request> requests() const;
    void forget_requests();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// The two origins of the local Hub, its faults, and the record of what was asked.
#include "localhub/server.hpp"

#include "localhub/api.hpp"
#include "localhub/faults.hpp"
#include "localhub/uploads.hpp"
#include "support/error.hpp"

#include <netdb.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>

namespace skw::localhub {
namespace {

constexpr std::size_t kept_requests = 50'000;

// A body that counts what passes.
class Counted : public BodyReader {
public:
    explicit Counted(BodyReader& inner) : inner_(inner) {}
    std::size_t read(std::span<std::byte> into) override
    {
        const std::size_t got = inner_.read(into);
        bytes += got;
        return got;
    }
    std::uint64_t bytes = 0;

private:
    BodyReader& inner_;
};

// The Host header if it can stand in a URL, for replies that have to name the Hub as the client does.
std::string base_of(const HttpRequest& http, const std::string& endpoint)
{
    const std::string_view host = http.header("host");
    const bool good =
        !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                   c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
        });
    return good ? "http://" + std::string(host) : endpoint;
}

// Another host name than the Hub's, so that a token sent along would be seen. A bare system may not know
// "localhost"; there the other port has to do.
std::string storage_host(const std::string& address)
{
    addrinfo* found = nullptr;
    if (::getaddrinfo("localhost", nullptr, nullptr, &found) != 0) {
        return address;
    }
    ::freeaddrinfo(found);
    return "localhost";
}

} // namespace

struct Server::State {
    explicit State(ServerOptions given)
        : options(std::move(given)),
          store(options.root),
          collections(store.root() / "collections"),
          hub{.store = store,
              .collections = collections,
              .page_size = std::max<std::size_t>(options.page_size, 1),
              .multipart_threshold = options.multipart_threshold,
              .part_size = std::max<std::uint64_t>(options.part_size, 1),
              .resolve_cache = options.resolve_cache,
              .storage_hash = options.storage_hash,
              .endpoint = {},
              .storage_endpoint = {},
              .forget_above = options.forget_above}
    {
        tidy_uploads(store.uploads());
        const auto storage_handler = [this](HttpRequest& http) { return answer(http, true); };
        storage.emplace(options.address, options.storage_port, storage_handler);
        hub.storage_endpoint =
            "http://" + storage_host(options.address) + ":" + std::to_string(storage->port());
        if (options.address == "127.0.0.1") {
            try { // "localhost" is this address, too, for clients that try it first
                storage_v6.emplace("::1", storage->port(), storage_handler);
            } catch (const Error&) { // no IPv6 here
            }
        }
        // Last: from here on requests come, and all they need is there.
        hub_port.emplace(options.address, options.port,
                         [this](HttpRequest& http) { return answer(http, false); });
        const std::lock_guard lock(mutex);
        hub.endpoint = "http://" + options.address + ":" + std::to_string(hub_port->port());
    }

    HttpReply answer(HttpRequest& http, bool from_storage)
    {
        const auto begin = std::chrono::steady_clock::now();
        const auto record =
            std::make_shared<Request>(Request{.method = http.method,
                                              .target = http.target,
                                              .host = std::string(http.header("host")),
                                              .authorized = !http.header("authorization").empty(),
                                              .range = std::string(http.header("range"))});
        Counted body(*http.body);
        http.body = &body;
        HttpReply reply = work(http, from_storage);
        if (from_storage) {
            reply.add("x-amz-request-id", random_hex(16));
        } else {
            reply.add("X-Request-Id", "Root=" + random_hex(24));
        }
        {
            const std::lock_guard lock(mutex);
            record->status = reply.status;
            record->body_bytes = body.bytes;
            requests.push_back(record);
            if (requests.size() > kept_requests) {
                requests.pop_front();
            }
        }
        reply.sending = [this, record](std::uint64_t bytes) {
            const std::lock_guard lock(mutex);
            record->reply_bytes += bytes;
        };
        reply.sent = [this, record, begin] {
            std::unique_lock lock(mutex);
            record->duration = std::chrono::duration_cast<std::chrono::microseconds>(
                std::chrono::steady_clock::now() - begin);
            const Request copy = *record;
            lock.unlock();
            if (options.log) {
                options.log(copy);
            }
        };
        return reply;
    }

    HttpReply work(HttpRequest& http, bool from_storage)
    {
        const std::optional<Fault> fault = faults.strike(http.method, http.target);
        if (fault) {
            if (auto reply = reply_instead(*fault, http)) {
                return std::move(*reply);
            }
            blind(*fault, http);
        }
        HttpReply reply;
        try {
            reply = route(http, from_storage, fault && fault->name == "relative-redirect");
        } catch (const Refusal& refusal) {
            reply = refusal_reply(refusal);
        } catch (const Error& error) {
            reply = refusal_reply(error.code() == ErrorCode::not_found
                                      ? repo_not_found(true)
                                      : Refusal(error.code() == ErrorCode::no_space ? 507 : 500,
                                                "The local Hub failed: " + std::string(error.what())));
        } catch (const std::exception& error) {
            reply = refusal_reply({500, std::string("The local Hub failed: ") + error.what()});
        }
        if (fault) {
            spoil(*fault, reply);
        }
        return reply;
    }

    HttpReply route(HttpRequest& http, bool from_storage, bool relative)
    {
        auto target = Target::parse(http.target);
        if (!target) {
            throw Refusal(400, "The address cannot be decoded.");
        }
        if (from_storage) {
            return storage_reply(hub, http, *target);
        }
        Call call{.hub = hub,
                  .http = http,
                  .target = std::move(*target),
                  .account = {},
                  .base = base_of(http, endpoint()),
                  .resolve_cache = hub.resolve_cache || relative};
        if (const std::string_view given = http.header("authorization"); !given.empty()) {
            const bool bearer = given.starts_with("Bearer ") || given.starts_with("bearer ");
            call.account = bearer ? store.accounts().find(given.substr(7)) : std::nullopt;
            if (!call.account) {
                throw Refusal(401, "Invalid credentials in Authorization header");
            }
        }
        return hub_reply(call);
    }

    std::string endpoint() const
    {
        const std::lock_guard lock(mutex);
        return hub.endpoint;
    }

    ServerOptions options;
    Store store;
    Collections collections;
    Hub hub;
    Faults faults;
    mutable std::mutex mutex; // of the requests and the endpoint
    std::deque<std::shared_ptr<Request>> requests;
    // Destroyed first, so that no thread is left when the rest goes.
    std::optional<HttpListener> storage, storage_v6, hub_port;
};

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Server::~Server() = default;

std::string Server::endpoint() const
{
    return state_->endpoint();
}

std::string Server::storage_endpoint() const
{
    return state_->hub.storage_endpoint;
}

void Server::ask_fault(Fault fault)
{
    state_->faults.add(std::move(fault));
}

std::vector<Request> Server::requests() const
{
    const std::lock_guard lock(state_->mutex);
    std::vector<Request> out;
    for (const auto& record : state_->requests) {
        out.push_back(*record);
    }
    return out;
}

void Server::forget_requests()
{
    const std::lock_guard lock(state_->mutex);
    state_->requests.clear();
}

} // namespace skw::localhub

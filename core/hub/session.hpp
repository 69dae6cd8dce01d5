// SPDX-License-Identifier: Apache-2.0
// What all calls share: the endpoint, the token and where it may go, retries, and the state of one Client.
#pragma once

#include "hub/account.hpp"
#include "hub/client.hpp"
#include "hub/judge.hpp"
#include "hub/replies.hpp"
#include "hub/transport.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <variant>

namespace skw::hub {

using Outcome = std::variant<Reply, Failure>;

// How often and how long one thing has been tried.
class Tries {
public:
    explicit Tries(const Settings& settings) : Tries(settings.call_timeout) {}
    explicit Tries(std::chrono::milliseconds whole);
    void progress(); // something was gained: the count and the clock begin again
    void extend(std::chrono::steady_clock::duration time) { deadline_ += time; } // for what is not our loss
    std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }
    int count() const noexcept { return count_; }

private:
    friend class Session;
    int count_ = 0;
    std::chrono::milliseconds whole_;
    std::chrono::steady_clock::time_point deadline_;
};

class Session {
public:
    Session(Settings settings, std::stop_token stop);

    const Settings& settings() const noexcept { return settings_; }
    Transport& transport() noexcept { return transport_; }
    bool has_token() const noexcept { return !settings_.token.empty(); }
    bool is_own(const Url& url) const noexcept { return url.same_origin(endpoint_); }

    // Requests to the endpoint; path begins with "/", and is encoded. The token goes along.
    Request get(const std::string& path) const;
    Request post(const std::string& path, std::string json_body) const;
    Request put(const std::string& path, std::string json_body) const;
    // A URL that the Hub gave: one of the public Hub's is moved to our endpoint, which may be a proxy of it.
    // nullopt: not a URL, or plain http where the endpoint is https.
    std::optional<Url> given_url(std::string_view text) const;
    std::string page_of(const std::string& repo) const { return settings_.endpoint + "/" + repo; }

    // Sends until there is a reply that another try would not change, and follows redirects within the
    // endpoint. The reply may have any status. Throws for everything that is no reply.
    Reply send(Request request, const std::string& place);
    Reply send(Request request, const std::string& place, Tries& tries);
    // One try. Adds the token where it may go, waits for a rate limit known from before, and traces.
    Outcome try_once(Request request, const std::string& place, const Tries& tries);
    // Takes part in a download: the same preparation, by the caller's own loop.
    void prepare(Request& request, const std::string& place, const Tries& tries);

    // What to do after that outcome; notes rate limits. The caller pauses.
    Verdict weigh(const ReplyHead* reply, const Failure* failure, const Request& request, Tries& tries);
    // Throws cancelled; also: another reason to stop.
    void pause(std::chrono::milliseconds time, const std::string& place, const std::stop_token& also = {});
    void require_running(const std::string& place) const; // throws cancelled

    Error error(const Reply& reply, const std::string& place, const std::string& repo = {}) const;
    Error error_at(const Url& url, const Reply& reply,
                   const std::string& place) const; // Hub's own or a store's
    void trace(const Request& request, int status, std::uint64_t bytes,
               std::chrono::steady_clock::time_point since, std::string_view note = {});

private:
    std::string bucket_of(const Url& url) const;

    const Settings settings_;
    const std::stop_token stop_;
    Url endpoint_;
    Transport transport_;
    std::mutex mutex_; // of the rest
    std::map<std::string, std::chrono::steady_clock::time_point> not_before_;
    std::minstd_rand dice_;
    std::mutex trace_mutex_;
};

// Signed addresses of large files, until they fail or run out. Any thread.
class Locations {
public:
    std::optional<Url> find(const std::string& key); // nullopt: unknown, or about to expire
    void put(const std::string& key, Url url);
    void drop(const std::string& key);

private:
    struct Entry {
        Url url;
        std::chrono::system_clock::time_point expires;
    };
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

// When a signed URL runs out, by its query; the far future where it does not say.
std::chrono::system_clock::time_point expiry_of(const Url& url);

struct Client::State {
    State(Settings settings, std::stop_token stop) : session(std::move(settings), std::move(stop)) {}
    Session session;
    Locations locations;
    AccountCache account;
};

// A model repo's part of a path, and a revision as its one segment.
std::string api_path(const RepoId& repo, std::string_view rest);

} // namespace skw::hub

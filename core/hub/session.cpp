// SPDX-License-Identifier: Apache-2.0
// Sending with retries; where the token goes.
#include "hub/session.hpp"

#include "hub/feed.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <condition_variable>

namespace skw::hub {
namespace {

constexpr std::string_view public_hub = "https://huggingface.co";
constexpr int most_hops = 5;

Url parse_endpoint(const std::string& text)
{
    const auto url = Url::parse(text);
    if (!url) {
        throw Error(ErrorCode::bad_input, "HF_ENDPOINT", "must be an http or https URL",
                    "correct HF_ENDPOINT, or unset it to use the public Hub");
    }
    return *url;
}

Settings checked(Settings settings)
{
    const std::string_view token = settings.token.reveal();
    if (std::any_of(token.begin(), token.end(), [](char c) { return c <= 0x20 || c > 0x7e; })) {
        throw Error(ErrorCode::bad_argument, "HF_TOKEN", "the token holds characters that no token has",
                    "copy the token again");
    }
    return settings;
}

struct EndFeed { // whatever becomes of the try
    std::shared_ptr<Feed> feed;
    ~EndFeed()
    {
        if (feed) {
            feed->end();
        }
    }
};

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

Tries::Tries(std::chrono::milliseconds whole) : whole_(whole)
{
    progress();
}

void Tries::progress()
{
    count_ = 0;
    deadline_ = std::chrono::steady_clock::now() + whole_;
}

Session::Session(Settings settings, std::stop_token stop)
    : settings_(checked(std::move(settings))),
      stop_(stop),
      endpoint_(parse_endpoint(settings_.endpoint)),
      transport_(settings_, stop),
      dice_(std::random_device{}())
{
}

Request Session::get(const std::string& path) const
{
    Request request;
    request.url = endpoint_;
    // The endpoint may have a path of its own, when it is a proxy of the Hub.
    request.url.target = (endpoint_.target == "/" ? "" : endpoint_.target) + path;
    request.headers.push_back(Header{"Accept", "application/json"});
    request.authorize = true;
    return request;
}

Request Session::post(const std::string& path, std::string json_body) const
{
    Request request = get(path);
    request.method = "POST";
    request.headers.push_back(Header{"Content-Type", "application/json"});
    request.body = std::move(json_body);
    return request;
}

Request Session::put(const std::string& path, std::string json_body) const
{
    Request request = post(path, std::move(json_body));
    request.method = "PUT";
    return request;
}

std::optional<Url> Session::given_url(std::string_view text) const
{
    std::string moved(text);
    if (settings_.endpoint != public_hub && text.starts_with(std::string(public_hub) + "/")) {
        moved = settings_.endpoint + moved.substr(public_hub.size());
    }
    std::optional<Url> url = endpoint_.resolve(moved);
    if (url && endpoint_.secure && !url->secure) {
        return std::nullopt;
    }
    return url;
}

std::string Session::bucket_of(const Url& url) const
{
    if (!is_own(url)) {
        return url.origin();
    }
    return url.target.find("/resolve/") != std::string::npos ? "resolvers" : "api";
}

void Session::prepare(Request& request, const std::string& place, const Tries& tries)
{
    using std::chrono::duration_cast;
    require_running(place);
    std::chrono::steady_clock::time_point when;
    {
        const std::scoped_lock lock(mutex_);
        when = not_before_[bucket_of(request.url)];
    }
    const auto now = std::chrono::steady_clock::now();
    if (when > now) {
        if (when >= tries.deadline()) {
            throw Error(ErrorCode::network, place, "too many requests in this time window",
                        "wait some minutes and run the same command again");
        }
        pause(duration_cast<std::chrono::milliseconds>(when - now) + std::chrono::milliseconds(1), place,
              request.stop);
    }
    std::erase_if(request.headers, [](const Header& header) { return header.name == "Authorization"; });
    if (request.authorize && has_token() && is_own(request.url)) {
        request.headers.push_back(Header{"Authorization", "Bearer " + std::string(settings_.token.reveal())});
    }
}

Outcome Session::try_once(Request request, const std::string& place, const Tries& tries)
{
    prepare(request, place, tries);
    EndFeed opened;
    if (FedBody* const fed = std::get_if<FedBody>(&request.body)) {
        fed->feed = fed->open();
        opened.feed = fed->feed;
    }
    const auto since = std::chrono::steady_clock::now();
    Outcome outcome = transport_.run(request);
    if (const Reply* const reply = std::get_if<Reply>(&outcome)) {
        trace(request, reply->status, reply->body.size(), since);
    } else {
        trace(request, 0, 0, since, std::get<Failure>(outcome).text);
    }
    return outcome;
}

Verdict Session::weigh(const ReplyHead* reply, const Failure* failure, const Request& request, Tries& tries)
{
    Attempt attempt;
    attempt.number = ++tries.count_;
    attempt.repeatable = request.repeatable;
    if (reply != nullptr) {
        attempt.status = reply->status;
        attempt.wait_asked = wait_asked(*reply, std::chrono::system_clock::now());
    } else if (failure != nullptr) {
        attempt.failure = failure->kind;
        attempt.maybe_done = failure->maybe_done;
    }
    const auto now = std::chrono::steady_clock::now();
    Budget left;
    left.attempts = settings_.attempts;
    left.first_pause = settings_.first_pause;
    left.time = std::chrono::duration_cast<std::chrono::milliseconds>(tries.deadline_ - now);
    const std::scoped_lock lock(mutex_);
    const double dice = std::uniform_real_distribution<double>(0, 1)(dice_);
    const Verdict verdict = judge(attempt, left, dice);
    if (attempt.status == 429) {
        // The limit is the account's and not this request's: every call of this kind waits.
        auto& when = not_before_[bucket_of(request.url)];
        when = std::max(when, now + attempt.wait_asked.value_or(verdict.pause));
    }
    return verdict;
}

Reply Session::send(Request request, const std::string& place)
{
    Tries tries(settings_);
    return send(std::move(request), place, tries);
}

Reply Session::send(Request request, const std::string& place, Tries& tries)
{
    if (!request.long_running) {
        request.deadline = tries.deadline();
    }
    int hops = 0;
    for (;;) {
        Outcome outcome = try_once(request, place, tries);
        Reply* const reply = std::get_if<Reply>(&outcome);
        if (reply != nullptr && is_redirect(reply->status) && reply->has("Location")) {
            const auto url = request.url.resolve(reply->header("Location"));
            const bool keeps_method = request.method == "GET" || reply->status >= 307;
            if (!url || !is_own(*url) || !keeps_method || ++hops > most_hops) {
                throw bad_reply(place, "a redirect that cannot be followed, to " +
                                           (url ? safe(url->shown()) : std::string("an odd address")));
            }
            request.url = *url;
            continue;
        }
        const Failure* const failure = std::get_if<Failure>(&outcome);
        const Verdict verdict = weigh(reply, failure, request, tries);
        if (verdict.kind != Verdict::Kind::give_up) {
            pause(verdict.pause, place, request.stop);
            continue;
        }
        if (failure != nullptr) {
            throw failure_error(*failure, place);
        }
        return std::move(*reply);
    }
}

void Session::pause(std::chrono::milliseconds time, const std::string& place, const std::stop_token& also)
{
    std::mutex mutex;
    std::condition_variable_any over;
    const std::stop_callback wake(also, [&] {
        const std::scoped_lock lock(mutex);
        over.notify_all();
    });
    std::unique_lock lock(mutex);
    over.wait_for(lock, stop_, time, [&] { return also.stop_requested(); });
    lock.unlock();
    require_running(place);
    if (also.stop_requested()) {
        throw Error(ErrorCode::cancelled, place, "no longer wanted");
    }
}

void Session::require_running(const std::string& place) const
{
    if (stop_.stop_requested()) {
        throw Error(ErrorCode::cancelled, place, "stopped on request");
    }
}

Error Session::error(const Reply& reply, const std::string& place, const std::string& repo) const
{
    return reply_error(reply, place, has_token(), repo.empty() ? std::string() : page_of(repo));
}

Error Session::error_at(const Url& url, const Reply& reply, const std::string& place) const
{
    return is_own(url) ? error(reply, place) : store_error(reply, place);
}

void Session::trace(const Request& request, int status, std::uint64_t bytes,
                    std::chrono::steady_clock::time_point since, std::string_view note)
{
    if (!settings_.trace) {
        return;
    }
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
    std::string line = request.method + " " + request.url.shown() + " ";
    line += status != 0 ? std::to_string(status) : "failed";
    line += " " + std::to_string(bytes) + " bytes " + std::to_string(took.count()) + " ms";
    if (!note.empty()) {
        line += " (" + std::string(note) + ")";
    }
    const std::scoped_lock lock(trace_mutex_);
    settings_.trace(redact(printable(line)));
}

std::string api_path(const RepoId& repo, std::string_view rest)
{
    return "/api/models/" + encode_path(repo.text()) + std::string(rest);
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// The network thread: jobs, the pool of kept connections, proxies, and the blocking border.
#include "hub/transport.hpp"

#include "hub/exchange.hpp"
#include "hub/feed.hpp"
#include "hub/proxy.hpp"
#include "support/error.hpp"
#include "support/version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <thread>

namespace skw::hub {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kept_per_host = 12;    // as many as an upload uses at a time
constexpr std::chrono::seconds kept_for{45}; // servers close idle connections after about a minute

bool is_header_safe(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

std::optional<std::string> find_unsafe(const Request& request)
{
    for (const Header& header : request.headers) {
        if (header.name.empty() || !is_header_safe(header.name) || !is_header_safe(header.value)) {
            return "the header " + header.name + " holds a control character";
        }
    }
    return std::nullopt;
}

bool can_begin_again(const Request& request)
{
    const FedBody* const fed = std::get_if<FedBody>(&request.body);
    return request.repeatable && (fed == nullptr || !fed->feed->touched());
}

struct Detach { // the watch must not reach for a connection that has gone
    Watch& watch;
    ~Detach() { watch.attach(nullptr); }
};

} // namespace

struct Transport::Core {
    explicit Core(const Settings& settings)
        : connect_limit(settings.connect_timeout),
          idle_limit(settings.idle_timeout),
          proxy(Proxy::parse(settings.proxy)),
          no_proxy(settings.no_proxy),
          trust(settings.ca_file, settings.ca_folder)
    {
    }

    void begin(const std::shared_ptr<Job>& job);
    void abandon(const std::shared_ptr<Job>& job); // any thread, after begin()
    void abort_all(const std::string& why);
    asio::awaitable<void> serve(std::shared_ptr<Job> job);
    asio::awaitable<std::optional<Failure>> attempt(Job& job, bool fresh, bool& stale);
    asio::awaitable<std::optional<Failure>> connect(Connection& connection, const Url& url, Watch& watch);
    asio::awaitable<std::optional<Failure>> tunnel(Connection& connection, const Url& url, Watch& watch);
    std::string head_text(const Request& request) const;
    std::unique_ptr<Connection> take_kept(const Url& url);
    void keep(const Url& url, std::unique_ptr<Connection> connection);
    bool by_proxy(const Url& url) const { return proxy && !is_exempt(url, no_proxy); }

    const Milliseconds connect_limit, idle_limit;
    const std::optional<Proxy> proxy;
    const std::string no_proxy;
    Counters counters;

    asio::io_context io{1};
    asio::thread_pool disk{1};
    // Network thread only.
    TrustStore trust;
    std::map<std::string, std::list<std::unique_ptr<Connection>>> kept;
    std::list<std::weak_ptr<Job>> jobs;
    std::string stopped; // why no job may begin any more

    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::thread thread;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

void Transport::Core::begin(const std::shared_ptr<Job>& job)
{
    asio::post(io, [this, job] {
        if (!stopped.empty()) {
            job->mailbox.finish(make_failure(FailureKind::cancelled, stopped, false));
            return;
        }
        if (const auto problem = find_unsafe(job->request)) {
            job->mailbox.finish(make_failure(FailureKind::internal, *problem, false));
            return;
        }
        job->watch = std::make_shared<Watch>(io, job->request.deadline);
        jobs.remove_if([](const std::weak_ptr<Job>& other) { return other.expired(); });
        jobs.push_back(job);
        // serve() lets no exception out, so there is nothing to hand on here.
        asio::co_spawn(io, serve(job), [](const std::exception_ptr&) {});
    });
}

void Transport::Core::abandon(const std::shared_ptr<Job>& job)
{
    asio::post(io, [job] {
        if (job->watch) {
            job->watch->abort(FailureKind::cancelled, "no longer wanted");
            job->space.cancel();
        }
    });
}

void Transport::Core::abort_all(const std::string& why)
{
    stopped = why;
    for (const std::weak_ptr<Job>& entry : jobs) {
        if (const auto job = entry.lock()) {
            job->watch->abort(FailureKind::cancelled, why);
            job->space.cancel();
        }
    }
    kept.clear();
}

asio::awaitable<void> Transport::Core::serve(std::shared_ptr<Job> job)
{
    std::optional<Failure> failure;
    try {
        bool stale = false;
        failure = co_await attempt(*job, false, stale);
        if (stale && !job->watch->fired()) {
            failure = co_await attempt(*job, true, stale);
        }
    } catch (const Error& error) {
        failure = make_failure(FailureKind::local_file, error.what(), false);
    } catch (...) {
        failure = make_failure(FailureKind::internal, "out of memory or threads", true);
    }
    if (failure && job->watch->fired()) {
        const bool maybe_done = failure->maybe_done;
        failure = job->watch->fired();
        failure->maybe_done = maybe_done;
    }
    job->watch->finish();
    job->mailbox.finish(std::move(failure));
}

asio::awaitable<std::optional<Failure>> Transport::Core::attempt(Job& job, bool fresh, bool& stale)
{
    stale = false;
    Watch& watch = *job.watch;
    std::optional<Failure> failure;
    std::unique_ptr<Connection> connection;
    if (!fresh) {
        connection = take_kept(job.request.url);
    }
    const bool reused = connection != nullptr;
    if (!reused) {
        connection = std::make_unique<Connection>(io);
    }
    const Detach detach{watch};
    watch.attach([raw = connection.get()] { raw->close(); });
    if (!reused) {
        failure = co_await connect(*connection, job.request.url, watch);
        if (failure || watch.fired()) {
            co_return failure ? failure : watch.fired();
        }
    }
    std::string head_lines = head_text(job.request);
    const std::optional<Failure> unsent =
        co_await send_request(*connection, job, std::move(head_lines), idle_limit, disk, counters);
    if (unsent && (watch.fired() || unsent->kind == FailureKind::local_file)) {
        co_return unsent;
    }
    // A server that has seen enough answers and closes: its reply says more than the broken pipe.
    watch.allow(idle_limit * job.request.patience, "no reply");
    ReplyReader reader(*connection, watch, idle_limit, counters);
    ReplyHead head;
    failure = co_await reader.read_head(head);
    if (failure) {
        stale =
            reused && !reader.begun() && can_begin_again(job.request) && failure->kind == FailureKind::lost;
        co_return failure;
    }
    if (unsent && head.status / 100 == 2) {
        co_return unsent; // it cannot have taken what was never sent
    }
    job.mailbox.put_head(std::move(head));
    if (job.streamed) {
        failure = co_await reader.read_pieces(job);
    } else {
        std::string body;
        failure = co_await reader.read_body(job.request.reply_limit, body);
        job.mailbox.put_body(std::move(body));
    }
    if (!failure && !unsent && !watch.fired() && reader.reusable()) {
        watch.attach(nullptr);
        keep(job.request.url, std::move(connection));
    }
    co_return failure;
}

asio::awaitable<std::optional<Failure>> Transport::Core::connect(Connection& connection, const Url& url,
                                                                 Watch& watch)
{
    watch.allow(connect_limit, "no connection");
    const bool proxied = by_proxy(url);
    const std::string host = proxied ? proxy->host : url.host;
    const std::uint16_t port = proxied ? proxy->port : url.port;
    std::optional<Failure> failure =
        co_await connection.connect(host, port, Clock::now() + connect_limit, watch);
    if (failure && proxied) {
        failure->text = "through the proxy: " + failure->text;
    }
    if (!failure && proxied && url.secure) {
        failure = co_await tunnel(connection, url, watch);
    }
    if (!failure && url.secure) {
        failure = co_await connection.start_tls(url.host, trust);
    }
    co_return failure;
}

asio::awaitable<std::optional<Failure>> Transport::Core::tunnel(Connection& connection, const Url& url,
                                                                Watch& watch)
{
    const std::string bare = url.host.find(':') != std::string::npos ? "[" + url.host + "]" : url.host;
    const std::string target = bare + ":" + std::to_string(url.port);
    const std::string who = "the proxy " + proxy->host;
    std::string text = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!proxy->authorization.empty()) {
        text += "Proxy-Authorization: " + proxy->authorization + "\r\n";
    }
    text += "\r\n";
    error_code broken;
    co_await connection.write(asio::buffer(text), broken);
    if (broken) {
        co_return make_failure(FailureKind::no_connection, who + ": " + broken.message(), false);
    }
    ReplyReader reader(connection, watch, idle_limit, counters);
    ReplyHead head;
    const std::optional<Failure> failure = co_await reader.read_head(head);
    if (failure) {
        co_return make_failure(FailureKind::no_connection, who + ": " + failure->text, false);
    }
    if (head.status / 100 != 2) {
        // 502 to 504: the proxy could not reach the host just now. Anything else will not change by itself.
        const bool passing = head.status >= 502 && head.status <= 504;
        co_return make_failure(passing ? FailureKind::no_connection : FailureKind::refused_by_proxy,
                               who + " answered " + std::to_string(head.status) + " for " + target, false);
    }
    if (connection.begin != connection.end) {
        co_return make_failure(FailureKind::bad_reply, who + " sent more than it was asked for", false);
    }
    co_return std::nullopt;
}

std::string Transport::Core::head_text(const Request& request) const
{
    const Url& url = request.url;
    const bool absolute = !url.secure && by_proxy(url);
    std::string text = request.method + " " + (absolute ? url.text() : url.target) + " HTTP/1.1\r\n";
    text += "Host: " + url.authority() + "\r\nUser-Agent: skulk-weights/" SKW_VERSION "\r\n";
    text += "Accept-Encoding: identity\r\n";
    if (absolute && !proxy->authorization.empty()) {
        text += "Proxy-Authorization: " + proxy->authorization + "\r\n";
    }
    return text;
}

std::unique_ptr<Connection> Transport::Core::take_kept(const Url& url)
{
    const auto host = kept.find(url.origin());
    while (host != kept.end() && !host->second.empty()) {
        std::unique_ptr<Connection> connection = std::move(host->second.back());
        host->second.pop_back();
        if (Clock::now() - connection->idle_since < kept_for && connection->still_open()) {
            return connection;
        }
    }
    return nullptr;
}

void Transport::Core::keep(const Url& url, std::unique_ptr<Connection> connection)
{
    std::list<std::unique_ptr<Connection>>& list = kept[url.origin()];
    connection->idle_since = Clock::now();
    list.push_back(std::move(connection));
    if (list.size() > kept_per_host) {
        list.pop_front();
    }
}

Transport::Transport(const Settings& settings, std::stop_token stop) : core_(std::make_shared<Core>(settings))
{
    Core* const core = core_.get();
    core->work.emplace(core->io.get_executor());
    core->thread = std::thread([core] { core->io.run(); });
    core->on_stop.emplace(
        std::move(stop), [core] { asio::post(core->io, [core] { core->abort_all("stopped on request"); }); });
}

Transport::~Transport()
{
    Core* const core = core_.get();
    core->on_stop.reset();
    asio::post(core->io, [core] {
        core->abort_all("the client was closed");
        core->work.reset(); // run() returns when the aborted jobs have ended
    });
    core->thread.join();
}

std::variant<Reply, Failure> Transport::run(Request request)
{
    const auto job = std::make_shared<Job>(core_->io, std::move(request), false);
    core_->begin(job);
    const std::stop_callback stopped(job->request.stop, [&] { core_->abandon(job); });
    return job->mailbox.wait_reply();
}

std::unique_ptr<Download> Transport::open(Request request)
{
    struct Streamed final : Download {
        Streamed(std::shared_ptr<Core> shared, std::shared_ptr<Job> begun)
            : core(std::move(shared)),
              job(std::move(begun)),
              stopped(job->request.stop, [this] { core->abandon(job); })
        {
        }
        ~Streamed() override { core->abandon(job); }
        std::variant<ReplyHead, Failure> wait_head() override { return job->mailbox.wait_head(); }
        std::variant<std::size_t, Failure> read(std::span<std::byte> into) override
        {
            return job->mailbox.read(into);
        }
        std::shared_ptr<Core> core; // before the job, whose timer needs it to the end
        std::shared_ptr<Job> job;
        std::stop_callback<std::function<void()>> stopped;
    };
    auto job = std::make_shared<Job>(core_->io, std::move(request), true);
    core_->begin(job);
    return std::make_unique<Streamed>(core_, std::move(job));
}

Traffic Transport::traffic() const noexcept
{
    Traffic out;
    out.requests = core_->counters.requests;
    out.received_bytes = core_->counters.received;
    out.sent_bytes = core_->counters.sent;
    return out;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Connections, TLS and deadlines on Asio.
#include "hub/wire.hpp"

#include "hub/lookup.hpp"
#include "support/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace skw::hub {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t receive_bytes = 72u << 10; // more than the largest header block that is accepted

Failure fail(FailureKind kind, std::string text)
{
    Failure failure;
    failure.kind = kind;
    failure.text = printable(text, 300);
    return failure;
}

std::string seconds_text(Milliseconds time)
{
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                    : std::to_string(time.count()) + " ms";
}

// While a connection is made, ending it takes more than closing the socket; afterwards that will do.
struct Reattach {
    Watch& watch;
    Connection& connection;
    ~Reattach()
    {
        watch.attach([connection = &connection] { connection->close(); });
    }
};

} // namespace

Watch::Watch(asio::io_context& io, std::optional<Clock::time_point> whole)
    : timer_(io),
      whole_(whole.value_or(Clock::time_point::max()))
{
}

void Watch::allow(Milliseconds time, const char* doing)
{
    step_ = Clock::now() + time;
    step_time_ = time;
    doing_ = doing;
    // A later deadline needs no new timer: tick() looks again when the old one rings.
    if (std::min(step_, whole_) < armed_) {
        tick();
    }
}

void Watch::rest()
{
    step_ = Clock::time_point::max();
}

void Watch::tick()
{
    armed_ = std::min(step_, whole_);
    if (armed_ == Clock::time_point::max()) {
        return;
    }
    timer_.expires_at(armed_);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (cancelled || self->finished_ || self->fired_) {
            return;
        }
        const Clock::time_point now = Clock::now();
        if (now >= self->whole_) {
            self->abort(FailureKind::timed_out, "the time for the whole call is up");
        } else if (now >= self->step_) {
            self->abort(FailureKind::timed_out,
                        std::string(self->doing_) + " for " + seconds_text(self->step_time_));
        } else if (self->armed_ <= now) {
            self->tick();
        }
    });
}

void Watch::abort(FailureKind why, std::string text)
{
    if (!fired_ && !finished_) {
        fired_ = fail(why, std::move(text));
        if (close_) {
            close_();
        }
    }
}

void Watch::finish()
{
    finished_ = true;
    close_ = nullptr;
    timer_.cancel();
}

std::optional<Failure> TrustStore::load()
{
    if (context_) {
        return std::nullopt;
    }
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_verify_mode(asio::ssl::verify_peer);
    error_code failure;
    if (file_.empty() && folder_.empty()) {
        context.set_default_verify_paths(failure);
    }
    if (!file_.empty()) {
        context.load_verify_file(file_, failure);
    }
    if (!failure && !folder_.empty()) {
        context.add_verify_path(folder_, failure);
    }
    if (failure) {
        return fail(FailureKind::bad_certificate, "the certificate store \"" +
                                                      (file_.empty() ? folder_ : file_) +
                                                      "\" cannot be read: " + failure.message());
    }
    context_.emplace(std::move(context));
    return std::nullopt;
}

Connection::Connection(asio::io_context& io) : received(receive_bytes), io_(io), socket_(io) {}

asio::awaitable<std::optional<Failure>> Connection::connect(std::string host, std::uint16_t port,
                                                            Clock::time_point limit, Watch& watch)
{
    std::function<void()> leave;
    const Reattach reattach{watch, *this};
    watch.attach([this, &leave] {
        if (leave) {
            leave();
        }
        close();
    });
    const Addresses found = co_await look_up(io_, host, port, leave);
    if (watch.fired()) {
        co_return watch.fired();
    }
    if (!found.problem.empty()) {
        co_return fail(found.unknown_name ? FailureKind::no_such_host : FailureKind::no_connection,
                       "the address of " + host + " cannot be found: " + found.problem);
    }
    error_code failure;
    for (std::size_t i = 0; i < found.endpoints.size(); ++i) {
        // One address that swallows packets must not use up the time of the others.
        const auto left = static_cast<Clock::rep>(found.endpoints.size() - i);
        asio::steady_timer slice(io_, Clock::now() + (limit - Clock::now()) / left);
        // The timer may ring together with the connection: its handler then runs when we may be gone.
        const auto waiting = std::make_shared<bool>(true);
        slice.async_wait([this, waiting](error_code cancelled) {
            if (!cancelled && *waiting) {
                close();
            }
        });
        const asio::ip::tcp::endpoint endpoint = found.endpoints[i];
        failure = {};
        co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, failure));
        *waiting = false;
        if (slice.cancel() == 0 && !failure) {
            failure = asio::error::timed_out; // it rang just as the connection came, and may have closed it
        }
        if (watch.fired()) {
            co_return watch.fired();
        }
        if (!failure) {
            error_code ignored;
            socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
            co_return std::nullopt;
        }
        close();
    }
    if (failure == asio::error::operation_aborted) {
        failure = asio::error::timed_out;
    }
    co_return fail(FailureKind::no_connection,
                   "no connection to " + host + ":" + std::to_string(port) + ": " + failure.message());
}

asio::awaitable<std::optional<Failure>> Connection::start_tls(std::string host, TrustStore& trust)
{
    if (const auto failure = trust.load()) {
        co_return failure;
    }
    tls_.emplace(socket_, trust.context());
    SSL* const ssl = tls_->native_handle();
    error_code no_address;
    asio::ip::make_address(host, no_address);
    bool named = false;
    if (no_address) {
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        named = SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
    } else {
        named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    if (!named) { // without a name to check, every valid certificate of anybody would do
        co_return fail(FailureKind::bad_certificate, "the name " + host + " cannot be checked");
    }
    error_code failure;
    co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                   asio::redirect_error(asio::use_awaitable, failure));
    if (!failure) {
        co_return std::nullopt;
    }
    if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK) {
        co_return fail(FailureKind::bad_certificate, "the certificate of " + host + " is not accepted: " +
                                                         X509_verify_cert_error_string(verdict));
    }
    co_return fail(FailureKind::no_connection, "no TLS connection to " + host + ": " + failure.message());
}

asio::awaitable<std::size_t> Connection::read_some(asio::mutable_buffer into, error_code& failure)
{
    std::size_t got = 0;
    if (tls_) {
        got = co_await tls_->async_read_some(into, asio::redirect_error(asio::use_awaitable, failure));
    } else {
        got = co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, failure));
    }
    co_return got;
}

asio::awaitable<void> Connection::write(asio::const_buffer bytes, error_code& failure)
{
    if (tls_) {
        co_await asio::async_write(*tls_, bytes, asio::redirect_error(asio::use_awaitable, failure));
    } else {
        co_await asio::async_write(socket_, bytes, asio::redirect_error(asio::use_awaitable, failure));
    }
}

void Connection::close() noexcept
{
    error_code ignored;
    socket_.close(ignored);
}

bool Connection::still_open()
{
    if (!socket_.is_open() || begin != end) {
        return false;
    }
    char byte = 0;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    return got > 0 && tls_.has_value(); // TLS tickets come unasked; on plain TCP nothing may
}

} // namespace skw::hub

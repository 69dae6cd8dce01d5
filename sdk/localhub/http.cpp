// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 by Beast's parser over our own sockets: the only file of the local Hub that includes Beast.
#include "localhub/http.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <ctime>
#include <list>
#include <mutex>
#include <thread>

namespace skw::localhub {
namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using Clock = std::chrono::steady_clock;
using Parser = beast::http::request_parser<beast::http::buffer_body>;

// The deadline of the next byte: one idle time away, but never later than the slowest pace allows in all.
class Pace {
public:
    explicit Pace(const HttpLimits& limits) : limits_(&limits), begin_(Clock::now()) {}
    void moved(std::uint64_t bytes) noexcept { bytes_ += bytes; }
    Deadline deadline() const
    {
        const auto earned = std::chrono::seconds(bytes_ / limits_->slowest_bytes_per_second);
        return std::min(Clock::now() + limits_->idle, begin_ + limits_->idle + earned);
    }

private:
    const HttpLimits* limits_;
    Clock::time_point begin_;
    std::uint64_t bytes_ = 0;
};

// What Beast reads from.
class Wire {
public:
    explicit Wire(Socket& socket) : socket_(&socket) {}
    Deadline until;
    std::uint64_t received = 0;

    template<class Buffers>
    std::size_t read_some(const Buffers& buffers, beast::error_code& error)
    {
        const net::mutable_buffer first = *net::buffer_sequence_begin(buffers);
        try {
            const std::size_t got =
                socket_->read(std::span(static_cast<std::byte*>(first.data()), first.size()), until);
            error = got == 0 && first.size() != 0 ? beast::error_code(net::error::eof) : beast::error_code();
            received += got;
            return got;
        } catch (const ConnectionLost& lost) {
            error = lost.timed_out ? beast::error_code(net::error::timed_out)
                                   : beast::error_code(net::error::connection_reset);
            return 0;
        }
    }
    template<class Buffers>
    std::size_t read_some(const Buffers& buffers)
    {
        beast::error_code error;
        const std::size_t got = read_some(buffers, error);
        if (error) {
            throw beast::system_error(error);
        }
        return got;
    }

private:
    Socket* socket_;
};

class Body : public BodyReader {
public:
    Body(Socket& socket, Wire& wire, beast::flat_buffer& buffer, Parser& parser, const HttpLimits& limits)
        : socket_(socket), wire_(wire), buffer_(buffer), parser_(parser), pace_(limits),
          expected_(parser.get()[beast::http::field::expect] == "100-continue")
    {
    }
    std::size_t read(std::span<std::byte> into) override
    {
        if (std::exchange(expected_, false) && !parser_.is_done()) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            socket_.write(std::as_bytes(std::span(go_on)), pace_.deadline());
        }
        while (!parser_.is_done() && !into.empty()) {
            auto& body = parser_.get().body();
            body.data = into.data();
            body.size = into.size();
            beast::error_code error;
            wire_.until = pace_.deadline();
            beast::http::read_some(wire_, buffer_, parser_, error);
            if (error && error != beast::http::error::need_buffer) {
                throw ConnectionLost{.timed_out = error == net::error::timed_out};
            }
            if (const std::size_t got = into.size() - body.size; got > 0) {
                pace_.moved(got);
                return got;
            }
        }
        return 0;
    }
    bool done() const { return parser_.is_done(); }
    bool awaits_go_on() const { return expected_; } // the client has not sent the body yet

private:
    Socket& socket_;
    Wire& wire_;
    beast::flat_buffer& buffer_;
    Parser& parser_;
    Pace pace_;
    bool expected_;
};

std::string http_date()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 64> text{};
    return std::string(text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::string head_of(const HttpReply& reply, bool keep)
{
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
    const auto known = beast::http::int_to_status(static_cast<unsigned>(reply.status));
    head += std::string(beast::http::obsolete_reason(known)) + "\r\nDate: " + http_date() + "\r\n";
    for (const auto& [name, value] : reply.headers) {
        head += name + ": ";
        for (const char c : value) { // a line break in a value would be a second header
            head += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '_' : c;
        }
        head += "\r\n";
    }
    if (reply.status != 304) {
        head += "Content-Length: " + std::to_string(reply.body_bytes()) + "\r\n";
    }
    head += keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

// Sleeps, but not beyond the server's life.
void pause(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

// False: the connection has to be closed after this.
bool send(Socket& socket, HttpReply& reply, bool keep, bool with_body, const HttpLimits& limits,
          const std::stop_token& stop)
{
    if (reply.delivery.wait.count() > 0) {
        pause(reply.delivery.wait, stop);
    }
    if (reply.delivery.drop) {
        return false;
    }
    Pace pace(limits);
    const std::string head = head_of(reply, keep && !reply.delivery.cut_after);
    std::uint64_t left = with_body ? reply.body_bytes() : 0;
    const bool cut = reply.delivery.cut_after && *reply.delivery.cut_after < left;
    left = cut ? *reply.delivery.cut_after : left;
    // A small body goes out with the header, so that a reader gets one packet.
    const bool slow = reply.delivery.pause.count() > 0;
    if (!reply.source && left < (64u << 10) && !slow) {
        if (reply.sending) {
            reply.sending(left);
        }
        const std::string all = head + reply.text.substr(0, static_cast<std::size_t>(left));
        socket.write(std::as_bytes(std::span(all)), pace.deadline());
        return !reply.delivery.cut_after;
    }
    socket.write(std::as_bytes(std::span(head)), pace.deadline());
    std::vector<std::byte> block(reply.source ? (slow ? 16u << 10 : 256u << 10) : 0);
    for (std::size_t at = 0; left > 0;) {
        std::span<const std::byte> piece;
        if (reply.source) {
            const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
            piece = std::span(block).first(reply.source->read(std::span(block).first(want)));
            if (piece.empty()) {
                return false; // less than announced: only closing tells the client
            }
        } else {
            piece = std::as_bytes(std::span(reply.text)).subspan(at, static_cast<std::size_t>(
                std::min<std::uint64_t>(left, 16u << 10)));
            at += piece.size();
        }
        if (slow) {
            pause(reply.delivery.pause, stop);
        }
        if (reply.sending) {
            reply.sending(piece.size());
        }
        socket.write(piece, pace.deadline());
        pace.moved(piece.size());
        left -= piece.size();
    }
    return !reply.delivery.cut_after;
}

HttpReply refusal(int status, std::string_view text)
{
    HttpReply reply;
    reply.status = status;
    reply.add("Content-Type", "application/json; charset=utf-8");
    reply.add("X-Error-Message", std::string(text));
    reply.text = "{\"error\":\"" + std::string(text) + "\"}";
    return reply;
}

// Takes what the client still sends, so that it reads our reply instead of a reset connection.
void drain(Body& body)
{
    std::vector<std::byte> block(64u << 10);
    for (std::uint64_t taken = 0; taken < (1u << 30);) {
        const std::size_t got = body.read(block);
        if (got == 0) {
            return;
        }
        taken += got;
    }
}

// Reads one request's header. False: answer is the refusal to send, if it has a status at all.
bool read_head(Wire& wire, beast::flat_buffer& buffer, Parser& parser, const HttpLimits& limits,
               HttpReply& answer)
{
    beast::error_code error;
    answer.status = 0;
    if (buffer.size() == 0) {
        wire.until = Clock::now() + limits.keep_alive;
        const auto place = buffer.prepare(8192);
        buffer.commit(wire.read_some(place, error));
        if (error) {
            return false;
        }
    }
    wire.until = Clock::now() + limits.header_time;
    beast::http::read_header(wire, buffer, parser, error);
    if (!error) {
        return true;
    }
    if (error == net::error::timed_out) {
        answer = refusal(408, "The request header took too long.");
    } else if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
        answer = refusal(431, "The request header is too large.");
    } else if (error.category() == make_error_code(beast::http::error::bad_method).category() &&
               error != beast::http::error::end_of_stream && error != beast::http::error::partial_message) {
        answer = refusal(400, "This is not an HTTP/1.1 request.");
    }
    return false;
}

HttpRequest request_of(const Parser& parser, BodyReader& body, const std::stop_token& stop)
{
    HttpRequest request;
    request.method = std::string(parser.get().method_string());
    request.target = std::string(parser.get().target());
    for (const auto& field : parser.get()) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
        request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    if (const auto length = parser.content_length()) {
        request.content_length = *length;
    } else if (!parser.chunked()) {
        request.content_length = 0;
    }
    request.body = &body;
    request.stop = stop;
    return request;
}

// Tells that the reply has ended, also when the client left in the middle of it.
class Farewell {
public:
    explicit Farewell(const HttpReply& reply) : reply_(reply) {}
    ~Farewell()
    {
        if (reply_.sent) {
            reply_.sent();
        }
    }
    Farewell(const Farewell&) = delete;
    Farewell& operator=(const Farewell&) = delete;

private:
    const HttpReply& reply_;
};

void serve(Socket& socket, const HttpHandler& handler, const HttpLimits& limits, const std::stop_token& stop)
{
    Wire wire(socket);
    beast::flat_buffer buffer(limits.header_bytes + (128u << 10));
    while (!stop.stop_requested()) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser.body_limit(boost::none);
        HttpReply reply;
        if (!read_head(wire, buffer, parser, limits, reply)) {
            if (reply.status != 0) {
                send(socket, reply, false, true, limits, stop);
                socket.finish_sending();
            }
            return;
        }
        Body body(socket, wire, buffer, parser, limits);
        HttpRequest request = request_of(parser, body, stop);
        reply = handler(request);
        // A client that waits for our "go on" has sent nothing, and after a final reply it must not.
        const bool unread = !body.done();
        bool keep = parser.get().keep_alive() && !unread;
        const Farewell farewell(reply);
        keep = send(socket, reply, keep, request.method != "HEAD" && reply.status != 304, limits, stop) && keep;
        if (!keep) {
            if (unread && !body.awaits_go_on() && !reply.delivery.drop) {
                socket.finish_sending();
                drain(body);
            }
            return;
        }
    }
}

} // namespace

std::string_view HttpRequest::header(std::string_view lower_case_name) const
{
    const auto at = std::find_if(headers.begin(), headers.end(),
                                 [&](const auto& field) { return field.first == lower_case_name; });
    return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

std::string* HttpReply::find(std::string_view name)
{
    const auto at = std::find_if(headers.begin(), headers.end(), [&](auto& field) { return field.first == name; });
    return at == headers.end() ? nullptr : &at->second;
}

struct HttpListener::State {
    struct Connection {
        explicit Connection(int descriptor) : socket(descriptor) {}
        Socket socket;
        std::thread thread;
        std::atomic<bool> done{false};
    };

    State(const std::string& address, std::uint16_t port, HttpHandler what, HttpLimits bounds)
        : acceptor(address, port), handler(std::move(what)), limits(bounds)
    {
    }

    void run()
    {
        for (int peer = acceptor.accept(); peer >= 0; peer = acceptor.accept()) {
            const auto connection = std::make_shared<Connection>(peer);
            const std::lock_guard lock(mutex);
            reap();
            if (connections.size() >= limits.connections) {
                turn_away(connection->socket);
                continue;
            }
            try {
                connection->thread = std::thread([this, one = connection.get()] { serve_one(*one); });
                connections.push_back(connection);
            } catch (const std::system_error&) {
                turn_away(connection->socket);
            }
        }
    }
    void turn_away(Socket& socket)
    {
        try {
            HttpReply reply = refusal(503, "Too many connections.");
            reply.add("Retry-After", "1");
            send(socket, reply, false, true, limits, stop.get_token());
        } catch (const ConnectionLost&) {
        }
    }
    void serve_one(Connection& one) noexcept
    {
        try {
            serve(one.socket, handler, limits, stop.get_token());
        } catch (...) { // the client left, or the handler gave up: in both cases nothing can be said
        }
        one.socket.wake(); // the peer reads the end now, not when the thread is joined
        one.done = true;
    }
    void reap() // with the mutex held
    {
        connections.remove_if([](const std::shared_ptr<Connection>& one) {
            if (!one->done) {
                return false;
            }
            one->thread.join();
            return true;
        });
    }

    Acceptor acceptor;
    HttpHandler handler;
    HttpLimits limits;
    std::stop_source stop;
    std::mutex mutex;
    std::list<std::shared_ptr<Connection>> connections;
    std::thread accepting;
};

HttpListener::HttpListener(const std::string& address, std::uint16_t port, HttpHandler handler, HttpLimits limits)
    : state_(std::make_unique<State>(address, port, std::move(handler), limits))
{
    state_->accepting = std::thread([state = state_.get()] { state->run(); });
}

HttpListener::~HttpListener()
{
    state_->stop.request_stop();
    state_->acceptor.stop();
    state_->accepting.join();
    for (const auto& one : state_->connections) { // no more connections come: no lock is needed
        one->socket.wake();
    }
    for (const auto& one : state_->connections) {
        one->thread.join();
    }
}

std::uint16_t HttpListener::port() const
{
    return state_->acceptor.port();
}

} // namespace skw::localhub

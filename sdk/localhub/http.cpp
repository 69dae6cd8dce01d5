// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 by Beast's parser over our own sockets: the only file of the local Hub that includes Beast.
#include "localhub/connection.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <array>

namespace skw::localhub {
namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using Clock = std::chrono::steady_clock;
using Parser = beast::http::request_parser<beast::http::buffer_body>;

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
        : socket_(socket),
          wire_(wire),
          buffer_(buffer),
          parser_(parser),
          pace_(limits),
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

// Takes what the client still sends, so that it reads our reply instead of a reset connection.
void drain(Body& body, const HttpLimits& limits)
{
    std::vector<std::byte> block(64u << 10);
    const auto end = Clock::now() + limits.idle;
    while (Clock::now() < end && body.read(block) > 0) {
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
        answer = http_refusal(408, "The request header took too long.");
    } else if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
        answer = http_refusal(431, "The request header is too large.");
    } else if (error.category() == make_error_code(beast::http::error::bad_method).category() &&
               error != beast::http::error::end_of_stream && error != beast::http::error::partial_message) {
        answer = http_refusal(400, "This is not an HTTP/1.1 request.");
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

} // namespace

void serve_connection(Socket& socket, const HttpHandler& handler, const HttpLimits& limits,
                      const std::stop_token& stop)
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
                send_reply(socket, reply, false, true, limits, stop);
                socket.finish_sending();
            }
            return;
        }
        Body body(socket, wire, buffer, parser, limits);
        HttpRequest request = request_of(parser, body, stop);
        const bool head = request.method == "HEAD";
        reply = handler(request);
        // A client that waits for our "go on" has sent nothing, and after a final reply it must not.
        const bool unread = !body.done();
        bool keep = parser.get().keep_alive() && !unread;
        const Farewell farewell(reply);
        keep = send_reply(socket, reply, keep, !head && reply.status != 304, limits, stop) && keep;
        if (!keep) {
            if (unread && !body.awaits_go_on() && !reply.delivery.drop) {
                socket.finish_sending();
                drain(body, limits);
            }
            return;
        }
    }
}

} // namespace skw::localhub

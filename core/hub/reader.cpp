// SPDX-License-Identifier: Apache-2.0
// Reads replies with Beast's parser, and is the only file that sees Beast. The parser is fed by hand: limits,
// counts and back-pressure are in one loop, and it is compiled once for TCP and TLS.
#include "hub/exchange.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>

namespace skw::hub {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint32_t header_bytes = 64u << 10;
constexpr std::size_t header_count = 200;
constexpr int interim_replies = 8; // "100 Continue" and its like
constexpr std::size_t block_bytes = 32u << 10;

} // namespace

struct ReplyReader::Parser : http::response_parser<http::buffer_body> {
    void give(void* data, std::size_t size)
    {
        get().body().data = data;
        get().body().size = size;
        get().body().more = true;
    }
    std::size_t room() const { return get().body().size; }
};

ReplyReader::ReplyReader(Connection& connection, Watch& watch, Milliseconds idle_limit, Counters& counters)
    : connection_(connection),
      watch_(watch),
      idle_limit_(idle_limit),
      counters_(counters)
{
}

ReplyReader::~ReplyReader() = default;

// Moves what is not parsed yet to the front; empty = the buffer is full of one unfinished line.
asio::mutable_buffer ReplyReader::free_space()
{
    Connection& c = connection_;
    if (c.begin > 0) {
        std::copy(c.received.begin() + static_cast<std::ptrdiff_t>(c.begin),
                  c.received.begin() + static_cast<std::ptrdiff_t>(c.end), c.received.begin());
        c.end -= c.begin;
        c.begin = 0;
    }
    return asio::mutable_buffer(c.received.data() + c.end, c.received.size() - c.end);
}

asio::awaitable<std::optional<Failure>> ReplyReader::read_head(ReplyHead& head)
{
    Connection& c = connection_;
    for (int round = 0; round <= interim_replies; ++round) {
        parser_ = std::make_unique<Parser>();
        parser_->header_limit(header_bytes);
        parser_->body_limit(boost::none);
        parser_->eager(false);
        for (;;) {
            error_code odd;
            if (c.begin != c.end) {
                c.begin +=
                    parser_->put(asio::const_buffer(c.received.data() + c.begin, c.end - c.begin), odd);
            }
            if (odd && odd != http::error::need_more) {
                co_return make_failure(FailureKind::bad_reply,
                                       "the reply is not valid HTTP: " + odd.message(), true);
            }
            if (parser_->is_header_done()) {
                break;
            }
            const asio::mutable_buffer space = free_space();
            if (space.size() == 0) {
                co_return make_failure(FailureKind::bad_reply, "the reply's header block is too long", true);
            }
            error_code broken;
            const std::size_t got = co_await c.read_some(space, broken);
            c.end += got;
            begun_ = begun_ || got > 0;
            if (broken) {
                co_return make_failure(FailureKind::lost,
                                       "the connection ended before the reply: " + broken.message(), true);
            }
        }
        const auto& message = parser_->get();
        if (message.result_int() / 100 == 1 && message.result_int() != 101) {
            continue;
        }
        head = ReplyHead();
        head.status = static_cast<int>(message.result_int());
        for (const auto& field : message.base()) {
            Header header;
            header.name = std::string(field.name_string());
            header.value = std::string(field.value());
            head.headers.push_back(std::move(header));
        }
        if (head.headers.size() > header_count) {
            co_return make_failure(FailureKind::bad_reply, "the reply has too many headers", true);
        }
        co_return std::nullopt;
    }
    co_return make_failure(FailureKind::bad_reply, "too many interim replies", true);
}

// Hands the parser what has come, or waits for more. The parser's body buffer must have room.
asio::awaitable<std::optional<Failure>> ReplyReader::parse_more()
{
    Connection& c = connection_;
    error_code odd;
    if (c.begin != c.end) {
        const std::size_t room = parser_->room();
        c.begin += parser_->put(asio::const_buffer(c.received.data() + c.begin, c.end - c.begin), odd);
        counters_.received += room - parser_->room();
        if (odd && odd != http::error::need_more && odd != http::error::need_buffer) {
            co_return make_failure(FailureKind::bad_reply, "the reply is not valid HTTP: " + odd.message(),
                                   true);
        }
        if (odd != http::error::need_more || parser_->is_done()) {
            co_return std::nullopt;
        }
    }
    const asio::mutable_buffer space = free_space(); // only a part of a chunk's header can be left over
    if (space.size() == 0) {
        co_return make_failure(FailureKind::bad_reply, "the reply has an endless chunk header", true);
    }
    watch_.allow(idle_limit_, "no byte came");
    error_code broken;
    const std::size_t got = co_await c.read_some(space, broken);
    c.end += got;
    if (broken == asio::error::eof) {
        odd = {};
        parser_->put_eof(odd); // right where the reply's length is "until the end"
        if (!odd) {
            co_return std::nullopt;
        }
    }
    if (broken) {
        co_return make_failure(FailureKind::lost,
                               "the connection ended before the whole reply: " + broken.message(), true);
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> ReplyReader::read_body(std::uint64_t limit, std::string& body)
{
    const std::string too_large =
        "the reply is larger than the " + std::to_string(limit) + " bytes allowed here";
    if (const auto length = parser_->content_length(); length && *length > limit) {
        co_return make_failure(FailureKind::bad_reply, too_large, true);
    }
    std::vector<char> block(block_bytes);
    while (!parser_->is_done()) {
        parser_->give(block.data(), block.size());
        std::optional<Failure> failure = co_await parse_more();
        body.append(block.data(), block.size() - parser_->room());
        if (failure) {
            co_return failure;
        }
        if (body.size() > limit) {
            co_return make_failure(FailureKind::bad_reply, too_large, true);
        }
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<Mailbox::Buffer>> ReplyReader::empty_buffer(Job& job)
{
    std::optional<Mailbox::Buffer> buffer = job.mailbox.take_empty();
    while (!buffer && !watch_.fired()) {
        watch_.rest();
        error_code woken;
        co_await job.space.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        buffer = job.mailbox.take_empty();
    }
    co_return buffer;
}

asio::awaitable<std::optional<Failure>> ReplyReader::read_pieces(Job& job)
{
    while (!parser_->is_done()) {
        std::optional<Mailbox::Buffer> buffer = co_await empty_buffer(job);
        if (!buffer || watch_.fired()) {
            co_return make_failure(FailureKind::lost, "stopped", true);
        }
        std::uint64_t size = Mailbox::buffer_bytes;
        if (const auto left = parser_->content_length_remaining()) {
            size = std::min<std::uint64_t>(size, std::max<std::uint64_t>(*left, 1));
        }
        buffer->resize(static_cast<std::size_t>(size));
        parser_->give(buffer->data(), buffer->size());
        std::optional<Failure> failure;
        while (!failure && !parser_->is_done() && parser_->room() > 0) {
            failure = co_await parse_more();
        }
        buffer->resize(buffer->size() - parser_->room());
        if (!buffer->empty()) {
            job.mailbox.put_full(std::move(*buffer)); // what came before a failure is good as well
        }
        if (failure) {
            co_return failure;
        }
    }
    co_return std::nullopt;
}

bool ReplyReader::reusable() const
{
    return parser_->is_done() && parser_->keep_alive() && connection_.begin == connection_.end;
}

} // namespace skw::hub

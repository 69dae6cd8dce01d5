// SPDX-License-Identifier: Apache-2.0
// Sends a request: its head, and its body from memory or from a part of a file.
#include "hub/exchange.hpp"

#include "hub/feed.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <span>

namespace skw::hub {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::uint64_t block_bytes = 256u << 10;

asio::awaitable<std::optional<std::string>> read_block(const File& file, std::uint64_t offset,
                                                       std::span<std::byte> into)
{
    std::optional<std::string> problem;
    try {
        if (file.read_at(offset, into) != into.size()) {
            problem = file.path().string() + " has become shorter while it was sent";
        }
    } catch (const Error& error) {
        problem = error.what();
    }
    co_return problem;
}

// A body that lies in memory, in a file or comes from another thread, and its bytes that are sent now.
struct Body {
    const std::string* text = nullptr;
    std::optional<File> file;
    std::shared_ptr<Feed> feed;
    std::uint64_t offset = 0, length = 0;
    std::vector<std::byte> read; // from the file
    std::optional<Block> taken;  // from the feed
    asio::const_buffer bytes;
};

Body open_body(const Request& request)
{
    Body body;
    if (const std::string* const text = std::get_if<std::string>(&request.body)) {
        body.text = text;
        body.length = text->size();
    } else if (const FilePart* const part = std::get_if<FilePart>(&request.body)) {
        body.file = File::open_read(part->path);
        body.offset = part->offset;
        body.length = part->length;
        body.read.resize(static_cast<std::size_t>(std::min(part->length, block_bytes)));
    } else {
        const FedBody& fed = std::get<FedBody>(request.body);
        body.feed = fed.feed;
        body.length = fed.length;
    }
    return body;
}

asio::awaitable<std::optional<Failure>> take_fed(Body& body, Job& job, std::uint64_t left)
{
    for (;;) {
        std::function<void()> ready = [shared = job.shared_from_this()] {
            asio::post(shared->space.get_executor(), [shared] { shared->space.cancel(); });
        };
        Taken taken = body.feed->take(std::move(ready));
        if (taken.block) {
            body.taken = std::move(taken.block);
            const std::span<const std::byte> content = body.taken->content();
            if (content.size() > left) {
                co_return make_failure(FailureKind::internal, "more content than was announced", true);
            }
            body.bytes = asio::const_buffer(content.data(), content.size());
            co_return std::nullopt;
        }
        if (!taken.problem.empty()) {
            co_return make_failure(FailureKind::local_file, taken.problem, true);
        }
        job.watch->rest(); // it is not the server that we wait for
        error_code woken;
        co_await job.space.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (job.watch->fired()) {
            co_return make_failure(FailureKind::lost, "stopped while sending", true);
        }
    }
}

// Sets the body's bytes to the next ones after `done`.
asio::awaitable<std::optional<Failure>> next_bytes(Body& body, Job& job, std::uint64_t done,
                                                   asio::thread_pool& disk)
{
    const auto size = static_cast<std::size_t>(std::min(body.length - done, block_bytes));
    std::optional<Failure> failure;
    if (body.text != nullptr) {
        body.bytes = asio::const_buffer(body.text->data() + done, size);
    } else if (body.feed) {
        failure = co_await take_fed(body, job, body.length - done);
    } else {
        job.watch->rest();
        const std::span<std::byte> into(body.read.data(), size);
        asio::awaitable<std::optional<std::string>> reading =
            read_block(*body.file, body.offset + done, into);
        const std::optional<std::string> problem =
            co_await asio::co_spawn(disk.get_executor(), std::move(reading), asio::use_awaitable);
        if (problem) {
            failure = make_failure(FailureKind::local_file, *problem, true);
        }
        body.bytes = asio::const_buffer(body.read.data(), size);
    }
    if (!failure && job.watch->fired()) {
        failure = make_failure(FailureKind::lost, "stopped while sending", true);
    }
    co_return failure;
}

} // namespace

Job::Job(asio::io_context& io, Request what, bool by_pieces)
    : request(std::move(what)),
      streamed(by_pieces),
      space(io, Clock::time_point::max()),
      mailbox([this, &io] { asio::post(io, [self = shared_from_this()] { self->space.cancel(); }); })
{
}

Failure make_failure(FailureKind kind, const std::string& text, bool maybe_done)
{
    Failure failure;
    failure.kind = kind;
    failure.text = printable(text, 300);
    failure.maybe_done = maybe_done;
    return failure;
}

asio::awaitable<std::optional<Failure>> send_request(Connection& connection, Job& job, std::string head_text,
                                                     Milliseconds idle_limit, asio::thread_pool& disk,
                                                     Counters& counters)
{
    const Request& request = job.request;
    Body body = open_body(request);
    if (body.length > 0 || request.method != "GET") {
        head_text += "Content-Length: " + std::to_string(body.length) + "\r\n";
    }
    for (const Header& header : request.headers) {
        head_text += header.name + ": " + header.value + "\r\n";
    }
    head_text += "\r\n";
    ++counters.requests;
    job.watch->allow(idle_limit, "nothing could be sent");
    error_code broken;
    co_await connection.write(asio::buffer(head_text), broken);
    if (request.sent) {
        request.sent(0);
    }
    for (std::uint64_t done = 0; !broken && done < body.length;) {
        std::optional<Failure> failure = co_await next_bytes(body, job, done, disk);
        if (failure) {
            co_return failure;
        }
        job.watch->allow(idle_limit, "nothing could be sent");
        co_await connection.write(body.bytes, broken);
        if (!broken) {
            done += body.bytes.size();
            counters.sent += body.bytes.size();
            if (request.sent) {
                request.sent(body.bytes.size());
            }
        }
    }
    if (broken) {
        co_return make_failure(FailureKind::lost, "the request could not be sent: " + broken.message(), true);
    }
    co_return std::nullopt;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Sends a request: its head, and its body from memory or from a part of a file.
#include "hub/exchange.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
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

// The next bytes of a body that lies in memory or in a file; the block is where the latter are read to.
struct Body {
    const std::string* text = nullptr;
    std::optional<File> file;
    std::uint64_t offset = 0, length = 0;
    std::vector<std::byte> block;
};

Body open_body(const Request& request)
{
    Body body;
    body.text = std::get_if<std::string>(&request.body);
    if (body.text != nullptr) {
        body.length = body.text->size();
        return body;
    }
    const FilePart& part = std::get<FilePart>(request.body);
    body.file = File::open_read(part.path);
    body.offset = part.offset;
    body.length = part.length;
    body.block.resize(static_cast<std::size_t>(std::min(part.length, block_bytes)));
    return body;
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
        const auto size = static_cast<std::size_t>(std::min(body.length - done, block_bytes));
        asio::const_buffer bytes;
        if (body.file) {
            job.watch->rest();
            const std::span<std::byte> into(body.block.data(), size);
            asio::awaitable<std::optional<std::string>> reading =
                read_block(*body.file, body.offset + done, into);
            const std::optional<std::string> problem =
                co_await asio::co_spawn(disk.get_executor(), std::move(reading), asio::use_awaitable);
            if (problem) {
                co_return make_failure(FailureKind::local_file, *problem, true);
            }
            bytes = asio::const_buffer(body.block.data(), size);
        } else {
            bytes = asio::const_buffer(body.text->data() + done, size);
        }
        if (job.watch->fired()) {
            co_return make_failure(FailureKind::lost, "stopped while sending", true);
        }
        job.watch->allow(idle_limit, "nothing could be sent");
        co_await connection.write(bytes, broken);
        if (!broken) {
            done += size;
            counters.sent += size;
            if (request.sent) {
                request.sent(size);
            }
        }
    }
    if (broken) {
        co_return make_failure(FailureKind::lost, "the request could not be sent: " + broken.message(), true);
    }
    co_return std::nullopt;
}

} // namespace skw::hub

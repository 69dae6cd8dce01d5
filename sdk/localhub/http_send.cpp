// SPDX-License-Identifier: Apache-2.0
// Replies on their way out, with the faults of their delivery.
#include "localhub/connection.hpp"

#include <array>
#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>

namespace skw::localhub {
namespace {

// The phrases of the statuses that occur; a client must not depend on them.
std::string_view reason_of(int status)
{
    static const std::map<int, std::string_view> reasons{{200, "OK"},
                                                         {206, "Partial Content"},
                                                         {302, "Found"},
                                                         {304, "Not Modified"},
                                                         {307, "Temporary Redirect"},
                                                         {400, "Bad Request"},
                                                         {401, "Unauthorized"},
                                                         {403, "Forbidden"},
                                                         {404, "Not Found"},
                                                         {405, "Method Not Allowed"},
                                                         {408, "Request Timeout"},
                                                         {409, "Conflict"},
                                                         {410, "Gone"},
                                                         {411, "Length Required"},
                                                         {412, "Precondition Failed"},
                                                         {413, "Content Too Large"},
                                                         {416, "Range Not Satisfiable"},
                                                         {422, "Unprocessable Content"},
                                                         {429, "Too Many Requests"},
                                                         {431, "Request Header Fields Too Large"},
                                                         {500, "Internal Server Error"},
                                                         {502, "Bad Gateway"},
                                                         {503, "Service Unavailable"},
                                                         {504, "Gateway Timeout"},
                                                         {507, "Insufficient Storage"}};
    const auto at = reasons.find(status);
    return at == reasons.end() ? std::string_view("Status") : at->second;
}

std::string http_date()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 64> text{};
    return std::string(text.data(),
                       std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::string head_of(const HttpReply& reply, bool keep)
{
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
    head += std::string(reason_of(reply.status)) + "\r\nDate: " + http_date() + "\r\n";
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

} // namespace

std::string_view HttpRequest::header(std::string_view lower_case_name) const
{
    const auto at = std::find_if(headers.begin(), headers.end(),
                                 [&](const auto& field) { return field.first == lower_case_name; });
    return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

std::string* HttpReply::find(std::string_view name)
{
    const auto at =
        std::find_if(headers.begin(), headers.end(), [&](auto& field) { return field.first == name; });
    return at == headers.end() ? nullptr : &at->second;
}

bool send_reply(Socket& socket, HttpReply& reply, bool keep, bool with_body, const HttpLimits& limits,
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
            piece = std::as_bytes(std::span(reply.text))
                        .subspan(at, static_cast<std::size_t>(std::min<std::uint64_t>(left, 16u << 10)));
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

HttpReply http_refusal(int status, std::string_view text)
{
    HttpReply reply;
    reply.status = status;
    reply.add("Content-Type", "application/json; charset=utf-8");
    reply.add("X-Error-Message", std::string(text));
    reply.text = "{\"error\":\"" + std::string(text) + "\"}";
    return reply;
}

} // namespace skw::localhub

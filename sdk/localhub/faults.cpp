// SPDX-License-Identifier: Apache-2.0
// The faults by name. docs/skulk-hub.md lists them for people.
#include "localhub/faults.hpp"

#include "localhub/refusal.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>

namespace skw::localhub {
namespace {

constexpr std::uint64_t default_cut = 1000, default_hang_seconds = 3600, default_pause = 100;

bool is_status(std::string_view name)
{
    return name.starts_with("status-") && name.size() == 10 &&
           std::all_of(name.begin() + 7, name.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           name[7] >= '2' && name[7] <= '5';
}

// Takes "<mark><digits>" off the end of a text.
std::optional<std::uint64_t> take_number(std::string_view& text, char mark)
{
    std::size_t begin = text.size();
    while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9') {
        --begin;
    }
    std::uint64_t value = 0;
    if (begin == text.size() || begin < 2 || text[begin - 1] != mark ||
        std::from_chars(text.data() + begin, text.data() + text.size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    text = text.substr(0, begin - 1);
    return value;
}

// One byte of a body, changed on its way.
class Flipped : public BodySource {
public:
    Flipped(std::unique_ptr<BodySource> inner, std::uint64_t at) : inner_(std::move(inner)), at_(at) {}
    std::size_t read(std::span<std::byte> into) override
    {
        const std::size_t got = inner_->read(into);
        if (at_ >= done_ && at_ < done_ + got) {
            into[static_cast<std::size_t>(at_ - done_)] ^= std::byte{0x01};
        }
        done_ += got;
        return got;
    }

private:
    std::unique_ptr<BodySource> inner_;
    std::uint64_t at_, done_ = 0;
};

HttpReply status_reply(int status, std::uint64_t number)
{
    Refusal refusal(status, "A fault that was asked for.");
    if (number > 0) {
        refusal.headers.emplace_back("Retry-After", std::to_string(number));
    }
    return refusal_reply(refusal);
}

HttpReply repeated(std::string_view open, std::string_view close, std::uint64_t count,
                   std::string_view middle)
{
    std::string text;
    for (std::uint64_t i = 0; i < count; ++i) {
        text += open;
    }
    text += middle;
    for (std::uint64_t i = 0; i < count; ++i) {
        text += close;
    }
    HttpReply reply;
    reply.add("Content-Type", "application/json; charset=utf-8");
    reply.text = std::move(text);
    return reply;
}

} // namespace

const std::vector<std::string>& fault_names()
{
    static const std::vector<std::string> names{"status-NNN",
                                                "status-429-ratelimit",
                                                "conflict-409",
                                                "moved-412",
                                                "expired-url",
                                                "cut",
                                                "hang",
                                                "slow",
                                                "ignore-range",
                                                "wrong-range",
                                                "short-body",
                                                "corrupt",
                                                "wrong-etag",
                                                "apply-then-drop",
                                                "apply-then-504",
                                                "drop",
                                                "big-json",
                                                "deep-json",
                                                "many-headers",
                                                "redirect-other-host",
                                                "relative-redirect"};
    return names;
}

Fault parse_fault(std::string_view text)
{
    const std::size_t first = text.find(':');
    const std::size_t last = text.rfind(':');
    if (first == std::string_view::npos || first == last) {
        throw UsageError("a fault has the form METHOD:PATHPART:NAME[=NUMBER][@AFTER][xTIMES]",
                         "for example GET:/resolve/:status-503x2");
    }
    Fault fault;
    fault.method = std::string(text.substr(0, first));
    fault.path_part = std::string(text.substr(first + 1, last - first - 1));
    std::string_view rest = text.substr(last + 1);
    if (const auto times = take_number(rest, 'x')) {
        fault.times = static_cast<int>(std::min<std::uint64_t>(*times, 1'000'000'000));
    }
    if (const auto after = take_number(rest, '@')) {
        fault.after = static_cast<int>(std::min<std::uint64_t>(*after, 1'000'000'000));
    }
    if (const auto number = take_number(rest, '=')) {
        fault.number = *number;
    }
    fault.name = std::string(rest);
    return fault;
}

void Faults::add(Fault fault)
{
    const auto& names = fault_names();
    if (!is_status(fault.name) && std::find(names.begin() + 1, names.end(), fault.name) == names.end()) {
        const std::string near = nearest_name(fault.name, names);
        throw UsageError("there is no fault " + python_repr(fault.name),
                         near.empty() ? "see docs/skulk-hub.md for their names"
                                      : "did you mean " + near + "?");
    }
    if (fault.name == "redirect-other-host" && (fault.number == 0 || fault.number > 65'535)) {
        throw UsageError("the fault redirect-other-host needs a port",
                         "for example redirect-other-host=8099");
    }
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(fault));
}

std::optional<Fault> Faults::strike(std::string_view method, std::string_view target)
{
    const std::lock_guard lock(mutex_);
    std::optional<Fault> out;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        Fault& fault = *at;
        const bool matches = (fault.method.empty() || fault.method == method) &&
                             target.find(fault.path_part) != std::string_view::npos;
        if (!matches || (fault.after > 0 && fault.after-- > 0) || out) {
            ++at;
            continue;
        }
        out = fault;
        if (fault.times > 0 && --fault.times == 0) {
            at = waiting_.erase(at);
        } else {
            ++at;
        }
    }
    return out;
}

std::optional<HttpReply> reply_instead(const Fault& fault, const HttpRequest& http)
{
    const std::string& name = fault.name;
    if (is_status(name)) {
        return status_reply(std::stoi(name.substr(7)), fault.number);
    }
    if (name == "status-429-ratelimit") {
        HttpReply reply = status_reply(429, 0);
        reply.add("RateLimit", "\"api\";r=0;t=" + std::to_string(std::max<std::uint64_t>(fault.number, 1)));
        reply.add("RateLimit-Policy", "\"fixed window\";\"api\";q=500;w=300");
        return reply;
    }
    if (name == "conflict-409") {
        return refusal_reply({409, "Another commit operation is in progress for this repository. "
                                   "Please try again later."});
    }
    if (name == "moved-412") {
        return refusal_reply({412, "A commit has happened since. Please refresh and try again."});
    }
    if (name == "expired-url") {
        return refusal_reply({403, "Request has expired", "AccessDenied"});
    }
    if (name == "drop") {
        HttpReply reply;
        reply.delivery.drop = true;
        return reply;
    }
    if (name == "hang") {
        HttpReply reply = status_reply(504, 0);
        reply.delivery.wait = std::chrono::seconds(fault.number == 0 ? default_hang_seconds : fault.number);
        return reply;
    }
    if (name == "big-json") {
        return repeated("", "", 0,
                        "{\"padding\":\"" +
                            std::string(static_cast<std::size_t>(std::min<std::uint64_t>(
                                            fault.number == 0 ? 64u << 20 : fault.number, 1u << 30)),
                                        'x') +
                            "\"}");
    }
    if (name == "deep-json") {
        return repeated("[", "]",
                        std::min<std::uint64_t>(fault.number == 0 ? 100'000 : fault.number, 10'000'000), "");
    }
    if (name == "many-headers") {
        HttpReply reply = json_reply(json::object());
        for (std::uint64_t i = 0;
             i < std::min<std::uint64_t>(fault.number == 0 ? 10'000 : fault.number, 1'000'000); ++i) {
            reply.add("X-Filler-" + std::to_string(i), "filler");
        }
        return reply;
    }
    if (name == "redirect-other-host") {
        HttpReply reply = text_reply("Found.\n", 302);
        reply.add("Location", "http://127.0.0.1:" + std::to_string(fault.number) + http.target);
        return reply;
    }
    return std::nullopt;
}

void blind(const Fault& fault, HttpRequest& http)
{
    if (fault.name == "ignore-range") {
        std::erase_if(http.headers, [](const auto& field) { return field.first == "range"; });
    }
}

void spoil(const Fault& fault, HttpReply& reply)
{
    const std::string& name = fault.name;
    if (name == "cut") {
        reply.delivery.cut_after = fault.number == 0 ? default_cut : fault.number;
    } else if (name == "slow") {
        reply.delivery.pause = std::chrono::milliseconds(fault.number == 0 ? default_pause : fault.number);
    } else if (name == "apply-then-drop") {
        reply.delivery.drop = true;
    } else if (name == "apply-then-504") {
        reply = status_reply(504, 0);
    } else if (name == "wrong-range") {
        if (std::string* range = reply.find("Content-Range")) {
            *range = "bytes 1-" + std::to_string(reply.body_bytes()) + "/" +
                     std::to_string(reply.body_bytes() + 7);
        }
    } else if (name == "short-body") {
        const std::uint64_t whole = reply.body_bytes();
        const std::uint64_t missing = std::min(whole, fault.number == 0 ? 1 : fault.number);
        if (reply.source) {
            reply.source_bytes = whole - missing;
        } else {
            reply.text.resize(static_cast<std::size_t>(whole - missing));
        }
    } else if (name == "corrupt" && reply.body_bytes() > 0) {
        const std::uint64_t at =
            std::min(fault.number == 0 ? reply.body_bytes() / 2 : fault.number, reply.body_bytes() - 1);
        if (reply.source) {
            reply.source = std::make_unique<Flipped>(std::move(reply.source), at);
        } else {
            reply.text[static_cast<std::size_t>(at)] ^= 0x01;
        }
    } else if (name == "wrong-etag") {
        for (const char* header : {"ETag", "X-Linked-Etag"}) {
            if (std::string* etag = reply.find(header)) {
                *etag = '"' + std::string(etag->size() > 2 ? etag->size() - 2 : 40, '0') + '"';
            }
        }
    }
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// The outcome of one call into a plugin.
#include "plugin/operation.hpp"

#include "support/secrets.hpp"
#include "support/text.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>

namespace skw::plugin {
namespace {

constexpr std::size_t most_text = 4000; // bytes of one sentence or log line

// What a slot writes; refuses everything once the cap is passed.
struct Collected {
    std::string text;
    bool overflow = false;

    static skw_status SKW_CALL take(void* ctx, const void* bytes, std::uint64_t len) noexcept
    {
        auto* const self = static_cast<Collected*>(ctx);
        if (self == nullptr || (bytes == nullptr && len != 0)) {
            return SKW_E_BAD_ARGUMENT;
        }
        if (self->overflow || len > Operation::most_output - self->text.size()) {
            self->overflow = true;
            return SKW_E_RESOURCE;
        }
        try {
            self->text.append(static_cast<const char*>(bytes), static_cast<std::size_t>(len));
            return SKW_OK;
        } catch (...) {
            return SKW_E_RESOURCE;
        }
    }
};

std::string safe(std::string_view text)
{
    return redact(printable(text, most_text));
}

ErrorCode code_of(skw_status status)
{
    return status >= SKW_E_INTERNAL ? static_cast<ErrorCode>(-status) : ErrorCode::failed;
}

std::string text_member(const json::value& detail, std::string_view name)
{
    const json::value* member = detail.is_object() ? detail.get_object().if_contains(name) : nullptr;
    return member != nullptr && member->is_string() ? safe(member->get_string()) : std::string();
}

} // namespace

// An event descriptor that rings when the stop is requested.
class Operation::CancelSignal {
public:
    explicit CancelSignal(const std::stop_token& stop)
        : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          ring_(stop, Ring{fd_})
    {
    }
    ~CancelSignal()
    {
        ring_.reset(); // waits for a ring that is under way
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    CancelSignal(const CancelSignal&) = delete;
    CancelSignal& operator=(const CancelSignal&) = delete;
    int descriptor() const noexcept { return fd_; }

private:
    struct Ring {
        int fd;
        void operator()() const noexcept
        {
            const std::uint64_t one = 1;
            if (fd >= 0 && ::write(fd, &one, sizeof one) < 0) {
                return; // full means rung already
            }
        }
    };
    int fd_;
    struct Holder {
        Holder(const std::stop_token& stop, Ring ring) : callback(std::in_place, stop, ring) {}
        void reset() { callback.reset(); }
        std::optional<std::stop_callback<Ring>> callback;
    } ring_;
};

Operation::Operation(const Candidate& plugin, Phase phase, Events* events, std::stop_token stop,
                     ExecutionServices* execution)
    : skw_call{&host_core},
      plugin_(plugin),
      phase_(phase),
      events_(events),
      stop_(std::move(stop)),
      execution_(execution)
{
}

Operation::~Operation() = default;

void Operation::log(int level, std::string_view text) noexcept
{
    try {
        if (events_ != nullptr) {
            events_->log(level < SKW_LOG_ERROR   ? SKW_LOG_ERROR
                         : level > SKW_LOG_DEBUG ? SKW_LOG_DEBUG
                                                 : level,
                         safe(text));
        }
    } catch (...) {
        return; // a log line is not worth an operation
    }
}

void Operation::progress(std::string_view step, std::uint64_t done, std::uint64_t total) noexcept
{
    try {
        if (events_ != nullptr && (phase_ == Phase::doctor || phase_ == Phase::execute)) {
            events_->progress(safe(step), done, total);
        }
    } catch (...) {
        return;
    }
}

void Operation::transfer(std::string_view name, std::uint64_t done, std::uint64_t size) noexcept
{
    try {
        if (events_ != nullptr && phase_ == Phase::execute) {
            events_->transfer(safe(name), done, size);
        }
    } catch (...) {
        return;
    }
}

void Operation::fail(skw_status code, std::string_view message, std::string_view detail) noexcept
{
    try {
        Told told;
        told.code = code;
        told.message = safe(message);
        if (!detail.empty()) {
            try {
                const json::value members = parse_json(detail, "detail", {.bytes = 64u << 10, .depth = 16});
                told.place = text_member(members, "place");
                told.hint = text_member(members, "hint");
                told.pointer = text_member(members, "path");
            } catch (const Error&) {
                log(SKW_LOG_DEBUG, "the detail of a failure is not JSON and was left out");
            }
        }
        const std::lock_guard<std::mutex> guard(mutex_);
        if (!told_) {
            told_ = std::move(told);
        }
    } catch (...) {
        return; // out of memory: the status alone still says that it failed
    }
}

int Operation::cancel_descriptor() noexcept
{
    try {
        const std::lock_guard<std::mutex> guard(mutex_);
        if (!cancel_signal_) {
            cancel_signal_ = std::make_unique<CancelSignal>(stop_);
        }
        return cancel_signal_->descriptor();
    } catch (...) {
        return -1;
    }
}

skw_status Operation::remember(const Error& error) noexcept
{
    const auto status = static_cast<skw_status>(-static_cast<int>(error.code()));
    try {
        const std::lock_guard<std::mutex> guard(mutex_);
        service_errors_.insert_or_assign(status, error);
    } catch (...) {
        return status;
    }
    return status;
}

void Operation::throw_if_stopped() const
{
    if (stop_.stop_requested()) {
        throw Error(ErrorCode::cancelled, {}, "stopped by the operator");
    }
}

Error Operation::broken(std::string reason) const
{
    return Error(ErrorCode::contract, "plugin " + plugin_.id, std::move(reason),
                 "this is a fault of the plugin; tell its author");
}

Error Operation::outcome(skw_status status)
{
    if (stop_.stop_requested()) {
        // Whatever the plugin makes of being stopped: the operator asked for it, and that is the outcome.
        log(SKW_LOG_DEBUG, told_ ? "stopped: " + told_->message : "stopped without a word");
        return Error(ErrorCode::cancelled, {}, "stopped by the operator");
    }
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto service = service_errors_.find(status);
    const Error* cause = service == service_errors_.end() ? nullptr : &service->second;
    const std::string known = cause == nullptr ? std::string() : cause->what();
    if (!told_ || told_->message.empty()) {
        return broken("failed with status " + std::to_string(status) + " (" +
                      std::string(name_of(code_of(status))) + ") and did not say why" +
                      (known.empty() ? "" : "; the host's last failure of that kind: " + known));
    }
    std::string place = told_->place;
    if (!told_->pointer.empty()) {
        place += (place.empty() ? "" : ": ") + told_->pointer;
    }
    std::string reason = told_->message;
    if (cause != nullptr && reason.find(cause->reason()) == std::string::npos) {
        reason += ": " + known;
    }
    std::string hint = told_->hint;
    if (hint.empty() && cause != nullptr) {
        hint = cause->hint();
    }
    return Error(code_of(status), std::move(place), std::move(reason), std::move(hint));
}

std::string Operation::run(const Slot& slot)
{
    Collected collected;
    const skw_sink sink{&collected, &Collected::take};
    skw_status status = SKW_OK;
    try {
        status = slot(this, &sink);
    } catch (...) {
        // Works only where both sides share one C++ runtime; elsewhere the process has ended by now.
        throw broken("threw an exception across the interface");
    }
    if (collected.overflow) {
        throw broken("answered with more than 16 MiB");
    }
    if (status < 0) {
        throw outcome(status);
    }
    if (status > 0) {
        throw broken("returned the reserved status " + std::to_string(status));
    }
    if (told_) {
        log(SKW_LOG_DEBUG, "reported a failure and then succeeded: " + told_->message);
    }
    return std::move(collected.text);
}

void write_sink(const skw_sink* sink, std::string_view text)
{
    if (sink == nullptr || sink->write == nullptr) {
        throw Error(ErrorCode::bad_argument, {}, "a service was called without a place for its answer");
    }
    if (sink->write(sink->ctx, text.data(), text.size()) < 0) {
        throw Error(ErrorCode::failed, {}, "the plugin refused a service's answer");
    }
}

std::string_view borrowed(const char* text, std::uint64_t len, std::string_view what, std::uint64_t limit)
{
    if (len > limit || (text == nullptr && len != 0)) {
        throw Error(ErrorCode::bad_argument, std::string(what), "is missing or too long");
    }
    const std::string_view view =
        len == 0 ? std::string_view() : std::string_view(text, static_cast<std::size_t>(len));
    if (!is_utf8(view) || view.find('\0') != std::string_view::npos) {
        throw Error(ErrorCode::bad_argument, std::string(what), "is not UTF-8 text");
    }
    return view;
}

} // namespace skw::plugin

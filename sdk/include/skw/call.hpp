// SPDX-License-Identifier: Apache-2.0
// One operation as a plugin sees it: log, progress, cancellation, failing, services, and output sinks.
#ifndef SKW_CALL_HPP
#define SKW_CALL_HPP

#include <skw/failure.hpp>
#include <skw/json_writer.hpp>
#include <skw/plugin.h>

#include <cstdint>
#include <new>
#include <string>
#include <string_view>

namespace skw::sdk {

// The operation that is running. Copies mean the same operation; none may outlive it. Threads: any thread of
// the operation.
class Call {
public:
    explicit Call(skw_call* raw) noexcept : raw_(raw) {}

    // One line for the operator (info and above) or the debug log; the host hides secrets.
    void log(std::int32_t level, std::string_view line) const noexcept
    {
        if (SKW_HAS(skw_host_core, raw_->host, log)) {
            raw_->host->log(raw_, level, line.data(), line.size());
        }
    }
    void error(std::string_view line) const noexcept { log(SKW_LOG_ERROR, line); }
    void warning(std::string_view line) const noexcept { log(SKW_LOG_WARNING, line); }
    void info(std::string_view line) const noexcept { log(SKW_LOG_INFO, line); }
    void debug(std::string_view line) const noexcept { log(SKW_LOG_DEBUG, line); }

    // How far a step of the plan is, in the step's unit; total 0: unknown. Call it as often as you like.
    void progress(std::string_view step, std::uint64_t done, std::uint64_t total) const noexcept
    {
        if (SKW_HAS(skw_host_core, raw_->host, progress)) {
            raw_->host->progress(raw_, step.data(), step.size(), done, total);
        }
    }

    // Whether the operator wants to stop. Ask at least twice a second in loops that call no service.
    bool cancelled() const noexcept
    {
        return SKW_HAS(skw_host_core, raw_->host, cancelled) && raw_->host->cancelled(raw_) != 0;
    }
    void throw_if_cancelled() const
    {
        if (cancelled()) {
            throw Failure(SKW_E_CANCELLED, {}, "stopped by the operator");
        }
    }
    // Becomes readable when cancelled() turns true; -1 where there is none. Only for poll().
    std::int32_t cancel_fd() const noexcept
    {
        return SKW_HAS(skw_host_core, raw_->host, cancel_fd) ? raw_->host->cancel_fd(raw_) : -1;
    }

    // A service by id, or null: this host or this operation does not have it.
    const skw_table* find_service(std::string_view id) const noexcept
    {
        return SKW_HAS(skw_host_core, raw_->host, service) ? raw_->host->service(raw_, id.data(), id.size())
                                                           : nullptr;
    }
    // The same for a service that the operation cannot do without.
    template<class Table>
    const Table* service(std::string_view id) const
    {
        const skw_table* table = find_service(id);
        if (table == nullptr) {
            throw Failure(SKW_E_UNSUPPORTED, std::string(id), "this operation does not have this service");
        }
        return reinterpret_cast<const Table*>(table);
    }

    // Tells the host why the operation fails; gives the status to return. For code that does not throw.
    skw_status fail(const Failure& failure) const noexcept
    {
        std::string detail;
        try {
            detail = detail_of(failure);
        } catch (const std::bad_alloc&) {
            detail.clear(); // the message alone still helps
        }
        return fail(failure.status(), failure.message(), detail);
    }
    skw_status fail(skw_status status, std::string_view message, std::string_view detail_json) const noexcept
    {
        if (!SKW_HAS(skw_host_core, raw_->host, fail)) {
            return status;
        }
        return raw_->host->fail(raw_, status, message.data(), message.size(), detail_json.data(),
                                detail_json.size());
    }

    skw_call* raw() const noexcept { return raw_; }

private:
    static std::string detail_of(const Failure& failure)
    {
        JsonWriter json;
        json.begin_object();
        if (!failure.place().empty()) {
            json.member("place", failure.place());
        }
        if (!failure.hint().empty()) {
            json.member("hint", failure.hint());
        }
        if (!failure.pointer().empty()) {
            json.member("path", failure.pointer());
        }
        return json.member("retryable", failure.is_retryable()).end_object().take();
    }

    skw_call* raw_;
};

// Throws when a host function failed. place: what it was about; action: "cannot be read". The host knows the
// reason and adds it when this failure reaches it.
inline void require_ok(skw_status status, std::string_view place, std::string_view action)
{
    if (status < 0) {
        throw Failure(status, std::string(place), std::string(action));
    }
}

// Where an operation's document goes; borrowed from the host.
class Sink {
public:
    explicit Sink(const skw_sink* raw) noexcept : raw_(raw) {}

    // Throws when the host takes no more.
    void write(std::string_view text) const
    {
        if (raw_ == nullptr || raw_->write == nullptr) {
            throw Failure(SKW_E_BAD_ARGUMENT, {}, "the host gave no place for the answer");
        }
        require_ok(raw_->write(raw_->ctx, text.data(), text.size()), {}, "the host refused the answer");
    }

private:
    const skw_sink* raw_;
};

// A sink of the plugin's own, for what host services write.
class TextSink {
public:
    TextSink() noexcept : raw_{this, &TextSink::take} {}
    TextSink(const TextSink&) = delete;
    TextSink& operator=(const TextSink&) = delete;

    const skw_sink* raw() const noexcept { return &raw_; }
    std::string text() && { return std::move(text_); }

private:
    static skw_status SKW_CALL take(void* ctx, const void* bytes, std::uint64_t len) noexcept
    {
        try {
            static_cast<TextSink*>(ctx)->text_.append(static_cast<const char*>(bytes),
                                                      static_cast<std::size_t>(len));
            return SKW_OK;
        } catch (...) {
            return SKW_E_RESOURCE;
        }
    }

    skw_sink raw_;
    std::string text_;
};

} // namespace skw::sdk

#endif // SKW_CALL_HPP

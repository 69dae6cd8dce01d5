// SPDX-License-Identifier: Apache-2.0
// One call into a plugin: what its skw_call points at, and how the outcome becomes a value or an Error.
#pragma once

#include "plugin/host.hpp"

#include <skw/plugin.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace skw::plugin {

class ExecutionServices;

enum class Phase { describe, create, validate, doctor, plan, execute, inspect };

// Threads: everything a service calls may come from any thread of the plugin.
class Operation : public skw_call {
public:
    static constexpr std::size_t most_output = 16u << 20; // bytes of one document

    // events may be null; execution is null in every phase but execute and inspect. All must outlive the
    // operation.
    Operation(const Candidate& plugin, Phase phase, Events* events, std::stop_token stop,
              ExecutionServices* execution = nullptr);
    ~Operation();
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    using Slot = std::function<skw_status(skw_call*, const skw_sink*)>;
    // Calls the slot and gives what it wrote. Throws Error: the plugin's own, or contract.
    std::string run(const Slot& slot);

    // --- for the services ---
    static Operation* of(skw_call* call) noexcept { return static_cast<Operation*>(call); }
    const Candidate& plugin() const noexcept { return plugin_; }
    Phase phase() const noexcept { return phase_; }
    const std::stop_token& stop() const noexcept { return stop_; }
    ExecutionServices* execution() const noexcept { return execution_; }
    void log(int level, std::string_view text) noexcept; // made one safe line
    void progress(std::string_view step, std::uint64_t done, std::uint64_t total) noexcept;
    void transfer(std::string_view name, std::uint64_t done, std::uint64_t size) noexcept;
    void fail(skw_status code, std::string_view message, std::string_view detail) noexcept;
    int cancel_descriptor() noexcept;                 // -1: none to be had
    skw_status remember(const Error& error) noexcept; // a service failed; gives the status for it

    // Runs the body of a service: an Error becomes its status and is remembered, so that the reason reaches
    // the operator even if the plugin does not know it.
    template<class Body>
    static skw_status serve(skw_call* call, Body&& body) noexcept
    {
        return guard(call, [&](Operation& self) {
            self.throw_if_stopped();
            body(self);
        });
    }
    // The same for what has to work after a stop as well, such as closing.
    template<class Body>
    static skw_status guard(skw_call* call, Body&& body) noexcept
    {
        Operation* const self = of(call);
        if (self == nullptr) {
            return SKW_E_BAD_ARGUMENT;
        }
        try {
            body(*self);
            return SKW_OK;
        } catch (const Error& error) {
            return self->remember(error);
        } catch (const std::bad_alloc&) {
            return SKW_E_RESOURCE;
        } catch (...) {
            return SKW_E_INTERNAL;
        }
    }

private:
    struct Told { // by fail()
        skw_status code = SKW_OK;
        std::string message, place, hint, pointer;
    };
    class CancelSignal;

    void throw_if_stopped() const;
    Error outcome(skw_status status);
    Error broken(std::string reason) const;

    const Candidate& plugin_;
    Phase phase_;
    Events* events_;
    std::stop_token stop_;
    ExecutionServices* execution_;
    std::mutex mutex_;
    std::optional<Told> told_;
    std::map<skw_status, Error> service_errors_; // the latest of each status
    std::unique_ptr<CancelSignal> cancel_signal_;
};

// Writes text into a sink the plugin gave. Throws Error(contract) if there is none, or it refuses.
void write_sink(const skw_sink* sink, std::string_view text);
// A borrowed text of the plugin as UTF-8 without zero bytes. Throws Error(bad_argument).
std::string_view borrowed(const char* text, std::uint64_t len, std::string_view what,
                          std::uint64_t limit = 64u << 10);

extern const skw_host_core host_core; // service_core.cpp
extern const skw_hub hub_service;
extern const skw_scratch scratch_service;
extern const skw_process process_service;
extern const skw_card card_service;
extern const skw_probe probe_service;

} // namespace skw::plugin

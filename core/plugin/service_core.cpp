// SPDX-License-Identifier: Apache-2.0
// The host's basic functions: log, fail, progress, cancellation, and which services there are when.
#include "plugin/operation.hpp"

#include <string_view>

namespace skw::plugin {
namespace {

// A text that may be anything: what is unusable becomes a sentence saying so.
std::string_view tolerant(const char* text, std::uint64_t len) noexcept
{
    constexpr std::uint64_t limit = 1u << 20;
    if (len == 0) {
        return {};
    }
    return text == nullptr ? std::string_view("(no text)")
                           : std::string_view(text, static_cast<std::size_t>(len < limit ? len : limit));
}

void SKW_CALL core_log(skw_call* call, int32_t level, const char* msg, uint64_t len) noexcept
{
    if (call != nullptr) {
        Operation::of(call)->log(level, tolerant(msg, len));
    }
}

skw_status SKW_CALL core_fail(skw_call* call, skw_status code, const char* msg, uint64_t len,
                              const char* detail, uint64_t detail_len) noexcept
{
    const skw_status given = code < 0 ? code : SKW_E_INTERNAL; // "failed with success" is a bug of the plugin
    if (call != nullptr) {
        Operation::of(call)->fail(given, tolerant(msg, len), tolerant(detail, detail_len));
    }
    return given;
}

void SKW_CALL core_progress(skw_call* call, const char* step, uint64_t step_len, uint64_t done,
                            uint64_t total) noexcept
{
    if (call != nullptr) {
        Operation::of(call)->progress(tolerant(step, step_len), done, total);
    }
}

int32_t SKW_CALL core_cancelled(skw_call* call) noexcept
{
    return call != nullptr && Operation::of(call)->stop().stop_requested() ? 1 : 0;
}

int32_t SKW_CALL core_cancel_fd(skw_call* call) noexcept
{
    return call != nullptr ? Operation::of(call)->cancel_descriptor() : -1;
}

struct Service {
    std::string_view id;
    const skw_table* table;
    bool in_doctor, in_inspect; // every service is there in execute
};

const skw_table* SKW_CALL core_service(skw_call* call, const char* id, uint64_t len) noexcept
{
    static const Service services[] = {{"skw.hub/1", &hub_service.head, false, true},
                                       {"skw.scratch/1", &scratch_service.head, false, false},
                                       {"skw.process/1", &process_service.head, false, false},
                                       {"skw.card/1", &card_service.head, false, false},
                                       {"skw.probe/1", &probe_service.head, true, false}};
    if (call == nullptr || id == nullptr || len > 128) {
        return nullptr;
    }
    const Phase phase = Operation::of(call)->phase();
    for (const Service& service : services) {
        if (service.id == std::string_view(id, static_cast<std::size_t>(len))) {
            const bool here = phase == Phase::execute || (phase == Phase::doctor && service.in_doctor) ||
                              (phase == Phase::inspect && service.in_inspect);
            return here ? service.table : nullptr;
        }
    }
    return nullptr;
}

} // namespace

const skw_host_core host_core = {{sizeof(skw_host_core), SKW_ABI_MINOR},
                                 &core_log,
                                 &core_fail,
                                 &core_progress,
                                 &core_cancelled,
                                 &core_cancel_fd,
                                 &core_service};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// skw.process/1: the tools of the plan.
#include "plugin/execution.hpp"
#include "plugin/operation.hpp"

#include <boost/json/serialize.hpp>

namespace skw::plugin {
namespace {

skw_status SKW_CALL process_run(skw_call* call, const char* step, uint64_t len, const skw_lines* lines,
                                const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        if (out == nullptr || out->write == nullptr) { // said before a tool has run for an hour
            throw Error(ErrorCode::bad_argument, {}, "a service was called without a place for its answer");
        }
        const std::string id(borrowed(step, len, "step"));
        const auto take = [&](int stream, std::string_view line) {
            if (lines != nullptr && lines->line != nullptr) {
                lines->line(lines->ctx, stream, line.data(), line.size());
            }
            self.log(SKW_LOG_DEBUG, id + ": " + std::string(line));
        };
        write_sink(out, json::serialize(self.execution()->processes->run(id, take, self.stop())));
    });
}

} // namespace

const skw_process process_service = {{sizeof(skw_process), SKW_ABI_MINOR}, &process_run};

} // namespace skw::plugin

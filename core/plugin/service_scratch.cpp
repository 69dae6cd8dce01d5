// SPDX-License-Identifier: Apache-2.0
// skw.scratch/1: the room on disk of one execution.
#include "plugin/execution.hpp"
#include "plugin/operation.hpp"

namespace skw::plugin {
namespace {

skw_status SKW_CALL scratch_path(skw_call* call, const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        write_sink(out, std::filesystem::absolute(self.execution()->scratch.path()).native());
    });
}

skw_status SKW_CALL scratch_quota(skw_call* call, uint64_t* bytes) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        if (bytes == nullptr) {
            throw Error(ErrorCode::bad_argument, {}, "a service was called without a place for its answer");
        }
        *bytes = self.execution()->scratch.quota();
    });
}

// Works after a stop too: that is when keeping matters.
skw_status SKW_CALL scratch_keep(skw_call* call, const char* name, uint64_t len) noexcept
{
    return Operation::guard(
        call, [&](Operation& self) { self.execution()->scratch.keep(borrowed(name, len, "name")); });
}

} // namespace

const skw_scratch scratch_service = {
    {sizeof(skw_scratch), SKW_ABI_MINOR}, &scratch_path, &scratch_quota, &scratch_keep};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// skw.card/1: what an execution adds to the model card.
#include "plugin/execution.hpp"
#include "plugin/operation.hpp"

namespace skw::plugin {
namespace {

constexpr std::uint64_t longest_patch = 256u << 10;

skw_status SKW_CALL card_merge(skw_call* call, const char* patch, uint64_t len) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        const std::string_view text = borrowed(patch, len, "card patch", longest_patch);
        self.execution()->card.merge(parse_json(text, "card patch", {.bytes = longest_patch, .depth = 8}));
    });
}

skw_status SKW_CALL card_add_note(skw_call* call, const char* text, uint64_t len) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        if (text == nullptr) {
            throw Error(ErrorCode::bad_input, "card: note", "is missing");
        }
        self.execution()->card.add_note(std::string_view(text, static_cast<std::size_t>(len)));
    });
}

} // namespace

const skw_card card_service = {{sizeof(skw_card), SKW_ABI_MINOR}, &card_merge, &card_add_note};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// One slot of the plugin that is linked into the test, called as a host calls it.
#pragma once

#include <skw/plugin.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace skw::test {

using DocumentSlot = skw_status(SKW_CALL*)(skw_instance*, skw_call*, const char*, std::uint64_t,
                                           const skw_sink*);

inline const skw_artifact& linked_artifact()
{
    skw_host_info info{{sizeof(skw_host_info), SKW_ABI_MINOR}, SKW_ABI_MAJOR, SKW_ABI_MINOR, 0, {}, {}};
    const skw_plugin* plugin = nullptr;
    constexpr std::string_view id = "skw.artifact/1";
    if (skw_plugin_entry_v1(&info, &plugin) != SKW_OK) {
        throw std::runtime_error("the entry refused this host");
    }
    return *reinterpret_cast<const skw_artifact*>(plugin->get_interface(id.data(), id.size()));
}

inline skw_status append_text(void* ctx, const void* bytes, std::uint64_t len)
{
    static_cast<std::string*>(ctx)->append(static_cast<const char*>(bytes), static_cast<std::size_t>(len));
    return SKW_OK;
}

// Makes an instance of the kind, calls the slot with the request, and writes what it wrote into `document`.
inline skw_status run_slot(skw_call* call, std::string_view kind, DocumentSlot skw_artifact::*slot,
                           std::string_view request, std::string& document)
{
    const skw_artifact& table = linked_artifact();
    skw_instance* instance = nullptr;
    if (table.create(call, kind.data(), kind.size(), nullptr, 0, &instance) != SKW_OK) {
        throw std::runtime_error("the plugin made no instance");
    }
    document.clear();
    const skw_sink sink{&document, &append_text};
    const skw_status status = (table.*slot)(instance, call, request.data(), request.size(), &sink);
    table.destroy(instance);
    return status;
}

} // namespace skw::test

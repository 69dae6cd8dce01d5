// SPDX-License-Identifier: Apache-2.0
// The way into the plugin through its exported entry.
#include "fake_host.hpp"

#include <stdexcept>
#include <utility>

namespace skw::test {

namespace {

skw_status append(void* ctx, const void* bytes, std::uint64_t len)
{
    static_cast<std::string*>(ctx)->append(static_cast<const char*>(bytes), static_cast<std::size_t>(len));
    return SKW_OK;
}

const skw_artifact* artifact()
{
    skw_host_info info{{sizeof(skw_host_info), SKW_ABI_MINOR}, SKW_ABI_MAJOR, SKW_ABI_MINOR, 0, {}, {}};
    const skw_plugin* plugin = nullptr;
    constexpr std::string_view id = "skw.artifact/1";
    if (skw_plugin_entry_v1(&info, &plugin) != SKW_OK) {
        throw std::runtime_error("the entry refused this host");
    }
    return reinterpret_cast<const skw_artifact*>(plugin->get_interface(id.data(), id.size()));
}

} // namespace

template<class Slot>
Outcome FakeHost::run(Slot slot)
{
    current_ = {};
    const skw_artifact* table = artifact();
    skw_instance* instance = nullptr;
    constexpr std::string_view kind = "mtp";
    if (table->create(&raw_, kind.data(), kind.size(), nullptr, 0, &instance) != SKW_OK) {
        throw std::runtime_error("the plugin made no instance");
    }
    std::string document;
    const skw_sink sink{&document, &append};
    const skw_status status = slot(*table, instance, sink);
    table->destroy(instance);
    current_.status = status;
    current_.document = std::move(document);
    return current_;
}

Outcome FakeHost::execute(std::string_view plan_json)
{
    return run([&](const skw_artifact& table, skw_instance* self, const skw_sink& out) {
        return table.execute(self, &raw_, plan_json.data(), plan_json.size(), &out);
    });
}

Outcome FakeHost::plan(std::string_view request_json)
{
    return run([&](const skw_artifact& table, skw_instance* self, const skw_sink& out) {
        return table.plan(self, &raw_, request_json.data(), request_json.size(), &out);
    });
}

Outcome FakeHost::validate(std::string_view entry_json)
{
    return run([&](const skw_artifact& table, skw_instance* self, const skw_sink& out) {
        return table.validate(self, &raw_, entry_json.data(), entry_json.size(), &out);
    });
}

Outcome FakeHost::inspect(std::string_view request_json)
{
    return run([&](const skw_artifact& table, skw_instance* self, const skw_sink& out) {
        return table.inspect(self, &raw_, request_json.data(), request_json.size(), &out);
    });
}

Outcome FakeHost::describe()
{
    return run([&](const skw_artifact& table, skw_instance*, const skw_sink& out) {
        return table.describe(&raw_, &out);
    });
}

} // namespace skw::test

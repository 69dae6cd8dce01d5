// SPDX-License-Identifier: Apache-2.0
// The C ABI as C++20: write a class, export it with one macro. Header only; needs the standard library alone.
//
//     #include <skw/plugin.hpp>
//     using namespace skw::sdk;
//
//     class Hello {
//     public:
//         static constexpr std::string_view kind = "hello";  // other kinds are refused for you
//         static std::string describe();                      // skw.describe/1, the same bytes each time
//         std::string validate(Call& call, std::string_view entry_json);  // skw.findings/1
//         std::string plan(Call& call, std::string_view request_json);    // skw.plan/1, pure
//         std::string execute(Call& call, std::string_view plan_json)     // skw.result/1; leave it out for
//         {                                                               // a plugin that only plans
//             Hub hub(call);
//             Reader config = hub.open("source", "config.json");
//             Writer copy = hub.create("weights");
//             copy.write(config.read_rest(1 << 20));
//             const std::string receipt = copy.finish();
//             ...
//         }
//     };
//     SKW_EXPORT_PLUGIN(Hello)    // SKW_PLUGIN_ID and SKW_PLUGIN_VERSION come from the build
//
// A plugin of several kinds has a constructor that takes the kind, or the kind and the configuration's JSON
// text; it throws Failure(SKW_E_BAD_ARGUMENT, ...) for a kind it does not know. doctor() may be left out too,
// and inspect(Call&, request), which says what a repository holds for the kind (skw.inspection/1).
// Instead of text, slots may take and return any type that json_text is specialised for.
//
// What a slot throws becomes fail() and a status: Failure its own, std::bad_alloc SKW_E_RESOURCE, anything
// else SKW_E_INTERNAL. Nothing crosses the border.
#ifndef SKW_PLUGIN_HPP
#define SKW_PLUGIN_HPP

#include <skw/call.hpp>
#include <skw/failure.hpp>
#include <skw/json_writer.hpp>
#include <skw/plugin.h>
#include <skw/process.hpp>
#include <skw/services.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace skw::sdk {

namespace detail {

// The exception barrier around one slot. A stray exception's own text goes to the debug log: it was not
// written for the operator.
template<class Body>
skw_status guarded(skw_call* raw, Body&& body) noexcept
{
    const Call call(raw);
    try {
        std::forward<Body>(body)();
        return SKW_OK;
    } catch (const Failure& failure) {
        return call.fail(failure);
    } catch (const std::bad_alloc&) {
        return call.fail(SKW_E_RESOURCE, "out of memory", {});
    } catch (const std::exception& stray) {
        call.debug(stray.what());
        return call.fail(SKW_E_INTERNAL, "unexpected failure in the plugin", {});
    } catch (...) {
        return call.fail(SKW_E_INTERNAL, "unexpected failure in the plugin", {});
    }
}

inline std::string_view view(const char* text, std::uint64_t len) noexcept
{
    return len == 0 ? std::string_view() : std::string_view(text, static_cast<std::size_t>(len));
}

constexpr skw_text text(std::string_view literal) noexcept
{
    return {literal.data(), literal.size()};
}

// Runs "Answer Type::slot(Call&, Document)": reads the document, writes the answer.
template<class Type, class Answer, class Document>
skw_status run(Answer (Type::*slot)(Call&, Document), skw_instance* self, skw_call* raw, const char* json,
               std::uint64_t len, const skw_sink* out) noexcept
{
    static_assert(readable_json<std::remove_cvref_t<Document>>, "specialise skw::sdk::json_text for it");
    static_assert(writable_json<std::remove_cvref_t<Answer>>, "specialise skw::sdk::json_text for it");
    return guarded(raw, [&] {
        if (self == nullptr) {
            throw Failure(SKW_E_BAD_ARGUMENT, {}, "the host gave no instance");
        }
        Call call(raw);
        Answer answer = (reinterpret_cast<Type*>(self)->*slot)(
            call, json_text<std::remove_cvref_t<Document>>::read(view(json, len)));
        Sink(out).write(json_text<std::remove_cvref_t<Answer>>::write(std::move(answer)));
    });
}

// The slots of skw.artifact/1 for one class, and the table of them.
template<class Type>
struct Artifact {
    static skw_status SKW_CALL describe(skw_call* raw, const skw_sink* out) noexcept
    {
        return guarded(raw, [&] {
            using Answer = std::remove_cvref_t<decltype(Type::describe())>;
            Sink(out).write(json_text<Answer>::write(Type::describe()));
        });
    }

    static std::unique_ptr<Type> make(std::string_view kind, std::string_view config)
    {
        if constexpr (requires { Type::kind; }) {
            if (kind != std::string_view(Type::kind)) {
                throw Failure(SKW_E_BAD_ARGUMENT, std::string(kind), "is not a kind of this plugin");
            }
        }
        if constexpr (std::constructible_from<Type, std::string_view, std::string_view>) {
            return std::make_unique<Type>(kind, config);
        } else if constexpr (std::constructible_from<Type, std::string_view>) {
            return std::make_unique<Type>(kind);
        } else {
            return std::make_unique<Type>();
        }
    }
    static skw_status SKW_CALL create(skw_call* raw, const char* kind, std::uint64_t kind_len,
                                      const char* config, std::uint64_t config_len,
                                      skw_instance** out) noexcept
    {
        *out = nullptr;
        return guarded(raw, [&] {
            *out = reinterpret_cast<skw_instance*>(
                make(view(kind, kind_len), view(config, config_len)).release());
        });
    }
    static void SKW_CALL destroy(skw_instance* self) noexcept { delete reinterpret_cast<Type*>(self); }

    static skw_status SKW_CALL validate(skw_instance* self, skw_call* raw, const char* json,
                                        std::uint64_t len, const skw_sink* out) noexcept
    {
        return run(&Type::validate, self, raw, json, len, out);
    }
    static skw_status SKW_CALL plan(skw_instance* self, skw_call* raw, const char* json, std::uint64_t len,
                                    const skw_sink* out) noexcept
    {
        return run(&Type::plan, self, raw, json, len, out);
    }

    using DocumentSlot = skw_status(SKW_CALL*)(skw_instance*, skw_call*, const char*, std::uint64_t,
                                               const skw_sink*);
    // NULL where the class has no such member: the host then knows before it begins.
    static constexpr DocumentSlot doctor() noexcept
    {
        if constexpr (requires { &Type::doctor; }) {
            return [](skw_instance* self, skw_call* raw, const char* json, std::uint64_t len,
                      const skw_sink* out) noexcept { return run(&Type::doctor, self, raw, json, len, out); };
        } else {
            return nullptr;
        }
    }
    static constexpr DocumentSlot execute() noexcept
    {
        if constexpr (requires { &Type::execute; }) {
            return
                [](skw_instance* self, skw_call* raw, const char* json, std::uint64_t len,
                   const skw_sink* out) noexcept { return run(&Type::execute, self, raw, json, len, out); };
        } else {
            return nullptr;
        }
    }
    static constexpr DocumentSlot inspect() noexcept
    {
        if constexpr (requires { &Type::inspect; }) {
            return
                [](skw_instance* self, skw_call* raw, const char* json, std::uint64_t len,
                   const skw_sink* out) noexcept { return run(&Type::inspect, self, raw, json, len, out); };
        } else {
            return nullptr;
        }
    }

    static constexpr skw_artifact table{{sizeof(skw_artifact), SKW_ABI_MINOR},
                                        &describe,
                                        &create,
                                        &destroy,
                                        &validate,
                                        doctor(),
                                        &plan,
                                        execute(),
                                        inspect()};
};

template<class Type>
const skw_table* SKW_CALL get_interface(const char* id, std::uint64_t len) noexcept
{
    return view(id, len) == "skw.artifact/1" ? &Artifact<Type>::table.head : nullptr;
}

template<class Type>
constexpr skw_plugin root(std::string_view id, std::string_view version) noexcept
{
    return {{sizeof(skw_plugin), SKW_ABI_MINOR},
            SKW_ABI_MAJOR,
            SKW_ABI_MINOR,
            SKW_TARGET_MINOR,
            0,
            0,
            0,
            text(id),
            text(version),
            &get_interface<Type>};
}

// The version rule of the entry function: the same major, at least the minor the author needs.
inline skw_status enter(const skw_host_info* host, const skw_plugin& plugin, const skw_plugin** out) noexcept
{
    if (out == nullptr) {
        return SKW_E_BAD_ARGUMENT;
    }
    *out = nullptr;
    if (host == nullptr || host->head.struct_size < offsetof(skw_host_info, flags)) {
        return SKW_E_BAD_ARGUMENT;
    }
    if (host->abi_major != plugin.abi_major || host->abi_minor < plugin.min_host_minor) {
        return SKW_E_UNSUPPORTED;
    }
    *out = &plugin;
    return SKW_OK;
}

} // namespace detail

} // namespace skw::sdk

// Defines the entry function for one class. Once per plugin, at namespace scope.
#define SKW_EXPORT_PLUGIN_AS(Type, id, version)                                                              \
    static constexpr skw_plugin skw_plugin_root = ::skw::sdk::detail::root<Type>(id, version);               \
    SKW_EXPORT skw_status SKW_CALL skw_plugin_entry_v1(const skw_host_info* host, const skw_plugin** out)    \
    {                                                                                                        \
        return ::skw::sdk::detail::enter(host, skw_plugin_root, out);                                        \
    }
#define SKW_EXPORT_PLUGIN(Type) SKW_EXPORT_PLUGIN_AS(Type, SKW_PLUGIN_ID, SKW_PLUGIN_VERSION)

#endif // SKW_PLUGIN_HPP

// SPDX-License-Identifier: Apache-2.0
// The checks of `doctor` that need no network, and the document of all of them.
#include "publish/doctor.hpp"

#include "hub/account.hpp"
#include "plugin/scratch_root.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace skw::publish {
namespace {

namespace fs = std::filesystem;
using Status = Check::Status;

std::string value_of(const hub::Environment& environment, std::string_view name)
{
    const std::string value = environment(name).value_or("");
    const std::size_t begin = value.find_first_not_of(" \t\r\n\v\f");
    const std::size_t end = value.find_last_not_of(" \t\r\n\v\f");
    return begin == std::string::npos ? "" : value.substr(begin, end - begin + 1);
}

// An empty file is made and removed: permissions alone do not tell, for a file system may be read-only.
void try_to_write(const fs::path& root)
{
    std::string name = (root / ".skw-doctor-XXXXXX").string();
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) {
        throw Error(ErrorCode::io, root.string(),
                    "no file can be made in it: " + std::generic_category().message(errno));
    }
    ::close(file);
    ::unlink(name.c_str());
}

} // namespace

std::string_view name_of(Check::Status status) noexcept
{
    switch (status) {
    case Status::ok: return "ok";
    case Status::failed: return "failed";
    case Status::warning: return "warning";
    case Status::skipped: return "skipped";
    }
    return "failed";
}

json::value doctor_json(std::span<const Check> checks, bool publish, bool online)
{
    json::array list;
    bool passed = true;
    for (const Check& check : checks) {
        passed = passed && check.status != Status::failed;
        json::object one{{"id", check.id}, {"status", name_of(check.status)}, {"text", check.text}};
        one["hint"] = check.hint.empty() ? json::value() : json::value(check.hint);
        one["facts"] = check.facts;
        list.push_back(std::move(one));
    }
    return json::object{{"schema", "skw.doctor/1"},
                        {"passed", passed},
                        {"publish", publish},
                        {"online", online},
                        {"checks", std::move(list)}};
}

Check check_command(std::string_view name, const std::optional<fs::path>& path)
{
    const std::string text(name);
    if (!path) { // contract 1.7, line 1
        return {Status::failed, "command-" + text, "missing command: " + text,
                "install it, or add its folder to PATH"};
    }
    return {Status::ok, "command-" + text, "found command: " + text + " (" + printable(path->native()) + ")", {},
            {{"path", printable(path->native())}}};
}

Checks check_token(const hub::Environment& environment)
{
    std::string name = "HF_TOKEN", token = value_of(environment, name);
    if (token.empty()) {
        name = "HUGGING_FACE_HUB_TOKEN"; // its old name, which every client still reads
        token = value_of(environment, name);
    }
    if (token.empty()) { // contract 1.7, line 3; blanks are no token
        return {{Status::failed, "token", "HF_TOKEN is not set; publication will fail",
                 "set HF_TOKEN to a token with write access to the targets"}};
    }
    const Secret secret(token); // hidden from whatever is printed from here on
    Checks checks{{Status::ok, "token", name + " is set", {}, {{"variable", name}}}};
    if (std::ranges::any_of(token, [](char c) { return c <= 0x20 || c > 0x7e; })) {
        checks.push_back({Status::failed, "token-form", name + " holds characters that no token has",
                          "copy the token again"});
    }
    return checks;
}

Check check_scratch(const fs::path& root, const std::string& shown)
{
    const std::string id = "scratch-root";
    try {
        plugin::make_scratch_root(root);
        try_to_write(root);
        return {Status::ok, id, "scratch root writable: " + shown, {}, {{"root", shown}}};
    } catch (const Error& error) { // contract 1.7, line 5
        return {Status::failed, id, "scratch root is not writable: " + shown,
                std::string(error.reason()) + "; correct that, or set SKULK_WEIGHTS_SCRATCH to another folder",
                {{"root", shown}}};
    }
}

Checks check_route(const hub::Settings& settings)
{
    const hub::Route route = hub::find_route(settings);
    Checks checks;
    if (route.proxy.empty()) {
        checks.push_back({Status::ok, "proxy", "proxy: none", {}, {{"proxy", nullptr}}});
    } else if (route.exempt) {
        checks.push_back({Status::ok, "proxy", "proxy: none for this Hub, by NO_PROXY (else " + route.proxy + ")",
                          {}, {{"proxy", nullptr}, {"exempt", true}}});
    } else {
        checks.push_back({Status::ok, "proxy",
                          "proxy in use: " + route.proxy + (route.proxy_login ? ", with a login" : ""), {},
                          {{"proxy", route.proxy}, {"login", route.proxy_login}}});
    }
    const std::string store = (route.system_store ? "the system's, " : "") + route.store;
    json::object facts{{"store", route.store}, {"system", route.system_store}, {"tls", route.secure}};
    if (!route.secure) {
        const bool here = !hub::sends_in_clear_text(settings.endpoint);
        checks.push_back({here ? Status::ok : Status::warning, "tls",
                          here ? "TLS: not used, the Hub is on this machine"
                               : "TLS: not used, so the token crosses the network unencrypted",
                          here ? "" : "set HF_ENDPOINT to an https address", std::move(facts)});
    } else if (!route.store_problem.empty()) {
        checks.push_back({Status::failed, "tls",
                          "certificate store cannot be used: " + store + ": " + route.store_problem,
                          route.system_store ? "install the package ca-certificates"
                                             : "correct SSL_CERT_FILE, SSL_CERT_DIR or REQUESTS_CA_BUNDLE",
                          std::move(facts)});
    } else {
        checks.push_back({Status::ok, "tls", "certificate store: " + store, {}, std::move(facts)});
    }
    return checks;
}

Check check_space(const fs::path& root, const std::optional<Need>& need, std::string_view why)
{
    const std::string id = "scratch-space";
    std::uint64_t free = 0;
    try {
        free = read_free_space(root);
    } catch (const Error& error) {
        return {Status::skipped, id, "scratch space: not known: " + std::string(error.reason()), {}};
    }
    json::object facts{{"free_bytes", free}, {"needed_bytes", nullptr}};
    const std::string text = "scratch space: " + human_bytes(free) + " free; ";
    if (!need) {
        return {Status::skipped, id, text + "what is needed is not known " + std::string(why), {},
                std::move(facts)};
    }
    if (need->bytes == 0 && !need->whole) {
        return {Status::warning, id, text + "what is needed is not known", {}, std::move(facts)};
    }
    facts["needed_bytes"] = need->bytes;
    const std::string needed =
        need->bytes == 0 ? "none is needed" : need->of + " needs about " + human_bytes(need->bytes);
    if (need->bytes > free) {
        return {Status::failed, id, text + needed,
                "free some space, or set SKULK_WEIGHTS_SCRATCH to a folder with more", std::move(facts)};
    }
    return {need->whole ? Status::ok : Status::warning, id,
            text + needed + (need->whole ? "" : "; of some artifacts it is not known"), {}, std::move(facts)};
}

Check check_catalog(const std::string& manifest, const std::function<const catalog::Catalog&()>& read)
{
    const std::string id = "catalog";
    try {
        const catalog::Catalog& catalog = read();
        const std::string entries = std::to_string(catalog.entries.size()) + " entries";
        json::object facts{{"entries", catalog.entries.size()}, {"sources", catalog.sources.size()}};
        // contract 1.7, line 6: the old spelling stays
        return {Status::ok, id,
                manifest.empty() ? "catalogue valid: " + entries + " from " +
                                       std::to_string(catalog.sources.size()) + " sources"
                                 : lexically_clean(manifest) + " valid: " + entries,
                {}, std::move(facts)};
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        return {Status::failed, id, error.what(), std::string(error.hint())};
    }
}

Checks check_plugins(const Kinds& kinds)
{
    Checks checks;
    for (const plugin::Candidate& candidate : kinds.inventory().plugins) {
        const std::string id = "plugin-" + candidate.id;
        const std::string name = "plugin " + candidate.id + " " + candidate.version;
        json::object facts{{"id", candidate.id}, {"version", candidate.version}, {"trust", candidate.trust}};
        if (!candidate.usable()) {
            if (candidate.status != "shadowed") {
                checks.push_back({Status::failed, id, name + " cannot be used (" + candidate.status +
                                                          "): " + candidate.reason,
                                  "see `skulk-weights plugins show " + candidate.id + "`", std::move(facts)});
            }
            continue;
        }
        try {
            std::string makes;
            for (const plugin::Kind& kind : candidate.kinds) {
                kinds.artifact(kind.name).describe();
                makes += (makes.empty() ? "" : ", ") + kind.name;
            }
            checks.push_back({Status::ok, id, name + " loads; makes " + makes, {}, std::move(facts)});
        } catch (const Error& error) {
            checks.push_back({Status::failed, id, name + " does not load: " + printable(error.what()),
                              error.hint().empty() ? "install it again" : std::string(error.hint()),
                              std::move(facts)});
        }
    }
    if (kinds.names().empty()) {
        checks.push_back({Status::failed, "plugins", "no usable plugin was found",
                          "install this program again; `skulk-weights plugins list` shows what there is"});
    }
    return checks;
}

Checks check_plugin_machine(const Kinds& kinds, std::span<const catalog::Entry> entries, std::stop_token stop)
{
    json::array fields;
    for (const catalog::Entry& entry : entries) {
        fields.push_back(entry.fields);
    }
    Checks checks;
    for (const std::string& kind : kinds.names()) {
        try {
            plugin::Artifact& artifact = kinds.artifact(kind);
            if (!artifact.can_doctor()) {
                continue;
            }
            const json::value answer = artifact.doctor(
                json::object{{"schema", "skw.doctor_request/1"}, {"kind", kind}, {"entries", fields}}, nullptr,
                stop);
            for (const json::value& item : answer.at("items").as_array()) {
                const json::object& one = item.as_object();
                const json::string& status = one.at("status").as_string();
                const json::value* hint = one.if_contains("hint");
                checks.push_back(
                    {status == "ok"     ? Status::ok
                     : status == "warn" ? Status::warning
                     : status == "skip" ? Status::skipped
                                        : Status::failed,
                     kind + "/" + std::string(one.at("id").as_string()),
                     kind + ": " + printable(one.at("message").as_string()),
                     hint != nullptr && hint->is_string() ? printable(hint->get_string()) : std::string()});
            }
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled) {
                throw;
            }
            checks.push_back({Status::failed, kind + "/doctor",
                              kind + ": cannot be asked about this machine: " + printable(error.what()),
                              std::string(error.hint())});
        }
    }
    return checks;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The one file that loads plugins, and the only one that includes Boost.DLL.
#include "plugin/loader.hpp"

#include "plugin/library_hash.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include <dlfcn.h>

#include <map>
#include <mutex>
#include <vector>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
namespace dll = boost::dll;

constexpr const char* entry_name = "skw_plugin_entry_v1";
constexpr std::string_view author_hint = "tell the plugin's author; a rebuild with the SDK usually cures it";

struct Registry {
    std::mutex mutex;
    std::map<std::string, LoadedPlugin> by_content; // library SHA-256 + identity
    std::vector<dll::shared_library> libraries;
};

// Never destroyed: unloading a library that left threads, thread-locals or unique symbols behind crashes, and
// the end of the process unloads everything anyway.
Registry& registry()
{
    static Registry* const forever = new Registry;
    return *forever;
}

Error broken(const Candidate& candidate, std::string reason)
{
    return Error(ErrorCode::contract, "plugin " + candidate.id, std::move(reason), std::string(author_hint));
}

// Boost's what() wraps the loader's own words; they are never shown as they are, only understood.
std::string_view loader_words(std::string_view text)
{
    constexpr std::string_view opening = "dlerror system message: ";
    const std::size_t begin = text.find(opening);
    if (begin == std::string_view::npos) {
        return text;
    }
    text.remove_prefix(begin + opening.size());
    return text.substr(0, text.rfind(')'));
}

// The word before `mark`, such as a library's or a version's name.
std::string word_before(std::string_view text, std::string_view mark)
{
    const std::string_view head = text.substr(0, text.find(mark));
    const std::size_t blank = head.find_last_of(" `'");
    return printable(blank == std::string_view::npos ? head : head.substr(blank + 1), 200);
}

std::string word_after(std::string_view text, std::string_view mark)
{
    text.remove_prefix(text.find(mark) + mark.size());
    return printable(text.substr(0, text.find_first_of(" ,\n)")), 200);
}

// Immediate: a missing symbol fails here, with its name, not in the middle of a publish. Local: plugins do
// not see each other. The system's no-delete flag has no name in Boost.DLL, which passes the bits through.
dll::load_mode::type mode()
{
    return dll::load_mode::rtld_now | dll::load_mode::rtld_local |
           static_cast<dll::load_mode::type>(RTLD_NODELETE);
}

dll::shared_library open_library(const Candidate& candidate, const fs::path& library)
{
    try {
        return dll::shared_library(library, mode());
    } catch (const std::system_error& failure) {
        LoadFailure found = classify_load_failure(failure.what(), library.native());
        throw Error(ErrorCode::unsupported, "plugin " + candidate.id, std::move(found.reason),
                    std::move(found.hint));
    }
}

skw_plugin_entry_fn find_entry(const Candidate& candidate, const dll::shared_library& library,
                               const fs::path& file)
{
    if (!library.has(entry_name)) {
        throw broken(candidate, candidate.library.filename().string() + " does not export " + entry_name);
    }
    const skw_plugin_entry_fn entry =
        &library.get<skw_status SKW_CALL(const skw_host_info*, const skw_plugin**)>(entry_name);
    // A look-up also searches what the library depends on; such an entry would belong to somebody else.
    Dl_info where{};
    std::error_code ignored;
    if (::dladdr(reinterpret_cast<const void*>(entry), &where) == 0 || where.dli_fname == nullptr ||
        !fs::equivalent(where.dli_fname, file, ignored)) {
        throw broken(candidate, "the entry function lies in another library, not in " + file.string());
    }
    return entry;
}

std::string_view view(const skw_text& text)
{
    return text.ptr == nullptr || text.len > 4096
               ? std::string_view()
               : std::string_view(text.ptr, static_cast<std::size_t>(text.len));
}

const skw_plugin* enter(const Candidate& candidate, skw_plugin_entry_fn entry)
{
    static constexpr std::string_view name = "skulk-weights";
    static constexpr std::string_view version = SKW_VERSION;
    static const skw_host_info info{
        {sizeof(skw_host_info), SKW_ABI_MINOR}, SKW_ABI_MAJOR, SKW_ABI_MINOR, 0, {name.data(), name.size()},
        {version.data(), version.size()}};
    const skw_plugin* root = nullptr;
    const skw_status status = entry(&info, &root);
    if (status < 0) {
        throw broken(candidate, "refuses this host (status " + std::to_string(status) + ")");
    }
    if (root == nullptr || root->head.struct_size < sizeof(skw_plugin) || root->head.struct_size % 8 != 0 ||
        root->get_interface == nullptr) {
        throw broken(candidate, "its root table is missing or too small");
    }
    return root;
}

void check_identity(const Candidate& candidate, const skw_plugin& root)
{
    if (root.abi_major != SKW_ABI_MAJOR || root.min_host_minor > SKW_ABI_MINOR) {
        throw broken(candidate, "was built for plugin interface " + std::to_string(root.abi_major) + "." +
                                    std::to_string(root.min_host_minor));
    }
    const auto differs = [&](std::string_view what, std::string_view real, std::string_view promised) {
        if (real != promised) {
            throw broken(candidate, "its manifest says " + std::string(what) + " " + std::string(promised) +
                                        ", the library says " + printable(real, 200));
        }
    };
    differs("id", view(root.id), candidate.id);
    differs("version", view(root.version), candidate.version);
    differs("interface major", std::to_string(root.abi_major), std::to_string(candidate.abi_major));
    differs("interface minor", std::to_string(root.abi_minor), std::to_string(candidate.abi_minor));
    differs("lowest host minor", std::to_string(root.min_host_minor),
            std::to_string(candidate.min_host_minor));
}

const skw_artifact* find_artifact(const Candidate& candidate, const skw_plugin& root)
{
    constexpr std::string_view id = "skw.artifact/1";
    const auto* table = reinterpret_cast<const skw_artifact*>(root.get_interface(id.data(), id.size()));
    if (!SKW_HAS(skw_artifact, table, describe) || !SKW_HAS(skw_artifact, table, create) ||
        !SKW_HAS(skw_artifact, table, destroy) || !SKW_HAS(skw_artifact, table, validate) ||
        !SKW_HAS(skw_artifact, table, plan)) {
        throw broken(candidate, "its interface skw.artifact/1 is missing or has empty slots");
    }
    return table;
}

LoadedPlugin load_first_time(const Candidate& candidate, const fs::path& file)
{
    dll::shared_library library = open_library(candidate, file);
    const skw_plugin_entry_fn entry = find_entry(candidate, library, file);
    // Kept from here on, even if what follows refuses the plugin: its code has run.
    registry().libraries.push_back(std::move(library));
    LoadedPlugin loaded;
    loaded.root = enter(candidate, entry);
    check_identity(candidate, *loaded.root);
    loaded.artifact = find_artifact(candidate, *loaded.root);
    return loaded;
}

} // namespace

LoadFailure classify_load_failure(std::string_view loader_text, std::string_view library)
{
    const std::string_view words = loader_words(loader_text);
    const auto says = [&](std::string_view part) { return words.find(part) != std::string_view::npos; };
    constexpr std::string_view not_opened = ": cannot open shared object file";
    if (says(not_opened)) {
        const std::string missing = word_before(words, not_opened);
        if (missing == library) {
            return {"the library could not be opened", "check that " + missing + " exists and may be read"};
        }
        return {"the library needs " + missing + ", which is not on this machine",
                "install the package that brings " + missing};
    }
    if (says("' not found (required by")) {
        return {"the library needs " + word_before(words, "' not found") +
                    ", which this system is too old for",
                "use a build of the plugin for this system, or a newer system"};
    }
    if (says("undefined symbol: ")) {
        return {"the library needs the function " + word_after(words, "undefined symbol: ") +
                    ", which nothing here provides",
                std::string(author_hint)};
    }
    if (says("static TLS block")) {
        return {"the library asks for more thread-local room than a running program has left",
                std::string(author_hint)};
    }
    if (says("wrong ELF class") || says("invalid ELF header") || says("file too short") || says("ELF file") ||
        says("ELF load command")) {
        return {"the file is not a shared library for this kind of machine",
                "use a build of the plugin for this platform"};
    }
    return {"the system could not load the library", std::string(author_hint)};
}

LoadedPlugin load_plugin(const Candidate& candidate)
{
    if (!candidate.usable()) {
        throw Error(ErrorCode::unsupported, "plugin " + candidate.id,
                    "cannot be used (" + candidate.status + "): " + candidate.reason);
    }
    std::error_code failure;
    const fs::path file = fs::canonical(candidate.library, failure);
    if (failure) {
        throw Error(ErrorCode::io, candidate.library.string(), "cannot be opened: " + failure.message());
    }
    Registry& all = registry();
    const std::lock_guard<std::mutex> one_at_a_time(all.mutex);
    // The listing may be old by now; what is loaded has to be what was listed.
    if (hash_of_library(file).hex() != candidate.library_sha256) {
        throw Error(ErrorCode::contract, "plugin " + candidate.id, "its library changed after it was checked",
                    "run the command again");
    }
    const std::string identity = candidate.library_sha256 + " " + candidate.id + " " + candidate.version;
    const auto known = all.by_content.find(identity);
    if (known != all.by_content.end()) {
        return known->second;
    }
    return all.by_content.emplace(identity, load_first_time(candidate, file)).first->second;
}

} // namespace skw::plugin

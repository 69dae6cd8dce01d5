// SPDX-License-Identifier: Apache-2.0
// One folder of a plugin place: what its manifest says and whether the files fit it.
#include "plugin/examine.hpp"

#include "plugin/library_hash.hpp"
#include "plugin/manifest.hpp"
#include "support/digest.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <skw/plugin.h>

#include <sys/stat.h>
#include <unistd.h>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_manifest = 256u << 10;

bool is_plain(const fs::path& path, fs::file_type type)
{
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() == type;
}

// Nobody but root or the user of this process may be able to change what we are about to trust.
bool only_owner_writes(const fs::path& path)
{
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && (info.st_uid == 0 || info.st_uid == ::geteuid()) &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Each part of a relative path below folder exists without a link on the way, and the last one is a file.
bool is_file_inside(const fs::path& folder, const fs::path& relative)
{
    fs::path walked = folder;
    for (auto part = relative.begin(); part != relative.end(); ++part) {
        walked /= *part;
        const bool last = std::next(part) == relative.end();
        if (!is_plain(walked, last ? fs::file_type::regular : fs::file_type::directory)) {
            return false;
        }
    }
    return true;
}

std::string join(const std::vector<std::string>& names)
{
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

void take_facts(Candidate& candidate, Manifest manifest)
{
    candidate.id = std::move(manifest.id);
    candidate.name = std::move(manifest.name);
    candidate.version = std::move(manifest.version);
    candidate.vendor = std::move(manifest.vendor);
    candidate.license = std::move(manifest.license);
    candidate.abi_major = manifest.abi_major;
    candidate.abi_minor = manifest.abi_minor;
    candidate.min_host_minor = manifest.min_host_minor;
    candidate.kinds = std::move(manifest.kinds);
    candidate.tools = std::move(manifest.tools);
    candidate.asks_for_token = manifest.asks_for_token;
}

void check_names(Candidate& candidate)
{
    if (candidate.source == "builtin") {
        return;
    }
    if (candidate.id.starts_with("skw.")) {
        refuse(candidate, "bad-manifest", "ids that begin with \"skw.\" belong to the built-in plugins");
    }
    for (const Kind& kind : candidate.kinds) {
        if (!kind.entry_fields.empty()) {
            refuse(candidate, "bad-manifest",
                   "entry_fields: only built-in plugins own top-level catalog fields; others use artifacts." +
                       kind.name);
        }
    }
}

void check_version(Candidate& candidate, const Manifest& manifest)
{
    if (candidate.abi_major != SKW_ABI_MAJOR || candidate.min_host_minor > SKW_ABI_MINOR) {
        refuse(candidate, "incompatible",
               "needs plugin interface " + std::to_string(candidate.abi_major) + "." +
                   std::to_string(candidate.min_host_minor) + "; this program has " +
                   std::to_string(SKW_ABI_MAJOR) + "." + std::to_string(SKW_ABI_MINOR));
    } else if (!manifest.library) {
        refuse(candidate, "incompatible",
               "has no library for " + std::string(host_platform()) + ", only for " +
                   join(manifest.platforms));
    }
}

// Built-in plugins lie beside the program and were installed with it: whoever can change them can change the
// program as well, so asking about their permissions would protect nothing and break odd installations.
void check_permissions(Candidate& candidate)
{
    if (candidate.source == "builtin") {
        return;
    }
    for (const fs::path& path : {candidate.folder.parent_path(), candidate.folder,
                                 candidate.folder / manifest_name, candidate.library}) {
        if (!only_owner_writes(path)) {
            refuse(candidate, "bad-permissions",
                   path.string() + " can be changed by others than root and the current user");
            return;
        }
    }
}

void check_library(Candidate& candidate, const Library& library)
{
    candidate.library = candidate.folder / library.path;
    if (!is_file_inside(candidate.folder, library.path)) {
        refuse(candidate, "bad-manifest",
               "library: " + library.path + " is not a regular file in the plugin's folder");
        return;
    }
    check_permissions(candidate);
    if (!candidate.usable()) {
        return;
    }
    const std::uint64_t size = File::open_read(candidate.library).size();
    if (size != library.size) {
        refuse(candidate, "bad-hash",
               library.path + " has " + std::to_string(size) + " bytes, the manifest says " +
                   std::to_string(library.size));
        return;
    }
    const Sha256 hash = hash_of_library(candidate.library);
    candidate.library_sha256 = hash.hex();
    if (hash != library.sha256) {
        refuse(candidate, "bad-hash", library.path + " is not the file whose SHA-256 the manifest holds");
    }
}

} // namespace

void refuse(Candidate& candidate, std::string_view status, std::string_view reason)
{
    candidate.status = status;
    candidate.reason = printable(reason);
}

Candidate examine_folder(const fs::path& folder, const std::string& source)
{
    Candidate candidate;
    candidate.folder = folder;
    candidate.id = printable(folder.filename().string());
    candidate.source = source;
    candidate.trust = source == "builtin" ? "built-in" : "unpinned";
    candidate.status = "ok";
    try {
        const fs::path file = folder / manifest_name;
        if (!is_plain(folder, fs::file_type::directory) || !is_plain(file, fs::file_type::regular)) {
            refuse(candidate, "bad-manifest", "the folder or its manifest is a link or no plain file");
            return candidate;
        }
        const std::string text = read_file(file, largest_manifest);
        candidate.manifest_sha256 = sha256_of(text).hex();
        const Manifest manifest = parse_manifest(text, manifest_name);
        take_facts(candidate, manifest);
        check_names(candidate);
        if (candidate.usable()) {
            check_version(candidate, manifest);
        }
        if (candidate.usable()) {
            check_library(candidate, *manifest.library);
        }
    } catch (const Error& error) {
        refuse(candidate, "bad-manifest", error.what());
    }
    return candidate;
}

} // namespace skw::plugin

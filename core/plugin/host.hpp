// SPDX-License-Identifier: Apache-2.0
// The plugins of this machine, and one operation of one of them. No loader or ABI header here.
#pragma once

#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/json.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// --- What is there (manifests only; runs no plugin code) -------------------------------------------------

struct Kind {
    std::string name;             // "mtp": [a-z][a-z0-9-]*
    std::string title;            // "MTP sidecar"
    std::string collection_title; // "MTP Sidecars"; "" = filed by the entry's own collection slug
    std::vector<std::string> entry_fields; // top-level catalog fields this kind owns; built-ins only
};

struct Candidate {
    std::string id, version, vendor, license, name;
    int abi_major = 0, abi_minor = 0, min_host_minor = 0;
    std::vector<Kind> kinds;
    std::vector<std::string> tools;       // needs.tools
    std::string source;                   // "builtin", "cli", "user", "system"
    std::string trust;                    // "built-in", "pinned", "unpinned", "override"
    // "ok", "bad-manifest", "bad-hash", "bad-permissions", "incompatible", "conflict" or "shadowed"
    std::string status;
    std::string reason;                   // why the status is not ok
    std::filesystem::path folder, library;
    std::string manifest_sha256, library_sha256;
    bool usable() const { return status == "ok"; }
};

struct Place {
    std::filesystem::path folder;
    std::string source;
};

struct Inventory {
    std::vector<Place> searched;
    std::vector<Candidate> plugins; // sorted by id
    const Candidate* find_kind(std::string_view kind) const; // usable ones only
    const Candidate* find(std::string_view id_or_kind) const;
    // Usable ones in publishing order: vindex, mtp, vision, then the others by name.
    std::vector<std::string> kinds() const;
};

// The built-in folder: ../lib/skulk-weights/plugins from the program's real path.
std::vector<Place> builtin_places();
Inventory discover(const std::vector<Place>& places);

// --- What an operation may use ---------------------------------------------------------------------------

struct SourceFile {
    std::string path;
    std::uint64_t size = 0;
    std::optional<Sha256> sha256;
};

class ByteStream {
public:
    virtual ~ByteStream() = default;
    virtual std::size_t read(std::span<std::byte> into) = 0; // 0 only at the end
};

// The pinned inputs of a plan, by their ids. Implemented over the Hub by the publisher, by folders in tests.
// Throws Error. May be called from several threads.
class Sources {
public:
    virtual ~Sources() = default;
    virtual std::vector<SourceFile> list(std::string_view input) = 0;
    virtual std::unique_ptr<ByteStream> open(std::string_view input, std::string_view path,
                                             std::uint64_t offset, std::uint64_t length) = 0;
    virtual void read_at(std::string_view input, std::string_view path, std::uint64_t offset,
                         std::span<std::byte> into) = 0; // fills all of it
};

// What a running operation tells. May be called from several threads.
class Events {
public:
    virtual ~Events() = default;
    virtual void log(int level, std::string_view text) = 0; // levels of skw/plugin.h; already one safe line
    virtual void progress(std::string_view step, std::uint64_t done, std::uint64_t total) = 0;
};

// An output of the plan that is complete: a file with its size and hash.
struct StagedOutput {
    std::string id;
    std::filesystem::path file;
    std::uint64_t size = 0;
    Sha256 sha256;
};

struct CardNotes {
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<std::string> notes;
};

struct Execution {
    json::value result; // skw.result/1
    std::vector<StagedOutput> outputs;
    CardNotes card;
    // Keeps other processes away from the scratch root, where the outputs lie. Drop it when they are not
    // needed any more.
    std::shared_ptr<const void> lease;
};

struct ExecuteRequest {
    json::value plan;                  // skw.plan/1 with pinned inputs
    std::filesystem::path scratch_root; // outputs are staged here, under the plan's file names
    Sources* sources = nullptr;
    Events* events = nullptr;
    std::stop_token stop;
};

// One finding of validate, as the plugin gave it.
struct Finding {
    std::string code, severity, path, message, hint; // severity: error, warning, info; path: JSON Pointer
};

// --- A loaded plugin -------------------------------------------------------------------------------------

// One artifact kind of one loaded plugin. Never unloaded. Calls throw Error with the plugin's text; a
// failure without a text, a document that breaks its schema or an unknown kind is Error(contract) that names
// the plugin. Not for two threads at once.
class Artifact {
public:
    virtual ~Artifact() = default;
    virtual const Kind& kind() const = 0;
    virtual const Candidate& plugin() const = 0;
    virtual bool can_execute() const = 0;                         // false: plans only
    virtual bool can_doctor() const = 0;                          // false: has no checks of its own
    virtual json::value describe() = 0;                           // skw.describe/1
    virtual std::vector<Finding> validate(const json::object& entry) = 0;
    virtual json::value plan(const json::value& request) = 0;     // skw.plan_request/1 -> skw.plan/1
    // skw.doctor_request/1 -> skw.checks/1. Needs can_doctor().
    virtual json::value doctor(const json::value& request, Events* events, std::stop_token stop) = 0;
    // Stages the outputs; a failure or a stop leaves none of them behind. Needs can_execute().
    virtual Execution execute(const ExecuteRequest& request) = 0;
};

// Loads (once per process) the library behind a usable candidate, after hashing it again.
std::unique_ptr<Artifact> load_artifact(const Candidate& candidate, std::string_view kind);

} // namespace skw::plugin

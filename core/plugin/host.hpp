// SPDX-License-Identifier: Apache-2.0
// The plugins of this machine, and one operation of one of them. No loader or ABI header here.
#pragma once

#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/json.hpp"

#include <chrono>
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
    std::string name;                      // "mtp": [a-z][a-z0-9-]*
    std::string title;                     // "MTP sidecar"
    std::string collection_title;          // "MTP Sidecars"; "" = filed by the entry's own collection slug
    std::vector<std::string> entry_fields; // top-level catalog fields this kind owns; built-ins only
};

struct Candidate {
    std::string id, version, vendor, license, name;
    int abi_major = 0, abi_minor = 0, min_host_minor = 0;
    std::vector<Kind> kinds;
    std::vector<std::string> tools; // needs.tools
    bool asks_for_token = false;    // needs.token: a tool of this plugin uploads by itself
    std::string source;             // "builtin", "cli", "user", "system"
    std::string trust;              // "built-in", "pinned", "unpinned", "override"
    // "ok", "bad-manifest", "bad-hash", "bad-permissions", "incompatible", "conflict" or "shadowed"
    std::string status;
    std::string reason; // why the status is not ok
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
    std::vector<Candidate> plugins;                          // sorted by id
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
    std::optional<Sha256> sha256; // large files
    std::string blob_id{};        // git's id, of small files
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
    // One file that is fetched beside others; all of it done = it has ended.
    virtual void transfer(std::string_view /*name*/, std::uint64_t /*done*/, std::uint64_t /*size*/) {}
};

// An output of the plan that is complete: a file with its size and hash.
struct StagedOutput {
    std::string id;
    std::filesystem::path file;
    std::uint64_t size = 0;
    Sha256 sha256;
};

// A file that goes unchanged from an input to the same path of the target; nothing was moved yet.
struct MirroredFile {
    std::string input;
    SourceFile file;
    bool operator<(const MirroredFile& other) const { return file.path < other.file.path; }
};

// What a tool has uploaded by itself, as it lay on this machine when the tool ended.
struct UploadedFile {
    std::string path; // in the target
    std::filesystem::path file;
    std::uint64_t size = 0;
    Sha256 sha256;
};

struct EnvironmentVariable {
    std::string name, value;
};

// How a tool that uploads by itself gets at the target. Implemented by the publisher.
class ToolTarget {
public:
    virtual ~ToolTarget() = default;
    // Makes the target ready. Called right before the tool starts. endpoint_variable: what the tool reads
    // the Hub's address from; "" = it knows the public Hub only. Gives the variables it needs, the token
    // among them. Throws Error.
    virtual std::vector<EnvironmentVariable> open(std::string_view endpoint_variable) = 0;
};

struct CardNotes {
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<std::string> notes;
};

struct Execution {
    json::value result; // skw.result/1
    std::vector<StagedOutput> outputs;
    std::vector<MirroredFile> mirrored;                // sorted by path
    std::optional<std::vector<UploadedFile>> uploaded; // by a tool, sorted by path
    // Of the plan, and, after a tool has uploaded, the private directory: for remove_folders() of
    // plugin/folders.hpp once nothing of it is needed any more.
    std::vector<std::filesystem::path> folders;
    CardNotes card;
    // Keeps other processes away from the scratch root, where the outputs lie. Drop it when they are not
    // needed any more.
    std::shared_ptr<const void> lease;
};

struct ExecuteRequest {
    json::value plan;                   // skw.plan/1 with pinned inputs
    std::filesystem::path scratch_root; // outputs are staged here, under the plan's file names
    std::string shown_scratch{};        // the same as the operator knows it; "" = scratch_root
    Sources* sources = nullptr;
    Events* events = nullptr;
    std::stop_token stop;
    ToolTarget* target = nullptr;         // null: no tool may upload
    bool replace_folders = false;         // --force: what lies where the plan's folders go is removed first
    std::chrono::seconds idle_limit{900}; // a tool that neither prints nor computes for so long is ended
};

// One repository to be looked at for a kind. Its one input is called "source".
struct InspectRequest {
    RepoId repo;
    CommitId revision;
    json::object options; // fields of the kind, as in a catalog entry
    Sources* sources = nullptr;
    Events* events = nullptr;
    std::stop_token stop;
    json::object host{}; // name and version, for what a plugin would write of them
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
    virtual bool can_execute() const = 0; // false: plans only
    virtual bool can_doctor() const = 0;  // false: has no checks of its own
    virtual bool can_inspect() const = 0; // false: cannot look into a repository
    virtual json::value describe() = 0;   // skw.describe/1
    virtual std::vector<Finding> validate(const json::object& entry) = 0;
    virtual json::value plan(const json::value& request) = 0; // skw.plan_request/1 -> skw.plan/1
    // skw.doctor_request/1 -> skw.checks/1. Needs can_doctor().
    virtual json::value doctor(const json::value& request, Events* events, std::stop_token stop) = 0;
    // skw.inspection/1. Reads, and makes nothing. Needs can_inspect().
    virtual json::value inspect(const InspectRequest& request) = 0;
    // Stages the outputs; a failure or a stop leaves none of them behind. What the plan's tools wrote into
    // its folders stays, also after success: the caller removes it. Needs can_execute().
    virtual Execution execute(const ExecuteRequest& request) = 0;
};

// Loads (once per process) the library behind a usable candidate, after hashing it again.
std::unique_ptr<Artifact> load_artifact(const Candidate& candidate, std::string_view kind);

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// A look ahead: what a publish would meet and move, by the Hub as it is now. Nothing is made or changed.
#pragma once

#include "publish/facts.hpp"
#include "publish/observer.hpp"
#include "publish/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace skw::publish {

struct SourceLook {
    std::string id; // of the plan's input
    RepoId repo;
    CommitId commit;
    std::uint64_t files = 0, bytes = 0; // that the plan selects
};

// Files, and the bytes of their contents.
struct Pile {
    std::uint64_t files = 0, bytes = 0;
    void add(std::uint64_t size) noexcept
    {
        ++files;
        bytes += size;
    }
};

// Files that go unchanged from the source to the target.
struct MirrorLook {
    Pile all;               // of what the plan selects
    Pile there;             // at the target already
    Pile inlined;           // small ones, which go inside the commit
    Pile copied;            // large ones: by the Hub where it may, else streamed through this machine
    bool copy_only = false; // the source is gated: streamed they are not
};

enum class Standing {
    unknown,    // could not be read
    absent,     // would be made
    up_to_date, // names this source already
    same_files, // holds the files of a mirror already
    ours,       // would be updated
    free,       // holds nothing that is anybody's
    replaced,   // somebody else's, published over with --force
    foreign,    // somebody else's, and refused
};
std::string_view name_of(Standing standing) noexcept;

enum class MayWrite { yes, no, unknown };

// Where it would be filed.
struct FilingLook {
    std::string title;               // "" = by a slug
    std::optional<std::string> slug; // nullopt: it would be made
    bool known = true;               // false: the Hub could not be asked
};

struct ArtifactLook {
    std::string kind;
    bool configured = false;
    std::vector<SourceLook> sources;
    std::optional<json::object> inspection; // skw.inspection/1, of a plugin that can look
    std::optional<MirrorLook> mirror;
    Pile licenses;                      // that come along and are not at the target
    std::vector<std::string> removals;  // paths at the target
    std::optional<std::uint64_t> fetch; // bytes; nullopt = not known
    std::uint64_t staged = 0;           // of them in scratch already
    std::optional<std::uint64_t> send;  // bytes of contents, without card and licence files
    bool send_is_estimate = false;
    std::optional<RepoId> target;
    std::optional<CommitId> head;
    bool is_private = false;
    Standing standing = Standing::unknown;
    std::vector<std::string> messages; // why it is up to date
    std::string earlier;               // the entry before this one that publishes to the same target
    MayWrite may_write = MayWrite::unknown;
    std::string may_write_reason; // of what is unknown
    std::optional<std::uint64_t> scratch_needed;
    bool scratch_is_estimate = false;
    std::optional<std::uint64_t> scratch_free;
    std::optional<FilingLook> filing;
    std::vector<Error> problems; // each would end the run
    std::optional<Pins> pins;    // if sources and target could be read
};

struct EntryLook {
    std::string key;
    std::vector<ArtifactLook> artifacts; // as in its plan
};

struct LookOptions {
    std::filesystem::path scratch; // the scratch root; need not be there
    bool has_token = false;        // that publishing would use
    std::stop_token stop;
};

// Looks at every configured artifact of every plan, whatever is wrong with the ones before. Throws
// Error(cancelled) only.
std::vector<EntryLook> look_online(const std::vector<Plan>& plans, const Kinds& kinds, hub::Client& hub,
                                   const LookOptions& options, Observer& observer);

bool has_problems(const std::vector<EntryLook>& looks);
// 0; "temporary" if nothing but the network stands in the way; else "failed".
int exit_code_of(const std::vector<EntryLook>& looks);

// The lines of one artifact, each with its line break; problems are not among them. "": it is not configured.
std::string look_text(const ArtifactLook& look);

// What `online` of skw.publish.plan/1 holds; null: the artifact is not configured, and need not be.
json::value look_json(const ArtifactLook& look);

} // namespace skw::publish

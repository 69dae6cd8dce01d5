// SPDX-License-Identifier: Apache-2.0
// Files that go unchanged from a source into the target: what differs, what comes, what goes, and the proof.
#pragma once

#include "plugin/host.hpp"
#include "publish/facts.hpp"
#include "support/files.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace skw::publish {

// One file of the source as it has to be in the target.
struct MirrorPiece {
    const PinnedInput* input = nullptr;
    hub::RemoteFile file;
    bool at_target = false; // the same content stands there already
    bool is_license = false;
};

struct Mirror {
    std::vector<MirrorPiece> pieces; // sorted by path
    std::vector<RepoPath> removals;  // managed files that the source no longer has
    bool changes_nothing() const;
};

// The SHA-256 of a small file, by reading it.
using HashSmall = std::function<Sha256(const RepoId&, const CommitId&, const hub::RemoteFile&)>;
HashSmall hash_small_files(hub::Client& hub);

// By the listings alone, unless one side keeps a small file inside of git and the other beside it. Holds the
// files the execution declared, and the licence files of the card's source unless the plan writes those paths
// itself. Refers to `facts`.
Mirror compare_mirror(const json::object& plan, const Facts& facts,
                      const std::vector<plugin::MirroredFile>& declared, const HashSmall& hash_small);

// The pieces as additions. Small files are read (all of them: the card names every file's SHA-256), in memory
// as long as they are few, beyond that into a folder that lives as long as this.
class MirrorContent {
public:
    MirrorContent(hub::Client& hub, const RepoId& target) : hub_(hub), target_(target) {}
    hub::Addition read(const MirrorPiece& piece);
    Sha256 hash(const MirrorPiece& piece); // keeps nothing

private:
    hub::Client& hub_;
    RepoId target_;
    std::uint64_t in_memory_ = 0;
    std::optional<TempFolder> folder_;
    std::size_t files_ = 0;
};

// Compares the target's listing after the commit with the source's. Throws Error that names what differs.
void check_mirror(const Mirror& mirror, const hub::Tree& target);

} // namespace skw::publish

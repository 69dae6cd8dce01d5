// SPDX-License-Identifier: Apache-2.0
// Artifacts that a tool uploads by itself: the repo before it, the proof and the card after it.
//
// Such a tool commits file by file, so a repo that we make stays private until it is complete: nobody can
// load half of it. Its card says meanwhile that it is being filled, which is how the next run knows it as
// ours.
#pragma once

#include "publish/committing.hpp"
#include "publish/mirror.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

class ToolUpload : public plugin::ToolTarget {
public:
    ToolUpload(const Work& work, const json::object& plan, const Facts& facts)
        : work_(work),
          plan_(plan),
          facts_(facts)
    {
    }

    // plugin::ToolTarget: makes the repo, private and marked, unless it is there.
    std::vector<plugin::EnvironmentVariable> open(std::string_view endpoint_variable) override;
    bool opened() const noexcept { return opened_; }

    // What the Hub holds now is what lay here: every path, size and hash at one commit, and the first and
    // last bytes of the largest file read back. Then one commit with the card, the licence files and the
    // removal of what an earlier upload left; then the repo is made public. Throws Error that names what
    // differs.
    CommitResult finish(const std::vector<plugin::UploadedFile>& uploaded, const plugin::CardNotes& notes);

private:
    bool is_ours_unfinished() const;
    void make_private_repo();
    void look_for_stray();
    std::vector<RepoPath> find_leftovers(const hub::Tree& tree,
                                         const std::vector<plugin::UploadedFile>& uploaded,
                                         const Mirror& licenses) const;
    void read_back(const hub::Tree& tree, const std::vector<plugin::UploadedFile>& uploaded) const;

    const Work& work_;
    const json::object& plan_;
    const Facts& facts_;
    bool opened_ = false;
    bool is_hidden_ = false;      // private by us, to be made public at the end
    std::optional<RepoId> stray_; // where an old larql would make a repo by mistake
};

} // namespace skw::publish

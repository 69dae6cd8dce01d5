// SPDX-License-Identifier: Apache-2.0
// Artifacts that a tool uploads by itself: the repo before it, the proof and the card after it.
//
// Such a tool commits file by file, so the card says meanwhile that the repo is being filled, and a repo that
// we make stays private until it is complete: nobody can load half of it. What the card says is how the next
// run knows where the last one ended:
//
//   state: publishing                        files may be missing or of two kinds
//   state: complete, made_private: 'true'    all is there, but the repo has yet to be made public
//   (neither)                                done
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

    // plugin::ToolTarget: makes the repo, private, unless it is there, and marks it.
    std::vector<plugin::EnvironmentVariable> open(std::string_view endpoint_variable) override;
    bool opened() const noexcept { return opened_; }

    // What the Hub holds now is what lay here: every path, size and hash at one commit, and the first and
    // last bytes of the largest file read back. Then one commit with the card, the licence files and the
    // removal of what an earlier upload left; then the repo is made public. Throws Error that names what
    // differs.
    CommitResult finish(const std::vector<plugin::UploadedFile>& uploaded, const plugin::CardNotes& notes);

private:
    TargetState make_private_repo();
    void mark(const TargetState& target);
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

// Takes up a repo whose last run ended between "complete" and "public". false: it is not such a one.
bool complete_hidden(const Work& work, const TargetState& target);

} // namespace skw::publish

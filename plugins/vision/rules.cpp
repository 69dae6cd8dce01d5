// SPDX-License-Identifier: Apache-2.0
// The rules of the vision fields.
#include "vision/rules.hpp"

#include "shared/entry_fields.hpp"

namespace skw::vision {

boost::json::value check_entry(const boost::json::object& entry)
{
    constexpr const char* sidecar = "vision_sidecar_repo";
    builtin::FieldFindings findings;
    const builtin::RepoPairResult pair =
        builtin::check_repo_pair(entry, "vision_source_repo", sidecar, findings);
    if (pair.repos) {
        // A mirror removes what the source does not have: in a shared repository that would be the other
        // artifact.
        for (const char* other : {"hf_repo", "mtp_sidecar_repo"}) {
            if (!builtin::check_other_target(entry, sidecar, pair.repos->sidecar, other, findings)) {
                break;
            }
        }
    }
    if (pair.ok) {
        builtin::check_base_model_relation(entry, "vision_base_model_relation", findings);
    }
    return findings.document();
}

} // namespace skw::vision

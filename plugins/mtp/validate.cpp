// SPDX-License-Identifier: Apache-2.0
// Applies the shared field rules to the fields of this kind.
#include "mtp/validate.hpp"

#include "mtp/options.hpp"
#include "shared/entry_fields.hpp"

#include <skw/failure.hpp>

namespace skw::mtp {

boost::json::value validate_entry(const boost::json::object& entry)
{
    builtin::FieldFindings findings;
    const builtin::RepoPairResult pair =
        builtin::check_repo_pair(entry, "mtp_source_repo", "mtp_sidecar_repo", findings);
    if (pair.ok && pair.repos) {
        // One repo for two artifacts: each publish would overwrite the other's card.
        builtin::check_other_target(entry, "mtp_sidecar_repo", pair.repos->sidecar, "hf_repo", findings);
    }
    if (pair.ok) {
        builtin::check_base_model_relation(entry, "mtp_base_model_relation", findings);
    }
    if (pair.ok) {
        try {
            read_options(entry);
        } catch (const sdk::Failure& failure) {
            findings.add(failure.place(), "choice", failure.message());
        }
    }
    const auto assistant = builtin::optional_text(entry, "assistant_model_repo", findings);
    if (assistant.ok && assistant.text &&
        builtin::check_repo_form("assistant_model_repo", *assistant.text, findings)) {
        const boost::json::value* source = entry.if_contains("mtp_source_repo");
        if (source != nullptr && !source->is_null()) {
            findings.add("assistant_model_repo", "exclusive",
                         "assistant_model_repo and mtp_source_repo are mutually exclusive");
        }
    }
    return findings.document();
}

} // namespace skw::mtp

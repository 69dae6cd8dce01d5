// SPDX-License-Identifier: Apache-2.0
// The rules of the catalog fields mtp_source_repo, mtp_sidecar_repo and assistant_model_repo.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace skw::mtp {

// skw.findings/1 for one entry; the messages are the contract's (section 4.3, rules 25 to 31).
boost::json::value validate_entry(const boost::json::object& entry);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Fields of artifact kinds that one run decides otherwise than the catalog entry: `--set FIELD=VALUE`.
#pragma once

#include "catalog/catalog.hpp"
#include "publish/kinds.hpp"

#include <span>
#include <string>
#include <string_view>

namespace skw::publish {

struct Setting {
    std::string field; // a field some kind owns, or "artifacts.<kind>.<field>"
    json::value value;
};

// "mtp_names=mtp". A value that is JSON but no text (a number, true, null, a list) is taken as that, any
// other as text. Throws Error(bad_argument): no "=", or a field that no kind owns, with the nearest that one
// does.
Setting parse_setting(std::string_view text, const Kinds& kinds);

// No field may be set twice. Throws Error(bad_argument).
void check_distinct(std::span<const Setting> settings);

// Writes the settings into the entry and has the kinds check it. Throws Error(bad_input) that names --set and
// the field.
void apply_settings(std::span<const Setting> settings, catalog::Entry& entry, const Kinds& kinds);

// The settings as the options of one kind, as `inspect` hands them over, checked by the kind as far as it can
// without an entry around them. Throws Error(bad_argument) for a field of another kind, Error(bad_input) as
// apply_settings.
json::object options_of(std::span<const Setting> settings, plugin::Artifact& artifact);

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The artifact kinds of this machine, loaded when first needed, and the catalog's field rules over them.
#pragma once

#include "catalog/catalog.hpp"
#include "plugin/host.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

class Kinds : public catalog::FieldRules {
public:
    explicit Kinds(plugin::Inventory inventory);

    const plugin::Inventory& inventory() const noexcept { return inventory_; }
    // Usable kinds in publishing order.
    const std::vector<std::string>& names() const noexcept { return names_; }
    // Loads the kind's plugin on first use. Throws Error(not_found) with a near name for an unknown kind.
    plugin::Artifact& artifact(std::string_view kind) const;

    // catalog::FieldRules. A field whose plugin cannot be used counts as known and stays unchecked.
    std::vector<std::string> fields() const override;
    std::vector<catalog::FieldFinding> check(const json::object& entry) const override;
    // What stands in the way of full checking, for stderr: "plugin skw.mtp cannot be used: ...".
    std::vector<std::string> warnings() const;

private:
    plugin::Inventory inventory_;
    std::vector<std::string> names_;
    mutable std::map<std::string, std::unique_ptr<plugin::Artifact>, std::less<>> loaded_;
};

} // namespace skw::publish

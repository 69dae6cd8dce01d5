// SPDX-License-Identifier: Apache-2.0
// What every command can reach: the environment, the plugins, the catalog, the output.
#pragma once

#include "catalog/catalog.hpp"
#include "cli/output.hpp"
#include "hub/client.hpp"
#include "publish/kinds.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace skw::cli {

// share/skulk-weights beside the bin folder of the program, in the build and the install tree alike.
std::filesystem::path data_folder();

class Context {
public:
    Context(std::string config, std::string manifest, hub::Environment environment, Output& output,
            std::stop_token stop);

    Output& output() noexcept { return output_; }
    std::stop_token stop() const { return stop_; }
    const hub::Environment& environment() const { return environment_; }
    const std::string& manifest() const { return manifest_; }

    // Found on first use. Warnings about plugins and the catalog go to stderr then.
    const plugin::Inventory& inventory();
    const publish::Kinds& kinds();
    const catalog::Catalog& catalog();
    // What a catalog is read from with these options.
    catalog::LoadRequest load_request(std::string config, std::string manifest) const;
    // The same with those of this command line.
    catalog::LoadRequest load_request() const { return load_request(config_, manifest_); }
    // Throws Error(not_found) with the contract's text and a near key.
    const catalog::Entry& entry(std::string_view key);

    // The scratch root as it is shown: --scratch, else SKULK_WEIGHTS_SCRATCH, else .scratch here, absolute.
    std::string scratch_root(std::string_view option) const;

private:
    std::string config_, manifest_;
    hub::Environment environment_;
    Output& output_;
    std::stop_token stop_;
    std::optional<plugin::Inventory> inventory_;
    std::unique_ptr<publish::Kinds> kinds_;
    std::optional<catalog::Catalog> catalog_;
};

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// What every command can reach: the environment, the plugins, the catalog, the output.
#pragma once

#include "catalog/catalog.hpp"
#include "cli/output.hpp"
#include "hub/client.hpp"
#include "publish/kinds.hpp"
#include "support/interrupt.hpp"

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
            const InterruptGuard& interrupt);

    Output& output() noexcept { return output_; }
    std::stop_token stop() const { return interrupt_.token(); }
    // What an interrupted run exits with: which signal came.
    int interrupted_code() const { return interrupt_.exit_code(); }
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
    // The same as a path that no later change of the working folder moves. Throws Error(io) where that is gone.
    static std::filesystem::path absolute_scratch(const std::string& shown);

private:
    std::string config_, manifest_;
    hub::Environment environment_;
    Output& output_;
    const InterruptGuard& interrupt_;
    std::optional<plugin::Inventory> inventory_;
    std::unique_ptr<publish::Kinds> kinds_;
    std::optional<catalog::Catalog> catalog_;
};

} // namespace skw::cli

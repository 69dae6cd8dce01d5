// SPDX-License-Identifier: Apache-2.0
// What every command can reach.
#include "cli/context.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

// share/skulk-weights beside the bin folder of the program, in the build and the install tree alike.
std::filesystem::path data_folder()
{
    return program_path().parent_path().parent_path() / "share" / "skulk-weights";
}

// The user's additions to the built-in catalog; "" where no home is known.
std::filesystem::path overlay_file(const hub::Environment& environment)
{
    const std::string config = environment("XDG_CONFIG_HOME").value_or("");
    const std::string home = environment("HOME").value_or("");
    if (config.empty() && home.empty()) {
        return {};
    }
    const std::filesystem::path base =
        config.empty() ? std::filesystem::path(home) / ".config" : std::filesystem::path(config);
    return base / "skulk-weights" / "foxlight.yaml";
}

} // namespace

Context::Context(std::string config, std::string manifest, hub::Environment environment, Output& output,
                 std::stop_token stop)
    : config_(std::move(config)),
      manifest_(std::move(manifest)),
      environment_(std::move(environment)),
      output_(output),
      stop_(std::move(stop))
{
}

const plugin::Inventory& Context::inventory()
{
    if (!inventory_) {
        inventory_ = plugin::discover(plugin::builtin_places());
    }
    return *inventory_;
}

const publish::Kinds& Context::kinds()
{
    if (kinds_ == nullptr) {
        kinds_ = std::make_unique<publish::Kinds>(inventory());
        for (const std::string& line : kinds_->warnings()) {
            output_.warning(line);
        }
    }
    return *kinds_;
}

const catalog::Catalog& Context::catalog()
{
    if (!catalog_) {
        catalog::LoadRequest request;
        request.config = config_;
        request.manifest = manifest_;
        request.builtin_file = data_folder() / "catalog" / "foxlight.yaml";
        request.overlay_file = overlay_file(environment_);
        // Told as they come up: what is odd about a file often explains why the next line refuses it.
        catalog_ = catalog::read_catalog(request, kinds(),
                                         [this](const std::string& line) { output_.warning(line); });
    }
    return *catalog_;
}

const catalog::Entry& Context::entry(std::string_view key)
{
    const catalog::Entry* found = catalog().find(key);
    if (found == nullptr) {
        std::vector<std::string> keys;
        for (const catalog::Entry& entry : catalog().entries) {
            keys.push_back(entry.key);
        }
        std::string near = nearest_name(key, keys);
        for (const std::string& candidate : keys) {
            if (candidate.ends_with("/" + std::string(key))) {
                near = candidate; // the namespace was left out
            }
        }
        throw Error(ErrorCode::not_found, "", "catalog key not found: " + printable(key, 300),
                    near.empty() ? "`skulk-weights catalog list` shows the keys"
                                 : "did you mean " + near + "?");
    }
    return *found;
}

std::string Context::scratch_root(std::string_view option) const
{
    if (!option.empty()) {
        return lexically_clean(expand_home(option));
    }
    if (const auto variable = environment_("SKULK_WEIGHTS_SCRATCH"); variable && !variable->empty()) {
        return lexically_clean(expand_home(*variable));
    }
    std::error_code error;
    const std::filesystem::path here = std::filesystem::current_path(error);
    if (error) {
        throw Error(ErrorCode::io, ".", "the working directory is gone",
                    "change to a folder, or pass --scratch");
    }
    return (here / ".scratch").string();
}

} // namespace skw::cli

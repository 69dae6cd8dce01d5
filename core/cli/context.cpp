// SPDX-License-Identifier: Apache-2.0
// What every command can reach.
#include "cli/context.hpp"

#include "publish/selection.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

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

std::filesystem::path data_folder()
{
    return program_path().parent_path().parent_path() / "share" / "skulk-weights";
}

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

catalog::LoadRequest Context::load_request(std::string config, std::string manifest) const
{
    catalog::LoadRequest request;
    request.config = std::move(config);
    request.manifest = std::move(manifest);
    request.builtin_file = data_folder() / "catalog" / "foxlight.yaml";
    request.overlay_file = overlay_file(environment_);
    return request;
}

const catalog::Catalog& Context::catalog()
{
    if (!catalog_) {
        // Told as they come up: what is odd about a file often explains why the next line refuses it.
        catalog_ = catalog::read_catalog(load_request(config_, manifest_), kinds(),
                                         [this](const std::string& line) { output_.warning(line); });
    }
    return *catalog_;
}

const catalog::Entry& Context::entry(std::string_view key)
{
    return publish::find_entry(catalog(), key);
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

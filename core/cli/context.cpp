// SPDX-License-Identifier: Apache-2.0
// What every command can reach.
#include "cli/context.hpp"

#include "publish/selection.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

// The user's additions to the built-in catalog; "" where no home is known.
std::filesystem::path overlay_file(const hub::Environment& environment)
{
    const std::filesystem::path config = environment("XDG_CONFIG_HOME").value_or("");
    const std::filesystem::path home = environment("HOME").value_or("");
    // The XDG specification has a relative one ignored: it would be another folder in each working folder.
    if (!config.is_absolute() && home.empty()) {
        return {};
    }
    return (config.is_absolute() ? config : home / ".config") / "skulk-weights" / "foxlight.yaml";
}

// It stands in lines that scripts read, and in command lines that people copy.
std::string scratch_text(std::string_view text, std::string_view given_by)
{
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(text, is_control)) {
        throw Error(ErrorCode::bad_input, std::string(given_by),
                    "the scratch folder's name holds a control character: " + python_repr(text),
                    "name a folder without one");
    }
    return lexically_clean(expand_home(text));
}

} // namespace

std::filesystem::path data_folder()
{
    return program_path().parent_path().parent_path() / "share" / "skulk-weights";
}

Context::Context(std::string config, std::string manifest, hub::Environment environment, Output& output,
                 const InterruptGuard& interrupt)
    : config_(std::move(config)),
      manifest_(std::move(manifest)),
      environment_(std::move(environment)),
      output_(output),
      interrupt_(interrupt)
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
        return scratch_text(option, "--scratch");
    }
    if (const auto variable = environment_("SKULK_WEIGHTS_SCRATCH"); variable && !variable->empty()) {
        return scratch_text(*variable, "SKULK_WEIGHTS_SCRATCH");
    }
    return absolute_scratch(".scratch").string();
}

std::filesystem::path Context::absolute_scratch(const std::string& shown)
{
    std::error_code failure;
    std::filesystem::path whole = std::filesystem::absolute(shown, failure);
    if (failure) {
        throw Error(ErrorCode::io, ".", "the working directory is gone",
                    "change to a folder, or pass an absolute path with --scratch");
    }
    return whole;
}

} // namespace skw::cli

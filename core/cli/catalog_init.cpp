// SPDX-License-Identifier: Apache-2.0
// `catalog init`: a configuration to begin with.
#include "catalog/config.hpp"
#include "catalog/replace_file.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <filesystem>

namespace skw::cli {
namespace {

constexpr std::string_view content =
    "# The built-in Foxlight catalog is always read; this file adds sources of your own.\n"
    "# Take the empty list out once your first source stands here.\n"
    "catalogs: []\n"
    "\n"
    "# A source looks like this:\n"
    "# catalogs:\n"
    "#   - path: ./operator-vindexes.yaml\n"
    "#     namespace: my-org\n"
    "#     hf_owner: my-org\n"
    "#     hf_collection: my-org/my-vindexes-0123456789abcdef01234567\n";

int run(const Arguments& arguments, Context& context)
{
    const std::string path = lexically_clean(arguments.get("output", "skulk-weights.yaml"));
    const std::string shown = printable(path);
    std::error_code error;
    if (!arguments.has("force") && std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
        throw Error(ErrorCode::bad_input, "", shown + " already exists; rerun with --force to replace it");
    }
    if (std::filesystem::is_directory(path, error)) {
        throw Error(ErrorCode::io, shown, "is a directory", "name a file with --output");
    }
    // Where a link stands, the file behind it is replaced, as any editor would.
    const bool is_link = std::filesystem::is_symlink(path, error);
    catalog::replace_file(is_link ? catalog::real_path(path) : std::filesystem::path(path), content, [] {});
    context.output().text("wrote " + shown + "\n");
    context.output().document(json::object{{"schema", "skw.catalog.init/1"}, {"path", path}});
    return exit_code::ok;
}

} // namespace

const Command catalog_init{
    "catalog init",
    "write a configuration for sources of your own",
    "",
    {{"output", "PATH", "the file to write (default: skulk-weights.yaml)", 0, false, Values::files},
     {"force", "", "replace what is there"}},
    {{"skulk-weights catalog init", "a configuration that is read in this folder"},
     {"skulk-weights catalog init --output ops/skulk-weights.yaml", "one that is read with --config"}},
    run};

} // namespace skw::cli

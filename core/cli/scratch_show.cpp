// SPDX-License-Identifier: Apache-2.0
// `scratch show`: what lies in the scratch root, of which entry, how large and how old.
#include "publish/scratch_items.hpp"

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"
#include "support/text.hpp"

#include <chrono>

namespace skw::cli {
namespace {

std::string age_text(const std::optional<std::int64_t>& changed, std::int64_t now)
{
    return changed ? human_seconds(static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - *changed))) : "";
}

std::string listing_text(const publish::ScratchListing& listing, std::int64_t now)
{
    std::string out = "scratch root: " + listing.root + (listing.in_use ? " (in use by another run)" : "") + "\n";
    if (listing.items.empty()) {
        return out + "nothing in it\n";
    }
    Table table({"NAME", "WHAT", "ARTIFACT", "ENTRY", "SIZE", "AGE"});
    for (const publish::ScratchItem& item : listing.items) {
        table.add({printable(item.path, 300), item.what, item.owner ? item.owner->kind : "",
                   item.owner ? printable(item.owner->key, 300) : "", human_bytes(item.size.bytes),
                   age_text(item.changed, now)});
    }
    return out + table.text() + "total: " + human_bytes(listing.bytes) + "\n";
}

// A catalog that does not hold takes nothing from the list but the names of entries.
void name_entries(publish::ScratchListing& listing, Context& context)
{
    if (listing.items.empty()) {
        return;
    }
    try {
        publish::name_owners(listing, context.catalog(), context.kinds());
    } catch (const Error& error) {
        context.output().warning("entries are not named, for the catalog does not hold: " +
                                 std::string(error.what()));
    }
}

int run(const Arguments& arguments, Context& context)
{
    const std::string shown = context.scratch_root(arguments.get("scratch"));
    std::error_code ignored;
    if (std::filesystem::symlink_status(shown, ignored).type() == std::filesystem::file_type::not_found) {
        context.output().text("scratch directory does not exist: " + shown + "\n");
        context.output().document(json::object{{"schema", "skw.scratch.show/1"},
                                               {"root", shown},
                                               {"exists", false},
                                               {"marked", false},
                                               {"in_use", false},
                                               {"bytes", 0},
                                               {"items", json::array()}});
        return exit_code::ok;
    }
    // A link to the root is fine for looking at it.
    const std::filesystem::path real = std::filesystem::canonical(shown, ignored);
    const plugin::Tree root(ignored ? std::filesystem::path(shown) : real);
    publish::ScratchListing listing = publish::list_scratch(root, shown);
    name_entries(listing, context);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    context.output().text(listing_text(listing, now.count()));
    context.output().document(publish::scratch_json(listing));
    return exit_code::ok;
}

} // namespace

const Command scratch_show{
    "scratch show",
    "show what lies in the scratch root: of which entry, how large, how old",
    "",
    {{"scratch", "PATH", "the scratch root (default: $SKULK_WEIGHTS_SCRATCH, else ./.scratch)", 0, false,
      Values::folders}},
    {{"skulk-weights scratch show", "the largest first, with the total"},
     {"skulk-weights scratch show --scratch /mnt/big/scratch --json", "exact bytes, for programs"}},
    run};

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// Names in a scratch root, read back as what made them.
#include "publish/scratch_items.hpp"

#include "plugin/folders.hpp"
#include "plugin/scratch_root.hpp"
#include "publish/targets.hpp"
#include "support/clock.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace skw::publish {
namespace {

using plugin::ScratchThing;
using plugin::Tree;

// The names below the scratch root that a plan writes.
std::vector<std::string> names_of(const json::value& plan)
{
    std::vector<std::string> names;
    const json::object& object = plan.as_object();
    if (const json::value* folders = object.if_contains("folders"); folders != nullptr && folders->is_array()) {
        for (const json::value& folder : folders->get_array()) {
            if (folder.is_string()) {
                names.emplace_back(folder.get_string());
            }
        }
    }
    if (const json::value* outputs = object.if_contains("outputs"); outputs != nullptr && outputs->is_array()) {
        for (const json::value& output : outputs->get_array()) {
            const json::value* file = output.is_object() ? output.get_object().if_contains("file") : nullptr;
            if (file != nullptr && file->is_string()) {
                names.emplace_back(file->get_string());
            }
        }
    }
    return names;
}

std::string_view what_of(ScratchThing thing)
{
    switch (thing) {
    case ScratchThing::marker:
    case ScratchThing::resume: return "unfinished run";
    case ScratchThing::vindex: return "vindex";
    case ScratchThing::staged: return "staged file";
    case ScratchThing::old_cache: return "left by the Python tool";
    case ScratchThing::unknown: return "not known";
    }
    return "not known";
}

ScratchItem item_of(const Tree& folder, const plugin::TreeEntry& entry, std::string path, ScratchThing thing)
{
    ScratchItem item{std::move(path), entry.is_folder, std::string(what_of(thing)), {}, {},
                     folder.estimate(entry.name), {}};
    item.changed = item.size.newest ? item.size.newest : entry.changed;
    return item;
}

// resume/<plugin>/<target>-<plan>, each an item of its own.
void list_resume(const Tree& root, std::vector<ScratchItem>& items)
{
    const Tree all(root.path() / "resume");
    for (const plugin::TreeEntry& owner : all.entries()) {
        if (!owner.is_folder) {
            items.push_back(item_of(all, owner, "resume/" + owner.name, ScratchThing::unknown));
            continue;
        }
        const Tree runs(all.path() / owner.name);
        for (const plugin::TreeEntry& run : runs.entries()) {
            ScratchItem item =
                item_of(runs, run, "resume/" + owner.name + "/" + run.name, ScratchThing::resume);
            item.plugin = owner.name;
            items.push_back(std::move(item));
        }
    }
}

void name_item(ScratchItem& item, const Target& target)
{
    item.owner = ScratchOwner{target.key, target.kind};
    if (item.what == what_of(ScratchThing::unknown)) { // a third party's plan names its files as it likes
        item.what = what_of(item.is_folder ? ScratchThing::vindex : ScratchThing::staged);
    }
}

// The names in a folder of the root that do not belong there.
void add_foreign(const Tree& root, const std::string& folder, std::vector<std::string>& foreign)
{
    const Tree inner(root.path() / folder);
    for (const plugin::TreeEntry& entry : inner.entries()) {
        if (!plugin::belongs_in(folder, entry.name, entry.is_folder)) {
            foreign.push_back(folder + "/" + entry.name);
        } else if (folder == "resume") {
            for (const plugin::TreeEntry& run : Tree(inner.path() / entry.name).entries()) {
                if (!run.is_folder || !plugin::is_run_name(run.name)) {
                    foreign.push_back(folder + "/" + entry.name + "/" + run.name);
                }
            }
        }
    }
}

} // namespace

void name_owners(ScratchListing& listing, const catalog::Catalog& catalog, const Kinds& kinds)
{
    std::map<std::string, ScratchItem*> names;
    std::multimap<std::string, ScratchItem*> runs; // by what all plans for one target begin with
    for (ScratchItem& item : listing.items) {
        if (!item.plugin.empty()) {
            const std::string name = item.path.substr(item.path.rfind('/') + 1);
            runs.emplace(name.substr(0, name.find('-')), &item);
        } else if (item.what != what_of(ScratchThing::old_cache)) {
            names.emplace(item.path, &item);
        }
    }
    if (names.empty() && runs.empty()) {
        return;
    }
    const auto visit = [&](const Target& target, const json::value& plan) {
        for (const std::string& name : names_of(plan)) {
            if (const auto found = names.extract(name)) {
                name_item(*found.mapped(), target);
            }
        }
        if (!runs.empty()) {
            const auto [begin, end] = runs.equal_range(plugin::name_of_target(plan));
            for (auto run = begin; run != end; ++run) {
                name_item(*run->second, target);
            }
            runs.erase(begin, end);
        }
        return !names.empty() || !runs.empty();
    };
    visit_targets(catalog.entries, kinds, visit, [](const catalog::Entry&, const Error&) {});
}

ScratchListing list_scratch(const Tree& root, const std::string& shown)
{
    ScratchListing listing;
    listing.root = shown;
    listing.is_ours = plugin::has_scratch_marker(root.descriptor());
    listing.in_use = plugin::is_leased(root.descriptor());
    for (const plugin::TreeEntry& entry : root.entries()) {
        const ScratchThing thing = plugin::scratch_thing(entry.name, entry.is_folder);
        if (thing == ScratchThing::marker) {
            continue;
        }
        if (thing == ScratchThing::resume) {
            list_resume(root, listing.items);
            continue;
        }
        listing.items.push_back(item_of(root, entry, entry.name, thing));
    }
    std::ranges::sort(listing.items, [](const ScratchItem& a, const ScratchItem& b) {
        return std::tuple(b.size.bytes, a.path) < std::tuple(a.size.bytes, b.path);
    });
    for (const ScratchItem& item : listing.items) {
        listing.bytes += item.size.bytes;
    }
    return listing;
}

json::value scratch_json(const ScratchListing& listing)
{
    const auto text_or_null = [](const std::string& text) {
        return text.empty() ? json::value() : json::value(text);
    };
    json::array items;
    for (const ScratchItem& item : listing.items) {
        json::object one{{"path", item.path}, {"what", item.what}, {"plugin", text_or_null(item.plugin)}};
        one["entry"] = item.owner ? json::value(item.owner->key) : json::value();
        one["artifact"] = item.owner ? json::value(item.owner->kind) : json::value();
        one["bytes"] = item.size.bytes;
        one["files"] = item.size.files;
        one["changed"] = item.changed ? json::value(utc_text(std::chrono::system_clock::time_point(
                                            std::chrono::seconds(*item.changed))))
                                      : json::value();
        items.push_back(std::move(one));
    }
    return json::object{{"schema", "skw.scratch.show/1"}, {"root", listing.root},      {"exists", true},
                        {"marked", listing.is_ours},      {"in_use", listing.in_use},  {"bytes", listing.bytes},
                        {"items", std::move(items)}};
}

std::vector<std::string> foreign_names(const Tree& root)
{
    std::vector<std::string> foreign;
    if (plugin::has_scratch_marker(root.descriptor())) {
        return foreign;
    }
    for (const plugin::TreeEntry& entry : root.entries()) {
        const ScratchThing thing = plugin::scratch_thing(entry.name, entry.is_folder);
        if (entry.is_link || thing == ScratchThing::unknown) {
            foreign.push_back(entry.name);
        } else if (thing == ScratchThing::resume || thing == ScratchThing::old_cache) {
            add_foreign(root, entry.name, foreign);
        }
    }
    return foreign;
}

} // namespace skw::publish

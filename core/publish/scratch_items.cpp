// SPDX-License-Identifier: Apache-2.0
// Names in a scratch root, read back as what made them.
#include "publish/scratch_items.hpp"

#include "plugin/folders.hpp"
#include "plugin/scratch_root.hpp"
#include "publish/targets.hpp"
#include "support/clock.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <tuple>

namespace skw::publish {
namespace {

using plugin::ScratchThing;
using plugin::Tree;

// What stands in front of the hash of the plan: the same for every plan of one artifact.
std::string target_part(const std::string& name)
{
    return name.substr(0, name.find('-'));
}

void add_names(const json::value& plan, const ScratchOwner& owner, std::map<std::string, ScratchOwner>& names)
{
    const json::object& object = plan.as_object();
    if (const json::value* folders = object.if_contains("folders"); folders != nullptr && folders->is_array()) {
        for (const json::value& folder : folders->get_array()) {
            if (folder.is_string()) {
                names.emplace(std::string(folder.get_string()), owner);
            }
        }
    }
    if (const json::value* outputs = object.if_contains("outputs"); outputs != nullptr && outputs->is_array()) {
        for (const json::value& output : outputs->get_array()) {
            const json::value* file = output.is_object() ? output.get_object().if_contains("file") : nullptr;
            if (file != nullptr && file->is_string()) {
                names.emplace(std::string(file->get_string()), owner);
            }
        }
    }
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
    ScratchItem item{std::move(path), std::string(what_of(thing)), {}, {}, folder.estimate(entry.name), {}};
    item.changed = item.size.newest ? item.size.newest : entry.changed;
    return item;
}

// resume/<plugin>/<target>-<plan>, each an item of its own.
void list_resume(const Tree& root, const ScratchNames& names, std::vector<ScratchItem>& items)
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
            if (const ScratchOwner* found = names.find_resume(run.name)) {
                item.owner = *found;
            }
            items.push_back(std::move(item));
        }
    }
}

} // namespace

ScratchNames::ScratchNames(const catalog::Catalog& catalog, const Kinds& kinds)
{
    for (const Target& target :
         find_targets(catalog.entries, kinds, [](const catalog::Entry&, const Error&) {})) {
        const ScratchOwner owner{target.key, target.kind};
        add_names(target.plan, owner, names_);
        targets_.emplace(target_part(plugin::name_of_plan(target.plan)), owner);
    }
}

const ScratchOwner* ScratchNames::find_name(const std::string& name) const
{
    const auto found = names_.find(name);
    return found != names_.end() ? &found->second : nullptr;
}

const ScratchOwner* ScratchNames::find_resume(const std::string& name) const
{
    const auto found = targets_.find(target_part(name));
    return found != targets_.end() ? &found->second : nullptr;
}

ScratchListing list_scratch(const Tree& root, const std::string& shown, const ScratchNames& names)
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
            list_resume(root, names, listing.items);
            continue;
        }
        ScratchItem item = item_of(root, entry, entry.name, thing);
        if (const ScratchOwner* found = names.find_name(entry.name)) {
            item.owner = *found;
            // A third party's plan names its files as it likes.
            item.what = thing != ScratchThing::unknown ? item.what
                                                       : std::string(what_of(entry.is_folder ? ScratchThing::vindex
                                                                                             : ScratchThing::staged));
        }
        listing.items.push_back(std::move(item));
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
        if (entry.is_link || plugin::scratch_thing(entry.name, entry.is_folder) == ScratchThing::unknown) {
            foreign.push_back(entry.name);
        }
    }
    return foreign;
}

} // namespace skw::publish

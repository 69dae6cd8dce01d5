// SPDX-License-Identifier: Apache-2.0
// Writes the manifest's members in the order in which people ask for them.
#include "vindex/manifest.hpp"

#include <boost/json/serialize.hpp>

namespace skw::vindex {
namespace {

json::array command_words(const Job& job, std::string_view step)
{
    json::array words;
    const auto found = job.commands.find(step);
    if (found != job.commands.end()) {
        for (const std::string& word : found->second) {
            words.emplace_back(word == job.shown                              ? job.folder
                               : job.wants_slice() && word == job.shown_slice ? job.slice
                                                                              : word);
        }
    }
    return words;
}

} // namespace

std::string slices_fact(const Job& job)
{
    return job.wants_slice() ? std::string(slice_preset) : "full";
}

std::string make_manifest(const Job& job, const Larql& larql, const Files& files, const Hashes& hashes)
{
    json::object source;
    source["repo"] = job.repo;
    source["commit"] = job.commit;
    json::object tool;
    tool["version"] = larql.version;
    tool["sha256"] = larql.sha256;
    json::array commands;
    for (const std::string_view step : {step_extract, step_slice}) {
        json::array words = command_words(job, step);
        if (!words.empty()) {
            commands.emplace_back(std::move(words));
        }
    }
    json::array list;
    for (const auto& [path, size] : files) {
        json::object file;
        file["path"] = path;
        file["size"] = size;
        file["sha256"] = hashes.at(path);
        list.emplace_back(std::move(file));
    }
    json::object document;
    document["schema"] = manifest_schema;
    document["made_by"] = job.program;
    document["source"] = std::move(source);
    document["quant"] = job.quant;
    document["slices"] = slices_fact(job);
    document["larql"] = std::move(tool);
    document["commands"] = std::move(commands);
    document["files"] = std::move(list);
    return json::serialize(document) + "\n";
}

} // namespace skw::vindex

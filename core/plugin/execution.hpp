// SPDX-License-Identifier: Apache-2.0
// What execute has beyond the other operations: rights, inputs, outputs, scratch room, card, open handles.
#pragma once

#include "plugin/file_hashes.hpp"
#include "plugin/inputs.hpp"
#include "plugin/mirrors.hpp"
#include "plugin/processes.hpp"
#include "plugin/rights.hpp"
#include "plugin/scratch.hpp"
#include "plugin/staging.hpp"

#include <skw/plugin.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace skw::plugin {

// Open handles of one call. Numbers are never used twice in a process, so that a number kept from an earlier
// call is recognised. Threads: any.
class Handles {
public:
    using Thing = std::variant<std::shared_ptr<InputPart>, std::shared_ptr<OutputFile>>;

    skw_handle add(Thing thing);
    std::shared_ptr<InputPart> input(skw_handle handle) const;   // throws Error(contract)
    std::shared_ptr<OutputFile> output(skw_handle handle) const; // throws Error(contract)
    void close(skw_handle handle);                               // throws Error(contract)
    std::vector<std::string> close_all() noexcept;               // what was still open

private:
    Thing find(skw_handle handle) const;

    mutable std::mutex mutex_;
    std::map<skw_handle, Thing> open_;
};

// The facts a plugin adds to the card, with the host's limits. Threads: any.
class CardBook {
public:
    // {"tags": [TEXT], "facts": {NAME: TEXT}}. Throws Error(bad_input); then nothing was added.
    void merge(const json::value& patch);
    void add_note(std::string_view text);
    CardNotes take();

private:
    std::mutex mutex_;
    CardNotes notes_;
};

class ExecutionServices {
public:
    ExecutionServices(Rights given, Sources& from, const std::filesystem::path& scratch_root,
                      std::string_view plugin_id, std::string_view plan_name)
        : rights(std::move(given)),
          sources(from),
          root(std::filesystem::absolute(scratch_root)),
          inputs(sources, rights),
          mirrors(rights),
          staging(root, rights),
          scratch(root, plugin_id, plan_name, rights.scratch_bytes)
    {
    }

    const Rights rights;
    Sources& sources;
    const std::filesystem::path root; // the scratch root, absolute
    Inputs inputs;
    Mirrors mirrors;
    Staging staging;
    ScratchRoom scratch;
    FileHashes hashes;
    std::optional<Processes> processes; // set before the plugin runs
    CardBook card;
    Handles handles; // last: closing an output needs the staging
};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The scratch root as a folder of ours: how it is made, how it is known again, what kind of thing lies in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// The file that says a folder was made as a scratch root.
inline constexpr std::string_view scratch_marker = ".skulk-weights-scratch";

// Makes the folder with its parents if it is not there, and puts the marker into one that was not there
// before: a folder that somebody else made is never marked. Throws Error(io); Error(bad_input) for "/".
void make_scratch_root(const std::filesystem::path& root);

// What a name directly below a root means, by its name and whether it is a folder.
enum class ScratchThing {
    marker,
    resume,     // folder: what unfinished runs keep, by plugin and plan
    vindex,     // folder "<name>.vindex", or a slice of one beside it
    staged,     // file "<owner>--<repo>-mtp.safetensors"
    old_cache,  // folders that only the Python tool made
    unknown,
};
ScratchThing scratch_thing(std::string_view name, bool is_folder);

// Whether a name inside of such a folder of a root is one that is made there: resume/<plugin>, with
// resume/<plugin>/<run> in each; vision/<owner>--<repo>, ui-jobs/<uuid>, and what the Hub's Python client keeps
// in _hf_cache. In a vindex anything may lie.
bool belongs_in(std::string_view folder, std::string_view name, bool is_folder);
bool is_run_name(std::string_view name); // "<target>-<plan>"

// Whether the folder has the marker itself, a plain file with its content, and not a link to one.
bool has_scratch_marker(int root_descriptor);

// Whether another process has the lease of the root right now.
bool is_leased(int root_descriptor);
// Takes the lease by this very opening, which keeps it until it is closed; false while another has it.
bool take_lease(int root_descriptor);

} // namespace skw::plugin

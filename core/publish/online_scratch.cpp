// SPDX-License-Identifier: Apache-2.0
// What a look ahead says of the disk: what is there already, and whether there is room for the rest.
#include "publish/online_parts.hpp"

#include "plugin/folders.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::publish {
namespace {

namespace fs = std::filesystem;

fs::path nearest_existing(fs::path folder)
{
    std::error_code ignored;
    while (!fs::is_directory(folder, ignored) && folder.has_parent_path() && folder != folder.parent_path()) {
        folder = folder.parent_path();
    }
    return folder;
}

bool writes_scratch(const json::object& plan)
{
    return std::ranges::any_of(std::array{"outputs", "folders"}, [&](const char* name) {
        const json::value* list = plan.if_contains(name);
        return list != nullptr && list->is_array() && !list->get_array().empty();
    });
}

} // namespace

std::uint64_t staged_bytes(const Looking& at)
{
    std::uint64_t bytes = 0;
    std::error_code failure;
    const fs::path kept =
        at.options.scratch / "resume" / at.artifact.plugin().id / plugin::name_of_plan(at.plan);
    for (fs::recursive_directory_iterator file(kept, failure), end; !failure && file != end;
         file.increment(failure)) {
        std::error_code ignored;
        if (fs::is_regular_file(file->symlink_status(ignored))) {
            const std::uintmax_t size = fs::file_size(file->path(), ignored);
            bytes += ignored ? 0 : size;
        }
    }
    return bytes;
}

void weigh_scratch(const Looking& at, ArtifactLook& look)
{
    if (at.plan.contains("up_to_date") || !writes_scratch(at.plan)) {
        look.scratch_needed = 0; // what is only mirrored goes through memory
        look.scratch_is_estimate = false;
    }
    look.scratch_free = read_free_space(nearest_existing(at.options.scratch));
    if (look.scratch_needed && *look.scratch_needed > *look.scratch_free + look.staged) {
        throw Error(ErrorCode::no_space, at.request.scratch,
                    human_bytes(*look.scratch_needed) + " are needed and " + human_bytes(*look.scratch_free) +
                        " are free",
                    "free some space, or choose another scratch root with --scratch");
    }
}

} // namespace skw::publish

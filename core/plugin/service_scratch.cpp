// SPDX-License-Identifier: Apache-2.0
// skw.scratch/1: the room on disk of one execution.
#include "plugin/execution.hpp"
#include "plugin/operation.hpp"
#include "plugin/walk.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace skw::plugin {
namespace {

skw_status SKW_CALL scratch_path(skw_call* call, const skw_sink* out) noexcept
{
    return Operation::serve(
        call, [&](Operation& self) { write_sink(out, self.execution()->scratch.path().native()); });
}

skw_status SKW_CALL scratch_quota(skw_call* call, uint64_t* bytes) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        if (bytes == nullptr) {
            throw Error(ErrorCode::bad_argument, {}, "a service was called without a place for its answer");
        }
        *bytes = self.execution()->scratch.quota();
    });
}

// Works after a stop too: that is when keeping matters.
skw_status SKW_CALL scratch_keep(skw_call* call, const char* name, uint64_t len) noexcept
{
    return Operation::guard(call, [&](Operation& self) {
        ExecutionServices& all = *self.execution();
        const std::string_view kept = borrowed(name, len, "name");
        if (all.rights.folders.contains(kept)) {
            all.scratch.keep_folder(kept);
        } else {
            all.scratch.keep(kept);
        }
    });
}

skw_status SKW_CALL scratch_folder(skw_call* call, const char* name, uint64_t len,
                                   const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        const ExecutionServices& all = *self.execution();
        const std::string_view wanted = borrowed(name, len, "folder");
        if (!all.rights.folders.contains(wanted)) {
            throw Error(ErrorCode::contract, "folder " + std::string(wanted), "is not in the plan");
        }
        write_sink(out, (all.root / wanted).native());
    });
}

// Whether the file lies below the folder `base`, with no link on the way.
bool lies_below(const std::filesystem::path& file, const std::filesystem::path& base)
{
    std::optional<std::vector<std::string>> parts = parts_below(file, base);
    if (!parts) {
        return false;
    }
    parts->pop_back();
    OpenFolder folder(base.parent_path());
    parts->insert(parts->begin(), base.filename().native());
    for (const std::string& part : *parts) {
        std::optional<OpenFolder> inner = folder.find(part);
        if (!inner) {
            return false;
        }
        folder = *std::move(inner);
    }
    return true;
}

skw_status SKW_CALL scratch_hash(skw_call* call, const char* path, uint64_t len, const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        ExecutionServices& all = *self.execution();
        const std::filesystem::path file(borrowed(path, len, "path"));
        const std::optional<std::filesystem::path> own = all.scratch.path_if_made();
        if (!(own && lies_below(file, *own)) &&
            std::none_of(all.rights.folders.begin(), all.rights.folders.end(),
                         [&](const std::string& folder) { return lies_below(file, all.root / folder); })) {
            throw Error(ErrorCode::contract, file.string(),
                        "is not below the scratch directory or a folder of the plan");
        }
        std::uint64_t size = 0;
        const Sha256 hash = all.hashes.of(file, self.stop(), &size);
        json::object answer;
        answer["schema"] = "skw.file/1";
        answer["path"] = file.native();
        answer["size"] = size;
        answer["sha256"] = hash.hex();
        write_sink(out, json::serialize(answer));
    });
}

} // namespace

const skw_scratch scratch_service = {{sizeof(skw_scratch), SKW_ABI_MINOR},
                                     &scratch_path,
                                     &scratch_quota,
                                     &scratch_keep,
                                     &scratch_folder,
                                     &scratch_hash};

} // namespace skw::plugin

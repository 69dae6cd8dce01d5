// SPDX-License-Identifier: Apache-2.0
// --report FILE: what was done, for whoever reads it later.
#include "cli/report_file.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/secrets.hpp"

#include <unistd.h>

#include <filesystem>

namespace skw::cli {

void check_writable_file(const std::string& path, const std::string& what, const std::string& option)
{
    if (path.empty()) {
        return;
    }
    std::error_code ignored;
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    const std::filesystem::path folder = parent.empty() ? "." : parent;
    if (std::filesystem::is_directory(path, ignored)) {
        throw Error(ErrorCode::io, path, "is a folder", "name a file with " + option);
    }
    if (!std::filesystem::is_directory(folder, ignored) || access(folder.c_str(), W_OK | X_OK) != 0) {
        throw Error(ErrorCode::io, path,
                    "the " + what + " could not be written: its folder is not there or not yours",
                    "nothing was published; make the folder, or name another file with " + option);
    }
}

void write_report_file(const std::string& path, const json::value& document)
{
    if (!path.empty()) {
        write_file_atomically(path, redact(pretty_json(document)));
    }
}

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// --report FILE: what was done, for whoever reads it later.
#include "cli/report_file.hpp"

#include "cli/output.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/secrets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <span>
#include <system_error>

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

void write_named_file(const std::string& path, std::string_view content)
{
    std::error_code ignored;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
    if (std::filesystem::exists(real, ignored) && !std::filesystem::is_regular_file(real, ignored)) {
        const int descriptor = ::open(real.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (descriptor < 0) {
            throw Error(ErrorCode::io, path, "cannot be written: " + std::generic_category().message(errno));
        }
        File::adopt(descriptor, path).write(std::as_bytes(std::span(content)));
        return;
    }
    write_file_atomically(real.empty() ? std::filesystem::path(path) : real, content);
}

bool write_report_file(const std::string& path, const json::value& document, Output& output)
{
    if (path.empty()) {
        return true;
    }
    try {
        write_named_file(path, redact(pretty_json(document)));
        return true;
    } catch (const Error& error) {
        output.failure(Error(error.code(), path, "the report could not be written: " + std::string(error.reason()),
                             "what is published stays; the same command with --json prints the report"));
        return false;
    }
}

} // namespace skw::cli

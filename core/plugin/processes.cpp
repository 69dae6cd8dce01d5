// SPDX-License-Identifier: Apache-2.0
// Runs the tools of a plan and says how they ended.
#include "plugin/processes.hpp"

#include "plugin/walk.hpp"
#include "support/programs.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"

#include <array>
#include <cstdlib>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

// What a tool may know of the operator's surroundings: where programs and libraries lie, how people write
// here, and how many threads to use. Everything else may be somebody's secret.
constexpr std::array<const char*, 21> inherited = {"PATH",
                                                   "LANG",
                                                   "LANGUAGE",
                                                   "LC_ALL",
                                                   "LC_ADDRESS",
                                                   "LC_COLLATE",
                                                   "LC_CTYPE",
                                                   "LC_IDENTIFICATION",
                                                   "LC_MEASUREMENT",
                                                   "LC_MESSAGES",
                                                   "LC_MONETARY",
                                                   "LC_NAME",
                                                   "LC_NUMERIC",
                                                   "LC_PAPER",
                                                   "LC_TELEPHONE",
                                                   "LC_TIME",
                                                   "TZ",
                                                   "LD_LIBRARY_PATH",
                                                   "OMP_NUM_THREADS",
                                                   "OPENBLAS_NUM_THREADS",
                                                   "RAYON_NUM_THREADS"};
// And how to get at the Hub, for a tool that uploads.
constexpr std::array<const char*, 10> inherited_for_network = {
    "http_proxy",  "https_proxy", "all_proxy", "no_proxy",      "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY",   "NO_PROXY",  "SSL_CERT_FILE", "SSL_CERT_DIR"};

using Variables = std::map<std::string, std::string>;

template<class Names>
void inherit(Variables& variables, const Names& names)
{
    for (const char* name : names) {
        if (const char* value = std::getenv(name)) {
            variables[name] = value;
        }
    }
}

std::string replace_all(std::string text, std::string_view what, std::string_view by)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

json::value number_or_null(const std::optional<int>& number)
{
    return number ? json::value(*number) : json::value();
}

// Marks the time in which a tool runs.
class Turn {
public:
    Turn(std::atomic<bool>& running, std::string_view step) : running_(running)
    {
        if (running_.exchange(true)) {
            throw Error(ErrorCode::contract, "step " + std::string(step),
                        "was to run while another tool was running");
        }
    }
    ~Turn() { running_ = false; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    std::atomic<bool>& running_;
};

} // namespace

std::map<std::string, std::string> variables_for_tools()
{
    Variables variables;
    inherit(variables, inherited);
    return variables;
}

void Processes::require_token_rights() const
{
    const std::string rule = "may not have the Hub's token, which its tool needs to upload: ";
    if (!settings_.plugin.asks_for_token) {
        throw Error(ErrorCode::permission, "plugin " + settings_.plugin.id,
                    rule + "its manifest does not ask for it (needs.token)");
    }
    if (settings_.plugin.trust != "built-in" && settings_.plugin.trust != "pinned") {
        throw Error(ErrorCode::permission, "plugin " + settings_.plugin.id,
                    rule + "only built-in and pinned plugins may, and this one is " + settings_.plugin.trust);
    }
    if (settings_.target == nullptr) {
        throw Error(ErrorCode::permission, "plugin " + settings_.plugin.id,
                    "may not upload anything in this run");
    }
}

std::vector<std::string> Processes::environment_of(const PlannedCommand& command) const
{
    const fs::path own = settings_.private_folder();
    Variables variables = variables_for_tools();
    if (command.uploads) {
        inherit(variables, inherited_for_network);
    }
    for (const EnvironmentVariable& given : command.environment) {
        variables[given.name] = replace_all(given.value, "{scratch}", own.native());
    }
    // Not the operator's: configuration and tokens of other programs lie there.
    const OpenFolder folder(own);
    variables["HOME"] = folder.make("tool-home").path();
    variables["TMPDIR"] = folder.make("tool-tmp").path();
    variables["TERM"] = "dumb";
    if (command.uploads) {
        for (const EnvironmentVariable& given : settings_.target->open(command.endpoint_variable)) {
            variables[given.name] = given.value;
        }
    }
    std::vector<std::string> environment;
    for (const auto& [name, value] : variables) {
        environment.push_back(name + "=" + value);
    }
    return environment;
}

json::object Processes::run(std::string_view step, const TakeLine& take, const std::stop_token& stop)
{
    const auto planned = settings_.rights.commands.find(step);
    if (planned == settings_.rights.commands.end()) {
        throw Error(ErrorCode::contract, "step " + std::string(step), "has no command in the plan");
    }
    const Turn turn(running_, step);
    const PlannedCommand& command = planned->second;
    if (command.uploads) {
        require_token_rights();
    }
    const std::string& name = command.words.at(0);
    const std::optional<fs::path> path = find_program(name);
    if (!path) {
        throw Error(ErrorCode::not_found, name, "is not on PATH", "install it, or add its folder to PATH");
    }
    std::error_code failure;
    const fs::path file = fs::canonical(*path, failure);
    const Sha256 sha256 = settings_.hashes.of(failure ? *path : file, stop);
    const Program program{.path = *path, .words = command.words, .environment = environment_of(command)};
    std::string last_line; // a tool that has the token must not hand it on by printing it
    const TakeLine pass_on = [&](int stream, std::string_view line) {
        const std::string harmless = command.uploads ? redact(line) : std::string();
        const std::string_view shown = command.uploads ? std::string_view(harmless) : line;
        last_line = shown.substr(0, 1000);
        take(stream, shown);
    };
    ChildEnd end;
    try {
        end = run_child(program, {.idle = settings_.idle_limit}, pass_on, stop);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::timed_out || last_line.empty()) {
            throw;
        }
        throw Error(error.code(), std::string(error.place()), std::string(error.reason()),
                    "its last line was: " + redact(printable(last_line)));
    }
    if (command.uploads && end.exit == 0) {
        note_uploads(*command.uploads, stop);
    }
    json::array last_lines;
    for (const std::string& line : end.last_lines) {
        last_lines.emplace_back(command.uploads ? redact(line) : line);
    }
    return {{"schema", "skw.exit/1"},
            {"step", step},
            {"exit", number_or_null(end.exit)},
            {"signal", number_or_null(end.signal)},
            {"seconds", end.seconds},
            {"tool", {{"name", name}, {"path", path->native()}, {"sha256", sha256.hex()}}},
            {"last_lines", std::move(last_lines)}};
}

void Processes::note_uploads(const std::string& folder, const std::stop_token& stop)
{
    const fs::path root = settings_.root / folder;
    const auto refuse = [](const fs::path& path, const char* reason) {
        throw Error(ErrorCode::contract, path.string(), reason);
    };
    std::error_code failure;
    if (fs::symlink_status(root, failure).type() != fs::file_type::directory) {
        refuse(root, "was to be uploaded and is not a folder");
    }
    std::map<std::string, UploadedFile> found;
    for (fs::recursive_directory_iterator entry(root, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code gone;
        const fs::file_type type = entry->symlink_status(gone).type();
        if (type == fs::file_type::directory) {
            continue;
        }
        if (type != fs::file_type::regular) {
            refuse(entry->path(), "was to be uploaded and is not a regular file");
        }
        const std::string path = entry->path().lexically_relative(root).native();
        if (!RepoPath::parse(path)) {
            refuse(entry->path(), "has a name that a Hub repository cannot hold");
        }
        std::uint64_t size = 0;
        const Sha256 sha256 = settings_.hashes.of(entry->path(), stop, &size);
        found.emplace(path,
                      UploadedFile{.path = path, .file = entry->path(), .size = size, .sha256 = sha256});
    }
    if (failure) {
        throw Error(ErrorCode::io, root.string(), "cannot be listed: " + failure.message());
    }
    if (!uploaded_) {
        uploaded_.emplace();
    }
    for (auto& [path, file] : found) {
        uploaded_->insert_or_assign(path, std::move(file));
    }
}

std::optional<std::vector<UploadedFile>> Processes::uploaded() const
{
    if (!uploaded_) {
        return std::nullopt;
    }
    std::vector<UploadedFile> files;
    for (const auto& [path, file] : *uploaded_) {
        files.push_back(file);
    }
    return files;
}

} // namespace skw::plugin

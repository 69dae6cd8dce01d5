// SPDX-License-Identifier: Apache-2.0
// Reading the tools of a plan strictly: a plan comes from a plugin, and a tool runs with the user's rights.
#include "plugin/commands.hpp"

#include "plugin/documents.hpp"

#include <algorithm>
#include <array>

namespace skw::plugin {
namespace {

constexpr std::size_t most_words = 1000;
constexpr std::size_t longest_word = 64u << 10;
constexpr std::size_t most_variables = 64;
constexpr std::size_t longest_value = 4096;

// Set by the host from its own environment, from the scratch directory or by the publisher; or none of a
// plan's business.
constexpr std::array<std::string_view, 20> refused_variables = {"PATH",
                                                                "HOME",
                                                                "TMPDIR",
                                                                "TERM",
                                                                "TZ",
                                                                "LANG",
                                                                "LANGUAGE",
                                                                "OMP_NUM_THREADS",
                                                                "OPENBLAS_NUM_THREADS",
                                                                "RAYON_NUM_THREADS",
                                                                "HTTP_PROXY",
                                                                "HTTPS_PROXY",
                                                                "ALL_PROXY",
                                                                "NO_PROXY",
                                                                "SSL_CERT_FILE",
                                                                "SSL_CERT_DIR",
                                                                "HF_TOKEN",
                                                                "HF_TOKEN_PATH",
                                                                "HUGGING_FACE_HUB_TOKEN",
                                                                "HF_ENDPOINT"};

bool is_word(std::string_view word)
{
    return word.size() <= longest_word && (word.empty() || is_one_line(word));
}

std::vector<std::string> read_words(const Reader& step, const std::set<std::string>& tools)
{
    std::vector<std::string> words = step.strings("command");
    if (words.empty()) {
        return words;
    }
    if (!tools.contains(words.front())) {
        step.fault("command", "must begin with a tool of the plan");
    } else if (words.size() > most_words || !std::all_of(words.begin(), words.end(), is_word)) {
        step.fault("command", "must be at most 1000 single lines");
    }
    return words;
}

std::vector<EnvironmentVariable> read_environment(const Reader& step)
{
    std::vector<EnvironmentVariable> variables;
    const std::optional<Reader> in = step.find_object("environment");
    if (!in || !in->value().is_object()) {
        return variables;
    }
    for (const json::key_value_pair& member : in->value().get_object()) {
        EnvironmentVariable variable{.name = std::string(member.key()), .value = {}};
        if (!is_plan_variable(variable.name)) {
            step.fault("environment", "has a variable that is not A-Z, 0-9 and _, or not the plan's to set");
            continue;
        }
        variable.value = in->string(variable.name);
        if (variable.value.size() > longest_value || !is_one_line(variable.value)) {
            in->fault(variable.name, "must be one line of 1 to 4096 bytes");
        }
        variables.push_back(std::move(variable));
    }
    if (variables.size() > most_variables) {
        step.fault("environment", "must have at most 64 variables");
    }
    return variables;
}

} // namespace

bool is_staged_name(std::string_view name)
{
    const std::optional<RepoPath> path = RepoPath::parse(name);
    return path && name.size() <= 200 && name.find('/') == std::string_view::npos && name.front() != '.' &&
           name != "kept" && name != "resume" && !name.starts_with("skw-");
}

bool is_plan_variable(std::string_view name)
{
    const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && name.size() <= 128 && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), allowed) && !name.starts_with("LD_") &&
           !name.starts_with("LC_") && !name.starts_with("DYLD_") &&
           std::find(refused_variables.begin(), refused_variables.end(), name) == refused_variables.end();
}

std::optional<PlannedCommand> read_command(const Reader& step, const std::set<std::string>& tools,
                                           const std::set<std::string, std::less<>>& folders)
{
    PlannedCommand command{.words = read_words(step, tools),
                           .environment = read_environment(step),
                           .uploads = step.find_string("uploads"),
                           .endpoint_variable = step.find_string("endpoint_variable").value_or("")};
    if (command.uploads && !folders.contains(*command.uploads)) {
        step.fault("uploads", "must be one of the plan's folders");
    }
    if (step.has("endpoint_variable")) {
        const std::string& name = command.endpoint_variable;
        const bool also_set =
            std::any_of(command.environment.begin(), command.environment.end(),
                        [&](const EnvironmentVariable& variable) { return variable.name == name; });
        // The usual name is refused in an environment only because the publisher sets it, as it does here.
        if ((name != "HF_ENDPOINT" && !is_plan_variable(name)) || also_set || !command.uploads) {
            step.fault("endpoint_variable", "must name a variable of a step that uploads, of A-Z, 0-9 and _");
        }
    }
    if (!command.words.empty()) {
        return command;
    }
    if (command.uploads || !command.environment.empty()) {
        step.fault("command", "is missing, but the step says how to run it");
    }
    return std::nullopt;
}

} // namespace skw::plugin

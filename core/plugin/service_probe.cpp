// SPDX-License-Identifier: Apache-2.0
// skw.probe/1: questions about this machine.
#include "plugin/operation.hpp"
#include "plugin/processes.hpp"
#include "support/child_process.hpp"
#include "support/files.hpp"
#include "support/programs.hpp"
#include "support/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

Error bad_question(std::string reason)
{
    return Error(ErrorCode::bad_argument, "probe", std::move(reason));
}

std::string absolute_path(const Reader& in)
{
    std::string path = in.string("path");
    if (!fs::path(path).is_absolute() || path.find('\0') != std::string::npos) {
        throw bad_question("\"path\" must be an absolute path");
    }
    return path;
}

json::object find_tool(const std::string& name)
{
    if (name.empty() || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
        throw bad_question("\"name\" must be the plain name of a program");
    }
    const std::optional<fs::path> program = find_program(name);
    json::object answer;
    answer["found"] = program.has_value();
    if (program) {
        answer["path"] = program->native();
    }
    return answer;
}

void require_plain_words(const std::vector<std::string>& words)
{
    if (words.empty() || words.size() > 4 || (words.back() != "--version" && words.back() != "--help")) {
        throw bad_question("\"words\" must be 1 to 4 and end with --version or --help");
    }
    for (const std::string& word : words) {
        if (word.empty() || word.find('\0') != std::string::npos) {
            throw bad_question("\"words\" must not be empty");
        }
    }
}

// What a tool says of itself. It runs with the few variables that every tool gets, in an empty home.
json::object hear_tool(const Operation& operation, const std::string& name, std::vector<std::string> words)
{
    constexpr std::chrono::seconds longest_silence{10}, longest_run{30};
    constexpr std::size_t longest_text = 256u << 10;
    if (operation.phase() != Phase::doctor) {
        throw Error(ErrorCode::unsupported, "probe", "a tool is asked about itself in doctor only");
    }
    const std::vector<std::string>& declared = operation.plugin().tools;
    if (std::find(declared.begin(), declared.end(), name) == declared.end()) {
        throw bad_question("the manifest does not name the tool " + name + " (needs.tools)");
    }
    require_plain_words(words);
    json::object answer = find_tool(name);
    if (!answer.at("found").as_bool()) {
        return answer;
    }
    const TempFolder home;
    std::map<std::string, std::string> variables = variables_for_tools();
    variables["HOME"] = variables["TMPDIR"] = home.path();
    variables["TERM"] = "dumb";
    Program program{.path = std::string(answer.at("path").as_string()), .words = {name}, .environment = {}};
    program.words.insert(program.words.end(), words.begin(), words.end());
    for (const auto& [variable, value] : variables) {
        program.environment.push_back(variable + "=" + value);
    }
    std::string text;
    const ChildEnd end = run_child(
        program, {.idle = longest_silence, .total = longest_run},
        [&](int, std::string_view line) {
            if (text.size() + line.size() >= longest_text) {
                throw Error(ErrorCode::bad_input, name,
                            "printed more than " + human_bytes(longest_text) + " of itself and was ended");
            }
            text.append(line).append("\n");
        },
        operation.stop());
    answer["exit"] = end.exit ? json::value(*end.exit) : json::value();
    answer["signal"] = end.signal ? json::value(*end.signal) : json::value();
    answer["text"] = text;
    return answer;
}

json::object read_memory()
{
    json::object answer;
    std::ifstream lines("/proc/meminfo");
    std::string name;
    std::uint64_t kibibytes = 0;
    for (std::string rest; lines >> name >> kibibytes; std::getline(lines, rest)) {
        if (name == "MemTotal:") {
            answer["total"] = kibibytes * 1024;
        } else if (name == "MemAvailable:") {
            answer["available"] = kibibytes * 1024;
        }
    }
    if (!answer.contains("total") || !answer.contains("available")) {
        throw Error(ErrorCode::io, "probe", "the system does not tell how much memory it has");
    }
    return answer;
}

// The device files that the drivers make: no driver library is loaded for the question.
json::object find_accelerators()
{
    json::array names;
    std::error_code ignored;
    for (int number = 0; number < 16; ++number) {
        if (fs::exists("/dev/nvidia" + std::to_string(number), ignored)) {
            names.emplace_back("nvidia" + std::to_string(number));
        }
    }
    if (fs::exists("/dev/kfd", ignored)) {
        names.emplace_back("amd");
    }
    json::object answer;
    answer["found"] = !names.empty();
    answer["names"] = std::move(names);
    return answer;
}

json::object look_at_file(const std::string& path)
{
    std::error_code failure;
    const fs::file_status status = fs::status(path, failure);
    json::object answer;
    answer["exists"] = fs::exists(status);
    answer["directory"] = fs::is_directory(status);
    if (fs::is_regular_file(status)) {
        const std::uintmax_t size = fs::file_size(path, failure);
        if (!failure) {
            answer["size"] = static_cast<std::uint64_t>(size);
        }
    }
    return answer;
}

json::object answer_to(const Operation& operation, const Reader& in)
{
    const std::string question = in.string("ask");
    if (question == "tool") {
        return find_tool(in.string("name"));
    }
    if (question == "tool_says") {
        return hear_tool(operation, in.string("name"), in.strings("words"));
    }
    if (question == "free_space") {
        json::object answer;
        answer["bytes"] = read_free_space(absolute_path(in));
        return answer;
    }
    if (question == "memory") {
        return read_memory();
    }
    if (question == "accelerator") {
        return find_accelerators();
    }
    if (question == "file") {
        return look_at_file(absolute_path(in));
    }
    throw Error(ErrorCode::unsupported, "probe", "this host has no answer to that question");
}

skw_status SKW_CALL probe_ask(skw_call* call, const char* question, uint64_t len,
                              const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](const Operation& operation) {
        const json::value document =
            parse_json(borrowed(question, len, "question"), "question", {.bytes = 64u << 10, .depth = 8});
        Findings findings("question");
        const Reader in(document, findings);
        write_sink(out, json::serialize(answer_to(operation, in)));
    });
}

} // namespace

const skw_probe probe_service = {{sizeof(skw_probe), SKW_ABI_MINOR}, &probe_ask};

} // namespace skw::plugin

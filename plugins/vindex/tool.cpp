// SPDX-License-Identifier: Apache-2.0
// Reads what larql prints; lines it does not know are passed over, because every state prints others.
#include "vindex/tool.hpp"

#include "vindex/json_fields.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace skw::vindex {
namespace {

constexpr std::size_t help_limit = 256u << 10; // bytes of help that are looked at
constexpr std::size_t stages_limit = 40;       // shown to the operator, however many there are

std::optional<std::int64_t> number(const json::object& end, const char* name)
{
    const json::value* value = end.if_contains(name);
    boost::system::error_code failure;
    const auto found = value != nullptr && value->is_number() ? value->to_number<std::int64_t>(failure) : 0;
    return value == nullptr || !value->is_number() || failure ? std::nullopt : std::optional(found);
}

std::string_view trimmed(std::string_view line)
{
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
        line.remove_prefix(1);
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    return line;
}

bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

struct Answer {
    std::string text, sha256;
};

Answer ask(const sdk::Process& process, std::string_view step, const std::string& command)
{
    Answer answer;
    const ToolEnd end = unless_hanging("'" + command + "'", "is this the larql of the LARQL project?", [&] {
        return run_tool(process, step, [&](std::int32_t, std::string_view line) {
            if (answer.text.size() + line.size() < help_limit) {
                answer.text.append(line).append("\n");
            }
        });
    });
    if (!end.good()) {
        throw sdk::Failure(SKW_E_FAILED, "larql", "'" + command + "' " + end.text(),
                           "is this the larql of the LARQL project? " + end.path);
    }
    answer.sha256 = end.sha256;
    return answer;
}

constexpr Need needed[] = {
    {step_help_extract, "extract", "--quant"},     {step_help_extract, "extract", "q4k"},
    {step_help_publish, "publish", "--slices"},    {step_help_publish, "publish", "--collections"},
    {step_help_slice, "slice", "--preset"},
};

} // namespace

std::span<const Need> needs_of_larql()
{
    return needed;
}

bool mentions(std::string_view text, std::string_view word)
{
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
            return true;
        }
    }
    return false;
}

std::string ToolEnd::text() const
{
    std::string what = exit     ? "ended with exit code " + std::to_string(*exit)
                       : signal ? "was ended by signal " + std::to_string(*signal)
                                : std::string("did not end as a program does");
    return error.empty() ? what : what + ": " + error;
}

ToolEnd run_tool(const sdk::Process& process, std::string_view step, const OnLine& on_line)
{
    ToolEnd end;
    const std::string text = process.run(step, [&](std::int32_t stream, std::string_view line) {
        if (stream == 2 && line.starts_with("Error:")) {
            end.error = std::string(line.substr(0, 500));
        }
        on_line(stream, line);
    });
    const json::object document = read_json_object(text, "skw.exit/1");
    end.exit = number(document, "exit");
    end.signal = number(document, "signal");
    if (const json::object* tool = Fields(document, "skw.exit/1").find_object("tool")) {
        const Fields fields(*tool, "skw.exit/1: tool");
        end.path = fields.find_text("path").value_or("");
        end.sha256 = fields.find_text("sha256").value_or("");
    }
    return end;
}

ToolEnd unless_hanging(const std::string& command, const std::string& next,
                       const std::function<ToolEnd()>& run)
{
    try {
        return run();
    } catch (const sdk::Failure& failure) {
        if (failure.status() != SKW_E_TIMED_OUT) {
            throw;
        }
        throw sdk::Failure(SKW_E_FAILED, command,
                           "it hung and was ended: it neither printed nor computed anything for too long "
                           "(SKULK_WEIGHTS_TOOL_IDLE_SECONDS sets how long)",
                           next);
    }
}

Larql probe_larql(const sdk::Process& process, bool with_slice)
{
    Larql larql;
    const Answer version = ask(process, step_version, "larql --version");
    const std::string_view first = trimmed(std::string_view(version.text).substr(0, version.text.find('\n')));
    larql.version = shown(first.substr(0, 100));
    larql.sha256 = version.sha256;
    if (larql.version.empty()) {
        throw sdk::Failure(SKW_E_FAILED, "larql", "'larql --version' prints nothing");
    }
    std::string_view asked;
    Answer help;
    for (const Need& one : needed) {
        if (one.step == step_help_slice && !with_slice) {
            continue;
        }
        const std::string command = "larql " + std::string(one.verb) + " --help";
        if (one.step != asked) {
            help = ask(process, one.step, command);
            asked = one.step;
        }
        if (!mentions(help.text, one.word)) {
            throw sdk::Failure(SKW_E_UNSUPPORTED, larql.version,
                               "'" + command + "' does not tell of " +
                                   std::string(one.word) + ", which publishing a vindex needs",
                               "install a larql that has it; its version number alone does not tell");
        }
    }
    return larql;
}

std::string stage_of(std::string_view line)
{
    constexpr std::string_view bar = "\xe2\x94\x80\xe2\x94\x80"; // U+2500, twice
    line = trimmed(line);
    if (!line.starts_with(bar) || !line.ends_with(bar) || line.size() < 2 * bar.size()) {
        return {};
    }
    const std::string_view name = trimmed(line.substr(bar.size(), line.size() - 2 * bar.size()));
    const bool plain = std::ranges::all_of(name, [](char c) { return is_word(c) || c == ' '; });
    return plain && name.size() <= 40 ? std::string(name) : std::string();
}

std::optional<std::uint64_t> layer_of(std::string_view line)
{
    line = trimmed(line);
    const std::size_t at = line.find(" L ");
    const std::size_t colon = line.find(':');
    if (at == 0 || at == std::string_view::npos || colon == std::string_view::npos || colon < at + 4 ||
        !std::ranges::all_of(line.substr(0, at), is_word)) {
        return std::nullopt;
    }
    std::uint64_t layer = 0;
    const char* const end = line.data() + colon;
    const auto [stop, error] = std::from_chars(line.data() + at + 3, end, layer);
    return error == std::errc() && stop == end ? std::optional(layer) : std::nullopt;
}

void ExtractLines::take(std::string_view line)
{
    if (const std::string stage = stage_of(line); !stage.empty() && stage != "Summary") {
        if (stages_++ < stages_limit) {
            call_.info("extract: " + stage);
        }
    } else if (layer_of(line) && done_ < total_) {
        call_.progress(step_extract, ++done_, total_);
    }
}

} // namespace skw::vindex

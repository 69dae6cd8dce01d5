// SPDX-License-Identifier: Apache-2.0
// `inspect REPO`: what a repository holds for an artifact kind, from listings and headers alone.
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/hub_settings.hpp"
#include "cli/progress.hpp"
#include "cli/set_option.hpp"
#include "cli/table.hpp"
#include "publish/inspect.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

constexpr std::size_t longest_text = 4000; // bytes of one cell or sentence

std::string text_of(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    // A plugin's words, at times made of a checkpoint's: nothing in them may steer the terminal.
    return value != nullptr && value->is_string() ? printable(value->get_string(), longest_text) : "";
}

std::string table_text(const json::object& table)
{
    std::vector<std::string> heads;
    for (const json::value& column : table.at("columns").as_array()) {
        heads.push_back(printable(column.as_string(), longest_text));
        std::ranges::transform(heads.back(), heads.back().begin(), [](char letter) {
            return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
        });
    }
    Table out(std::move(heads));
    for (const json::value& row : table.at("rows").as_array()) {
        std::vector<std::string> cells;
        for (const json::value& cell : row.as_array()) {
            cells.push_back(printable(cell.as_string(), longest_text));
        }
        out.add(std::move(cells));
    }
    return "\n" + text_of(table, "title") + "\n" + out.text();
}

std::string inspection_text(const publish::Inspection& inspection)
{
    std::vector<std::pair<std::string, std::string>> lines{
        {"repository", "hf://" + inspection.repo.text()},
        {"revision", std::string(inspection.commit.text())}};
    for (const json::value& line : inspection.document.at("summary").as_array()) {
        lines.emplace_back(text_of(line.as_object(), "label"), text_of(line.as_object(), "value"));
    }
    std::string out = aligned_lines(lines);
    if (const json::value* tables = inspection.document.if_contains("tables")) {
        for (const json::value& table : tables->as_array()) {
            out += table_text(table.as_object());
        }
    }
    for (const json::value& refusal : inspection.document.at("refusals").as_array()) {
        const json::object& one = refusal.as_object();
        const std::string place = text_of(one, "place"), hint = text_of(one, "hint");
        out += "\nrefused: " + (place.empty() ? "" : place + ": ") + text_of(one, "message") + "\n";
        out += hint.empty() ? "" : "  next: " + hint + "\n";
    }
    return out;
}

int run(const Arguments& arguments, Context& context)
{
    // With or without the prefix that this program prints in front of a repository.
    std::string_view name = arguments.positional();
    name.remove_prefix(name.starts_with("hf://") ? 5 : 0);
    const std::optional<RepoId> repo = RepoId::parse(name);
    if (!repo) {
        throw WrongUsage{"inspect",
                         "argument REPO: " + python_repr(printable(arguments.positional(), 200)) +
                             " is not of the form owner/name",
                         ""};
    }
    publish::InspectTarget target{
        *repo, arguments.get("revision", "main"), arguments.get("artifact", "mtp"), {}};
    const publish::Kinds& kinds = context.kinds();
    const std::vector<publish::Setting> settings = read_set_option(arguments, "inspect", kinds);
    plugin::Artifact& artifact = kinds.artifact(target.kind);
    as_usage("inspect", [&] { target.options = publish::options_of(settings, artifact); });
    hub::Client hub(reading_settings(context), context.stop());
    ProgressView view(context.output());
    const publish::Inspection inspection = publish::inspect_repo(target, kinds, hub, context.stop(), view);
    context.output().text(inspection_text(inspection));
    context.output().document(publish::inspection_json(inspection));
    return inspection.refused() ? exit_code::failed : exit_code::ok;
}

} // namespace

const Command inspect_command{"inspect",
                              "show what a repository holds for an artifact, and what would be refused",
                              "REPO",
                              {{"revision", "R", "branch, tag or commit (default: main)", 0, false},
                               {"artifact", "KIND", "the kind to look for (default: mtp)", 0, false,
                                Values::artifacts},
                               set_option},
                              {{"skulk-weights inspect Qwen/Qwen3.5-4B",
                                "layout, tensors, bytes to fetch; reads headers, moves no weights"},
                               {"skulk-weights inspect deepseek-ai/DeepSeek-V3 --json",
                                "the same for programs; exit 1 if it is refused"}},
                              run,
                              Values::anything,
                              false,
                              {{exit_code::failed, "also if a publish of it would be refused"}}};

} // namespace skw::cli

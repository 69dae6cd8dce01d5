// SPDX-License-Identifier: Apache-2.0
// `schema [NAME]`: what the documents that --json prints look like.
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/schema_files.hpp"
#include "support/text.hpp"

namespace skw::cli {
namespace {

int list(Output& output)
{
    std::vector<std::pair<std::string, std::string>> lines;
    json::array schemas;
    for (const std::string& name : list_schemas()) {
        const json::value schema = parse_json(read_schema(name), name);
        const json::value* const title = schema.as_object().if_contains("title");
        lines.emplace_back(name, title != nullptr ? std::string(title->as_string()) : "");
        schemas.push_back(json::object{{"name", name}, {"title", lines.back().second}});
    }
    output.text(aligned_lines(lines));
    output.document(json::object{{"schema", "skw.schema.list/1"}, {"schemas", std::move(schemas)}});
    return exit_code::ok;
}

int run(const Arguments& arguments, Context& context)
{
    Output& output = context.output();
    if (arguments.positional().empty()) {
        return list(output);
    }
    const std::string text = read_schema(arguments.positional());
    output.text(text);
    output.document(parse_json(text, arguments.positional()));
    return exit_code::ok;
}

} // namespace

const Command schema_command{"schema",
                             "list the schemas of what --json prints, or print one",
                             "[NAME]",
                             {},
                             {{"skulk-weights schema", "the names, such as skw.publish.plan/1"},
                              {"skulk-weights schema skw.publish.plan/1", "one, as JSON Schema 2020-12"}},
                             run,
                             Values::schemas};

} // namespace skw::cli

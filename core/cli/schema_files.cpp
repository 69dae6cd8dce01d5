// SPDX-License-Identifier: Apache-2.0
// The JSON Schemas that are installed with the program: skw.plan-1.schema.json describes skw.plan/1.
#include "cli/schema_files.hpp"

#include "cli/context.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

constexpr std::string_view ending = ".schema.json";
constexpr std::uint64_t largest_schema = 1u << 20;

std::filesystem::path folder()
{
    return data_folder() / "schemas";
}

} // namespace

std::vector<std::string> list_schemas()
{
    std::vector<std::string> names;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(folder(), failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::string name = entry->path().filename().string();
        const std::size_t dash = name.rfind('-');
        if (name.ends_with(ending) && dash != std::string::npos) {
            name.resize(name.size() - ending.size());
            names.push_back(name.replace(dash, 1, "/"));
        }
    }
    if (failure) {
        throw Error(ErrorCode::io, folder().string(), "cannot be read: " + failure.message(),
                    "install this program again");
    }
    std::ranges::sort(names);
    return names;
}

std::string read_schema(std::string_view name)
{
    const std::vector<std::string> known = list_schemas();
    if (std::ranges::find(known, name) == known.end()) {
        const std::string near = nearest_name(name, known);
        throw Error(ErrorCode::not_found, "", "there is no schema " + python_repr(printable(name, 200)),
                    near.empty() ? "`skulk-weights schema` lists them" : "did you mean " + near + "?");
    }
    std::string file(name);
    std::ranges::replace(file, '/', '-');
    return read_file(folder() / (file + std::string(ending)), largest_schema);
}

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// The table of families as a page of documentation shows it.
#include "mtp/head/layout.hpp"

namespace skw::mtp {

namespace {

std::string cell(std::string_view text)
{
    return text.empty() ? "-" : std::string(text);
}

std::string code(std::string_view text)
{
    return text.empty() ? "-" : "`" + std::string(text) + "`";
}

} // namespace

std::string families_markdown()
{
    std::string out =
        "| family | example | tensors | layout | stored as | norms | order | status | sample |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const Family& family : families()) {
        for (const std::string& text : {std::string(family.name), code(family.example), code(family.keys),
                                        code(family.layout), cell(family.formats), code(family.norms),
                                        cell(family.concat_order), std::string(family.status)}) {
            out += "| " + text + " ";
        }
        out += "| " + code(family.fixture) + " |\n";
    }
    return out;
}

} // namespace skw::mtp

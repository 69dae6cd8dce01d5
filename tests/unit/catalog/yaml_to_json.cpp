// SPDX-License-Identifier: Apache-2.0
// Reads YAML documents divided by NUL bytes and prints one line of JSON for each: {"value":..} or
// {"error":..}.
#include "catalog/yaml.hpp"
#include "support/error.hpp"

#include <iostream>
#include <iterator>
#include <string>

int main()
{
    const std::string all{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\0', at), all.size());
        skw::json::object line;
        try {
            skw::catalog::YamlDocument document = skw::catalog::parse_yaml(all.substr(at, end - at), "text");
            line["value"] = std::move(document.value);
            line["warnings"] = document.warnings.size();
        } catch (const skw::Error& error) {
            line["error"] = error.what();
        }
        std::cout << skw::canonical_json(line) << '\n';
        at = end + 1;
    }
}

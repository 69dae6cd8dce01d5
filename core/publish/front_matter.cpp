// SPDX-License-Identifier: Apache-2.0
// The front matter of a card that lies on the Hub.
#include "publish/front_matter.hpp"

#include "catalog/yaml.hpp"
#include "support/error.hpp"

namespace skw::publish {

std::optional<json::object> read_front_matter(std::string_view readme)
{
    if (!readme.starts_with("---\n") && !readme.starts_with("---\r\n")) {
        return std::nullopt;
    }
    const std::size_t begin = readme.find('\n') + 1;
    // At the start of a line only: a model's name or a sentence may hold three dashes as well.
    const std::size_t end = readme.find("\n---", begin - 1);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    catalog::YamlLimits limits;
    limits.bytes = 1u << 20;
    limits.nodes = 10'000;
    try {
        json::value value =
            catalog::parse_yaml(readme.substr(begin, end + 1 - begin), "README.md", limits).value;
        if (json::object* mapping = value.if_object()) {
            return std::move(*mapping);
        }
    } catch (const Error&) {
        // Somebody else's card; what it says is not needed to go on.
    }
    return std::nullopt;
}

} // namespace skw::publish

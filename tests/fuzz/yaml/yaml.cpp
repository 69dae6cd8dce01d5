// SPDX-License-Identifier: Apache-2.0
// Any bytes as YAML: an Error with a place, or a value that is valid JSON text and stays within the limits.
#include "catalog/yaml.hpp"

#include "support/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    skw::catalog::YamlLimits limits;
    limits.bytes = 64u << 10;
    limits.nodes = 10'000;
    limits.depth = 30; // the quick reader is not asked below 24
    try {
        const skw::catalog::YamlDocument document = skw::catalog::parse_yaml(text, "text", limits);
        const std::string json = skw::canonical_json(document.value);
        skw::JsonLimits written;
        written.depth = 64;
        // Not compared: Boost.JSON's reader may round the last digit of a number in another way.
        require(skw::parse_json(json, "own", written).kind() == document.value.kind());
        const auto at = document.positions.find("");
        require(document.value.is_null() || (at && at->line >= 1 && at->line <= size + 1 && at->column <= size + 1));
        // The quick reader never reads anything in another way than the library, which throws here if it must.
        limits.quick = false;
        const skw::catalog::YamlDocument other = skw::catalog::parse_yaml(text, "text", limits);
        require(skw::canonical_json(other.value) == json && other.warnings == document.warnings);
    } catch (const skw::Error& error) {
        require(limits.quick); // else only the quick reader took the text
        require(error.code() == skw::ErrorCode::bad_input);
        require(error.place().starts_with("text:"));
    }
    return 0;
}

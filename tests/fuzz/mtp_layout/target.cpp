// SPDX-License-Identifier: Apache-2.0
// Takes an input as tensor names, a line each, and a config.json from the first line on that begins with a
// brace; decides what head that is, and checks that what is said of each tensor hangs together.
#include "mtp/head/layout.hpp"

#include "mtp/checkpoint/names.hpp"
#include "safetensors/error.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

namespace {

using namespace skw::mtp;

void require(bool fine)
{
    if (!fine) {
        std::abort();
    }
}

void require_printable(std::string_view text)
{
    require(!text.empty() &&
            std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; }));
}

struct Input {
    std::vector<std::string> names; // each once
    std::string_view config;
};

Input split(std::string_view text)
{
    Input input;
    std::set<std::string> names;
    while (!text.empty() && text.front() != '{') {
        const std::size_t end = std::min(text.find('\n'), text.size());
        names.emplace(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    input.names.assign(names.begin(), names.end());
    input.config = text;
    return input;
}

TextConfig read_config(std::string_view json)
{
    TextConfig config;
    if (!json.empty()) {
        TextConfigParser parser;
        parser.feed(json.substr(0, json.size() / 2));
        parser.feed(json.substr(json.size() / 2));
        config = parser.finish();
    }
    require(!config.block || (std::ranges::all_of(*config.block, [](std::uint64_t side) {
        return side > 0 && side <= block_limit;
    })));
    require(config.step_layers > 0 && (!config.trunk_layers || *config.trunk_layers > 0));
    require(!config.declared_layers || (*config.declared_layers > 0 && !config.declared_by.empty()));
    return config;
}

// As a run keeps them: those that may matter, and once more with the marked layers of the trunk.
std::vector<std::string> candidates(const std::vector<std::string>& names, const TextConfig& config)
{
    LayerChoice layers{config.trunk_layers};
    const auto kept = [&] {
        std::vector<std::string> out;
        std::ranges::copy_if(names, std::back_inserter(out),
                             [&](const std::string& name) { return may_be_mtp(name, layers); });
        return out;
    };
    std::vector<std::string> out = kept();
    layers.marked = marked_layers(out, layers);
    require(!config.trunk_layers || layers.marked.empty() || *layers.marked.rbegin() < *config.trunk_layers);
    if (!layers.marked.empty()) {
        out = kept();
        require(marked_layers(out, layers).empty());
    }
    return out;
}

void check_places(const Detection& head, const std::vector<std::string>& names, bool complete)
{
    require(!head.prefixes.empty() && std::ranges::is_sorted(head.prefixes));
    require(std::ranges::adjacent_find(head.prefixes) == head.prefixes.end());
    std::set<std::uint64_t> layers;
    bool any = false;
    for (const std::string& name : names) {
        const bool begins = std::ranges::any_of(head.prefixes, [&](const std::string& prefix) {
            return prefix.ends_with('.') ? name.starts_with(prefix) : name == prefix;
        });
        require(head.holds(name) == begins);
        if (!begins) {
            require(!head.is_copy(name));
            continue;
        }
        any = true;
        const Place place = head.place_of(name);
        require(place.prefix.empty() || place.prefix.ends_with('.'));
        require(place.prefix.size() + place.rest.size() == name.size());
        require(name.starts_with(place.prefix) && name.ends_with(place.rest));
        require(!place.extra_layer || (head.first_layer && place.layer));
        require(!head.is_copy(name) || head.block != nullptr);
        if (place.layer) {
            layers.insert(*place.layer);
        }
    }
    require(any);
    require(head.layers <= layers.size());
    if (complete && !layers.empty()) {
        require(*layers.rbegin() + 1 == head.layers);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = split({reinterpret_cast<const char*>(data), size});
    try {
        const TextConfig config = read_config(input.config);
        const std::vector<std::string> names = candidates(input.names, config);
        const Detection head = detect_layout(names, config, "o/m");
        const auto lacks = check_completeness(head, names, config);
        require(lacks.size() <= incomplete_limit);
        for (const Refusal& one : lacks) {
            require_printable(one.message);
        }
        if (const auto refused = head.refusal()) {
            require_printable(refused->message);
            require_printable(refused->hint);
            require(!refused->accept.empty());
        }
        require(head.block != nullptr || (head.family == nullptr && head.refusal().has_value()));
        check_places(head, input.names, lacks.empty());
    } catch (const skw::sdk::Failure& failure) {
        require_printable(failure.message());
    } catch (const skw::safetensors::Error& error) {
        require_printable(error.what());
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// What the tests of heads do with names, and how they read a config and a checkpoint.
#include "releases.hpp"

#include "mtp/checkpoint/names.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace skw::test {

using Names = std::vector<std::string>;

Names operator+(Names one, const Names& other)
{
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

Names without(Names names, const std::string& name)
{
    if (std::erase(names, name) != 1) {
        throw std::logic_error("no such name: " + name);
    }
    return names;
}

Names under(const std::string& prefix, const Names& names)
{
    Names out;
    for (const std::string& name : names) {
        out.push_back(prefix + name);
    }
    return out;
}

const Release& release(const std::string& family)
{
    const auto at = std::ranges::find(releases(), family, &Release::family);
    if (at == releases().end()) {
        throw std::logic_error("no release of " + family);
    }
    return *at;
}

mtp::TextConfig config_of(const std::string& json)
{
    mtp::TextConfigParser parser;
    parser.feed(json);
    return parser.finish();
}

Names candidates(const Names& names, const mtp::TextConfig& config)
{
    mtp::LayerChoice layers{config.trunk_layers};
    const auto kept = [&] {
        Names out;
        std::ranges::copy_if(names, std::back_inserter(out),
                             [&](const std::string& name) { return mtp::may_be_mtp(name, layers); });
        return out;
    };
    const Names out = kept();
    layers.marked = mtp::marked_layers(out, layers);
    return layers.marked.empty() ? out : kept();
}

mtp::Detection detect(const Names& names, const std::string& json)
{
    const mtp::TextConfig config = config_of(json);
    return mtp::detect_layout(candidates(names, config), config, "o/m");
}

Names missing(const Names& names, const std::string& json)
{
    const std::string start = "the MTP head was found, but it is incomplete: ";
    const mtp::TextConfig config = config_of(json);
    const Names found = candidates(names, config);
    Names out;
    for (const mtp::Refusal& one :
         mtp::check_completeness(mtp::detect_layout(found, config, "o/m"), found, config)) {
        if (one.status != SKW_E_BAD_INPUT || !one.message.starts_with(start) || one.hint.empty()) {
            throw std::logic_error("an odd refusal: " + one.message);
        }
        out.push_back(one.message.substr(start.size()));
    }
    return out;
}

} // namespace skw::test

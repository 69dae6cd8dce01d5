// SPDX-License-Identifier: Apache-2.0
// Chooses, names and lays out the tensors of the sidecar.
#include "mtp/output.hpp"

#include "mtp/storage/precision.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

constexpr std::size_t recorded_names = 64; // of one list in the metadata

std::string output_name(const Detection& head, const StoredTensor& tensor, bool rename)
{
    const Place place = head.place_of(tensor.name);
    if (!rename || !place.extra_layer || !place.layer) {
        return tensor.name;
    }
    return "mtp." + std::to_string(*place.layer) + "." + std::string(place.rest);
}

std::string joined(const std::vector<std::string>& texts, std::string_view mark)
{
    std::string out;
    for (const std::string& text : texts) {
        out += (out.empty() ? "" : std::string(mark)) + text;
    }
    return out;
}

// The header's __metadata__: only what is known, texts only.
std::map<std::string, std::string> make_metadata(const Head& head, const Options& options,
                                                 const Origin& origin, const Output& output)
{
    const Detection& found = head.detection;
    const boost::json::object chosen = options_json(options);
    const auto choice = [&](std::string_view field, std::string_view otherwise) {
        const boost::json::value* value = chosen.if_contains(field);
        return value != nullptr ? std::string(value->get_string()) : std::string(otherwise);
    };
    std::vector<std::string> accepted;
    if (const boost::json::value* words = chosen.if_contains(accept_field)) {
        for (const boost::json::value& word : words->get_array()) {
            accepted.emplace_back(word.get_string());
        }
    }
    std::map<std::string, std::string> out{
        {"format", "pt"},
        {"mtp.source_repo", origin.repo},
        {"mtp.source_revision", origin.revision},
        {"mtp.layout", std::string(found.layout())},
        {"mtp.family", found.family != nullptr ? std::string(found.family->name) : ""},
        {"mtp.source_prefixes", joined(found.prefixes, ";")},
        {"mtp.base_layer", found.base_layer ? std::to_string(*found.base_layer) : ""},
        {"mtp.layers", found.layers == 0 ? "" : std::to_string(found.layers)},
        {"mtp.norm_convention", found.norm_convention},
        {"mtp.concat_order", found.concat_order},
        {"mtp.names", output.renamed ? "mtp" : "stored"},
        {"mtp.keep_f32", choice(keep_f32_field, "routing")},
        {"mtp.kept_f32", name_list(output.kept_f32, recorded_names, ";")},
        {"mtp.shared_omitted", name_list(output.omitted, recorded_names, ";")},
        {"mtp.accepted", joined(accepted, ";")},
        {"mtp.source_formats", joined(output.formats, ";")},
        {"mtp.tensor_count", std::to_string(output.tensors.size())},
        {"mtp.tool", origin.tool},
    };
    std::erase_if(out, [](const auto& member) { return member.second.empty(); });
    return out;
}

} // namespace

std::string name_list(const std::vector<std::string>& names, std::size_t most, std::string_view mark)
{
    std::string out;
    for (std::size_t at = 0; at < names.size() && at < most; ++at) {
        out += (at == 0 ? "" : std::string(mark)) + printable_name(names[at]);
    }
    return names.size() > most ? out + " and " + std::to_string(names.size() - most) + " more" : out;
}

Output plan_output(const Head& head, const Options& options, const Origin& origin)
{
    Output output;
    std::set<std::string> formats;
    std::unordered_map<std::string, OutputTensor> by_name;
    for (const StoredTensor& stored : head.stored.weights) {
        if (options.omit_copies && head.detection.is_copy(stored.name)) {
            output.omitted.push_back(stored.name);
            continue;
        }
        OutputTensor tensor{output_name(head.detection, stored, options.rename_layers),
                            output_dtype(stored, options.keep_f32), stored};
        output.renamed = output.renamed || tensor.name != stored.name;
        if (tensor.dtype == safetensors::Dtype::f32) {
            output.kept_f32.push_back(tensor.name);
        }
        formats.insert(stored.storage.format);
        const std::string name = tensor.name;
        const auto [at, is_new] = by_name.try_emplace(name, std::move(tensor));
        if (!is_new) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(head.shards[stored.source.shard]),
                               printable_name(stored.name) + " and " +
                                   printable_name(at->second.stored.name) + " would both become " +
                                   printable_name(name),
                               "publish this head with its names as stored: mtp_names: stored");
        }
    }
    output.formats.assign(formats.begin(), formats.end());
    std::ranges::sort(output.kept_f32);
    std::ranges::sort(output.omitted);
    if (by_name.empty()) {
        throw sdk::Failure(SKW_E_BAD_INPUT, {}, "nothing is left of the MTP head to publish",
                           "look at it with `skulk-weights inspect`");
    }
    std::vector<safetensors::TensorSpec> specs;
    specs.reserve(by_name.size());
    for (const auto& [name, tensor] : by_name) {
        specs.push_back({name, tensor.dtype, tensor.stored.shape});
    }
    output.tensors.resize(by_name.size()); // the metadata count them
    try {
        output.layout =
            safetensors::make_header(std::move(specs), make_metadata(head, options, origin, output));
    } catch (const safetensors::Error& error) {
        throw sdk::Failure(SKW_E_BAD_INPUT, "mtp.safetensors", error.what());
    }
    for (std::size_t at = 0; at < output.tensors.size(); ++at) {
        output.tensors[at] = std::move(by_name.at(output.layout.tensors[at].name));
    }
    return output;
}

} // namespace skw::mtp

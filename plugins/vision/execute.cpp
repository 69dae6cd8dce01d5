// SPDX-License-Identifier: Apache-2.0
// Mirroring: the source is looked at as a whole, then declared file by file.
#include "vision/execute.hpp"

#include "shared/documents.hpp"
#include "shared/words.hpp"
#include "vision/plan.hpp"

#include <skw/services.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>

#include <cstdint>
#include <set>
#include <string>

namespace skw::vision {
namespace {

namespace json = boost::json;

// Indexes of encoders have some kilobytes; a hostile one must not take the machine's memory.
constexpr std::uint64_t largest_index = 8u << 20;

struct Source {
    std::string repo;
    std::set<std::string> files;
    std::uint64_t bytes = 0;
};

Source list_source(const sdk::Hub& hub)
{
    const json::value document = builtin::read_document(hub.list(source_input));
    const json::object& listing = document.get_object();
    Source source;
    source.repo = listing.at("repo").as_string();
    for (const json::value& file : listing.at("files").as_array()) {
        source.files.emplace(file.at("path").as_string());
        source.bytes += file.at("size").to_number<std::uint64_t>();
    }
    return source;
}

// An index names every shard; without one of them the encoder does not load.
void require_shards(const sdk::Hub& hub, const Source& source, const std::string& index)
{
    sdk::Reader reader = hub.open(source_input, index);
    boost::system::error_code failure;
    const json::value document = json::parse(reader.read_rest(largest_index), failure);
    const json::object* const object = failure ? nullptr : document.if_object();
    const json::value* const map = object != nullptr ? object->if_contains("weight_map") : nullptr;
    if (map == nullptr || !map->is_object()) {
        throw sdk::Failure(SKW_E_BAD_INPUT, index, "is not the index of a checkpoint: it has no weight_map");
    }
    const std::string folder = index.substr(0, index.rfind('/') + 1);
    for (const json::key_value_pair& tensor : map->get_object()) {
        const json::string* const shard = tensor.value().if_string();
        if (shard == nullptr || !source.files.contains(folder + std::string(*shard))) {
            throw sdk::Failure(SKW_E_BAD_INPUT, index,
                               "names the shard " +
                                   builtin::python_repr(shard != nullptr ? std::string(*shard) : "") +
                                   ", which " + source.repo + " does not have",
                               "ask the owner of the source to complete it; nothing was published");
        }
    }
}

} // namespace

json::value mirror(sdk::Call& call, const json::value&)
{
    const sdk::Hub hub(call);
    const Source source = list_source(hub);
    std::uint64_t weights = 0;
    for (const std::string& path : source.files) {
        weights += path.ends_with(".safetensors") ? 1 : 0;
    }
    if (weights == 0) {
        throw sdk::Failure(SKW_E_BAD_INPUT, {}, no_weights(source.repo));
    }
    for (const std::string& path : source.files) {
        if (path.ends_with(".safetensors.index.json")) {
            require_shards(hub, source, path);
        }
    }
    if (!source.files.contains("config.json")) {
        call.warning(source.repo + " has no config.json; Skulk needs one to load the encoder");
    }
    for (const std::string& path : source.files) {
        hub.mirror(source_input, path);
    }
    call.info("mirroring " + std::to_string(source.files.size()) + " file(s), " + std::to_string(weights) +
              " of them weights, from hf://" + source.repo);
    json::object result;
    result["schema"] = "skw.result/1";
    result["outputs"] = json::array();
    result["steps"] = json::array();
    json::object metrics;
    metrics["files"] = source.files.size();
    metrics["weight_files"] = weights;
    metrics["bytes"] = source.bytes;
    result["metrics"] = std::move(metrics);
    return result;
}

} // namespace skw::vision

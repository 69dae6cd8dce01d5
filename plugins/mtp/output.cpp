// SPDX-License-Identifier: Apache-2.0
// Lays out the sidecar and groups its reads.
#include "mtp/output.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace skw::mtp {

std::map<std::string, std::string> make_metadata(const Head& head, const Origin& origin)
{
    const Detection& found = head.detection;
    std::set<std::string> formats;
    for (const SelectedTensor& tensor : head.selection.tensors) {
        formats.emplace(safetensors::dtype_name(tensor.source.dtype));
    }
    std::string format_list;
    for (const std::string& format : formats) {
        format_list += (format_list.empty() ? "" : ";") + format;
    }
    std::map<std::string, std::string> out{
        {"format", "pt"},
        {"mtp.source_repo", origin.repo},
        {"mtp.source_revision", origin.revision},
        {"mtp.layout", std::string(found.family->layout)},
        {"mtp.source_prefixes", found.prefix},
        {"mtp.layers", found.names.layers.empty() ? "" : std::to_string(found.names.layers.size())},
        {"mtp.norm_convention", found.norm_convention},
        {"mtp.concat_order", std::string(found.family->concat_order)},
        {"mtp.source_formats", format_list},
        {"mtp.tensor_count", std::to_string(head.selection.tensors.size())},
        {"mtp.tool", origin.tool},
    };
    std::erase_if(out, [](const auto& member) { return member.second.empty(); });
    return out;
}

std::vector<Range> plan_ranges(std::span<const SelectedTensor> ordered)
{
    std::vector<Range> ranges;
    for (std::size_t at = 0; at < ordered.size(); ++at) {
        const SourceTensor& tensor = ordered[at].source;
        if (tensor.begin == tensor.end) {
            continue;
        }
        if (!ranges.empty()) {
            Range& open = ranges.back();
            if (open.shard == tensor.shard && tensor.begin >= open.end &&
                tensor.begin - open.end < merge_gap_bytes) {
                open.end = tensor.end;
                open.last = at + 1;
                continue;
            }
        }
        ranges.push_back({tensor.shard, tensor.begin, tensor.end, at, at + 1});
    }
    return ranges;
}

Output plan_output(const Head& head, const Origin& origin)
{
    std::vector<safetensors::TensorSpec> specs;
    std::unordered_map<std::string_view, const SelectedTensor*> by_name;
    for (const SelectedTensor& tensor : head.selection.tensors) {
        specs.push_back({tensor.source.name, tensor.output_dtype(), tensor.source.shape});
        by_name.emplace(tensor.source.name, &tensor);
    }
    Output output;
    try {
        output.layout = safetensors::make_header(std::move(specs), make_metadata(head, origin));
    } catch (const safetensors::Error& error) {
        throw sdk::Failure(SKW_E_BAD_INPUT, "mtp.safetensors", error.what());
    }
    for (const safetensors::Tensor& tensor : output.layout.tensors) {
        output.ordered.push_back(*by_name.at(tensor.name));
    }
    output.ranges = plan_ranges(output.ordered);
    return output;
}

} // namespace skw::mtp

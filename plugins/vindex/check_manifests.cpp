// SPDX-License-Identifier: Apache-2.0
// The manifests of the k-quant files and of the other weights: complete, in one format, as long as the files.
#include "vindex/checks.hpp"

#include "vindex/kquant.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <optional>

namespace skw::vindex {
namespace {

constexpr std::string_view weights_manifest = "weight_manifest.json";
constexpr std::size_t entries_limit = 1u << 18;

[[noreturn]] void refuse(std::string_view file, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(file), std::move(text));
}

json::array read_list(std::string_view text, std::string_view file)
{
    json::value document = read_json(text, file);
    if (!document.is_array() || document.get_array().size() > entries_limit) {
        refuse(file, "it is not a list of tensors");
    }
    return std::move(document.get_array());
}

const json::object& object_of(const json::value& entry, std::string_view file)
{
    if (!entry.is_object()) {
        refuse(file, "it holds something other than objects");
    }
    return entry.get_object();
}

PackedTensor read_packed(const json::value& entry, std::string_view file)
{
    const Fields fields(object_of(entry, file), std::string(file));
    PackedTensor tensor;
    tensor.key = fields.text("key");
    tensor.format = fields.text("format");
    tensor.offset = fields.whole("offset");
    tensor.length = fields.whole("length");
    const json::array& shape = fields.list("shape");
    const json::object pair =
        shape.size() == 2 ? json::object{{"rows", shape[0]}, {"columns", shape[1]}} : json::object{};
    const Fields sides(pair, std::string(file) + ": shape of " + shown(tensor.key));
    tensor.rows = sides.whole("rows");
    tensor.columns = sides.whole("columns");
    return tensor;
}

// What stands at one place of a layer.
struct Role {
    std::string_view word; // part of the tensor's name at the source
    Quant quant;
    bool from_hidden; // reads the hidden state; otherwise writes it
};
constexpr Role attention_roles[] = {{"q_proj", Quant::q4_k, true},
                                    {"k_proj", Quant::q4_k, true},
                                    {"v_proj", Quant::q6_k, true},
                                    {"o_proj", Quant::q4_k, false}};
constexpr Role feed_forward_roles[] = {
    {"gate_proj", Quant::q4_k, true}, {"up_proj", Quant::q4_k, true}, {"down_proj", Quant::q6_k, false}};

struct Covered {
    std::string_view file, manifest;
    std::uint64_t size, hidden;
};

void check_tensor(const PackedTensor& tensor, const Role& role, std::uint64_t end, const Covered& covered)
{
    const std::string name = "tensor '" + shown(tensor.key) + "'";
    const std::string_view wanted = quant_name(role.quant);
    if (tensor.format != wanted) {
        refuse(covered.manifest, name + " is " + shown(tensor.format) + ", where " + std::string(wanted) +
                                     " belongs: the file mixes quantizations");
    }
    const std::uint64_t hidden_side = role.from_hidden ? tensor.columns : tensor.rows;
    const std::uint64_t hidden_wanted = role.from_hidden ? padded(covered.hidden) : covered.hidden;
    if (hidden_side != hidden_wanted || tensor.columns % block_elements != 0 || tensor.rows == 0) {
        refuse(covered.manifest, name + " has the shape " + std::to_string(tensor.rows) + " x " +
                                     std::to_string(tensor.columns) + ", which does not fit hidden_size " +
                                     std::to_string(covered.hidden));
    }
    const std::uint64_t length =
        times(tensor.rows, tensor.columns / block_elements, quant_block_bytes(role.quant));
    if (tensor.length != length) {
        refuse(covered.manifest, name + " has " + std::to_string(tensor.length) + " bytes, its shape in " +
                                     std::string(wanted) + " takes " + std::to_string(length));
    }
    if (tensor.offset != end) {
        refuse(covered.manifest, name + " begins at byte " + std::to_string(tensor.offset) +
                                     ", the one before ends at " + std::to_string(end));
    }
}

template<std::size_t Roles>
std::vector<PackedTensor> check_covered(const Role (&roles)[Roles], std::uint64_t layers,
                                        const Covered& covered, std::string_view manifest_text)
{
    const json::array list = read_list(manifest_text, covered.manifest);
    if (list.size() != times(Roles, layers)) {
        refuse(covered.manifest, "it lists " + std::to_string(list.size()) + " tensors, " +
                                     std::to_string(layers) + " layers have " +
                                     std::to_string(times(Roles, layers)) +
                                     ": LARQL left out what it did not find");
    }
    std::vector<PackedTensor> tensors;
    std::uint64_t end = 0;
    for (const json::value& entry : list) {
        PackedTensor tensor = read_packed(entry, covered.manifest);
        check_tensor(tensor, roles[tensors.size() % Roles], end, covered);
        end = plus(end, tensor.length);
        tensors.push_back(std::move(tensor));
    }
    if (end != covered.size) {
        refuse(covered.file, "it has " + std::to_string(covered.size) + " bytes, its manifest ends at " +
                                 std::to_string(end));
    }
    return tensors;
}

std::uint64_t size_of(const Files& files, std::string_view name)
{
    const auto found = files.find(name);
    if (found == files.end()) {
        refuse(name, "it is missing");
    }
    return found->second;
}

bool is_final_norm(std::string_view key)
{
    return key.find("layers.") == std::string_view::npos && short_name(key) == "norm.weight";
}

} // namespace

std::vector<PackedTensor> check_attention(const Index& index, const Files& files, Names names,
                                          std::string_view manifest_text)
{
    const std::string file = attention_file(names), manifest = manifest_of(file);
    return check_covered(attention_roles, index.layers,
                         Covered{file, manifest, size_of(files, file), index.hidden}, manifest_text);
}

std::vector<PackedTensor> check_feed_forward(const Index& index, const Asked& asked, const Files& files,
                                             Names names, std::string_view manifest_text)
{
    const std::string file = feed_forward_file(names), manifest = manifest_of(file);
    const Covered covered{file, manifest, size_of(files, file), index.hidden};
    if (asked.model.kind == Experts::separate) {
        return check_covered(feed_forward_roles, 0, covered, manifest_text);
    }
    std::vector<PackedTensor> tensors =
        check_covered(feed_forward_roles, index.layers, covered, manifest_text);
    for (std::size_t i = 0; i < tensors.size(); i += std::size(feed_forward_roles)) {
        const std::uint64_t features = index.table.at(i / std::size(feed_forward_roles)).features;
        const bool fits = tensors[i].rows == features && tensors[i + 1].rows == features &&
                          tensors[i + 2].columns == padded(features);
        if (!fits) {
            refuse(manifest, "gate, up and down of layer " +
                                 std::to_string(i / std::size(feed_forward_roles)) + " do not fit its " +
                                 std::to_string(features) + " features");
        }
    }
    return tensors;
}

std::vector<PackedTensor> check_weights(const Index& index, const Asked& asked, const Files& files,
                                        Names names, std::string_view manifest_text)
{
    std::vector<PackedTensor> norms;
    bool has_norm = false;
    const std::string layer_embeddings = "ple_weights.bin", head = head_file(names);
    bool lists_head = false, lists_layer_embeddings = false;
    for (const json::value& entry : read_list(manifest_text, weights_manifest)) {
        const Fields fields(object_of(entry, weights_manifest), std::string(weights_manifest));
        const std::string key = fields.text("key"), file = fields.text("file");
        const std::uint64_t end = plus(fields.whole("offset"), fields.whole("length"));
        const auto found = files.find(file);
        if (found == files.end()) {
            refuse(weights_manifest, "'" + shown(key) + "' lies in " + shown(file) + ", which is not there");
        }
        if (end > found->second) {
            refuse(weights_manifest, "'" + shown(key) + "' ends at byte " + std::to_string(end) + " of " +
                                         shown(file) + ", which has " + std::to_string(found->second));
        }
        if (file == "norms.bin" && fields.find_text("kind") == "vector") {
            norms.push_back({key, 1, 0, "F32", fields.whole("offset"), fields.whole("length")});
        }
        has_norm = has_norm || is_final_norm(key);
        lists_head = lists_head || file == head;
        lists_layer_embeddings = lists_layer_embeddings || file == layer_embeddings;
    }
    if (!has_norm) {
        refuse(weights_manifest, "it does not list the final norm");
    }
    if (asked.has_own_head) {
        const std::uint64_t wanted = q4_bytes(index.vocabulary, index.hidden);
        if (!lists_head || size_of(files, head) != wanted) {
            refuse(head, "the source has an output head of its own, which takes " + std::to_string(wanted) +
                             " bytes here; it is missing, or of another size");
        }
    }
    if (asked.model.layer_embedding != 0 && !lists_layer_embeddings) {
        refuse(layer_embeddings, "the source has per-layer embeddings, and the vindex lacks them");
    }
    return norms;
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// The sample "vision": an encoder with its projector whose weight files have exactly the size that is asked
// for, among files that a mirror takes and files that it leaves.
#include "localhub/seed_parts.hpp"

#include "localhub/base64.hpp"
#include "support/error.hpp"
#include "support/json.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

constexpr std::uint64_t least_layers = 12, most_files = 5000, patch = 14, narrowest = 16;
constexpr std::uint64_t default_bytes = 4u << 20, default_bytes_a_file = 64u << 10;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 40;
// Large files are quick to make since values repeat; a prime, so that no two parts of an upload are the same.
constexpr std::uint64_t period = 65'521;
constexpr std::uint64_t header_bytes_a_tensor = 200, header_bytes_a_file = 100; // at most

struct Sizes {
    std::uint64_t hidden = narrowest, layers = least_layers, positions = 1, files = 2;

    std::uint64_t head() const { return hidden % 64 == 0 ? 64 : narrowest; }
    std::uint64_t text() const { return 4 * hidden; }
};

void add_linear(Tensors& out, const std::string& name, std::uint64_t rows, std::uint64_t columns)
{
    add(out, name + ".weight", {rows, columns});
    add(out, name + ".bias", {rows});
}

void add_norm(Tensors& out, const std::string& name, std::uint64_t width)
{
    add(out, name + ".weight", {width});
    add(out, name + ".bias", {width});
}

void add_block(Tensors& out, std::uint64_t layer, const Sizes& n)
{
    const std::string prefix = "vision_tower.encoder.blocks." + std::to_string(layer) + ".";
    add_norm(out, prefix + "norm0", n.hidden);
    add_norm(out, prefix + "norm1", n.hidden);
    add_linear(out, prefix + "wqkv", 3 * n.hidden, n.hidden);
    add_linear(out, prefix + "wo", n.hidden, n.hidden);
    add_linear(out, prefix + "mlp.fc0", 4 * n.hidden, n.hidden);
    add_linear(out, prefix + "mlp.fc1", n.hidden, 4 * n.hidden);
}

std::vector<Tensors> tensors_of(const Sizes& n)
{
    std::vector<Tensors> lists(n.files);
    add(lists.front(), "vision_tower.patch_embed.proj.weight", {n.hidden, 3, patch, patch});
    add(lists.front(), "vision_tower.patch_embed.proj.bias", {n.hidden});
    add(lists.front(), "vision_tower.patch_embed.pos_emb.weight", {n.positions, 1, n.hidden});
    for (std::uint64_t layer = 0; layer < n.layers; ++layer) {
        add_block(lists[layer * n.files / n.layers], layer, n);
    }
    add_norm(lists.back(), "vision_tower.encoder.final_layernorm", n.hidden);
    add_norm(lists.back(), "multi_modal_projector.pre_norm", n.hidden);
    add_linear(lists.back(), "multi_modal_projector.linear_1", 4 * n.hidden, 4 * n.hidden);
    add_linear(lists.back(), "multi_modal_projector.linear_2", n.text(), 4 * n.hidden);
    for (Tensors& tensors : lists) {
        for (SampleTensor& tensor : tensors) {
            tensor.halvings = 3;
            tensor.period = period;
        }
    }
    return lists;
}

// Not less than all files will have, by the arithmetic of the shapes.
std::uint64_t most_bytes_of(const Sizes& n)
{
    std::uint64_t sum = n.files * header_bytes_a_file;
    for (const Tensors& tensors : tensors_of(n)) {
        for (const SampleTensor& tensor : tensors) {
            sum += tensor.bytes() + header_bytes_a_tensor;
        }
    }
    return sum;
}

SampleRepo with_shards(const Sizes& n, std::uint64_t padding)
{
    SampleRepo out;
    add_shards(out, tensors_of(n), {.padding = padding});
    return out;
}

// The widest encoder that fits; position embeddings take up the rest, and the last header what is less than
// one.
SampleRepo fitting(Sizes& n, std::uint64_t bytes)
{
    if (most_bytes_of(n) > bytes) {
        throw UsageError("the weights cannot be so small", "with " + std::to_string(n.files) +
                                                               " files they have at least " +
                                                               std::to_string(most_bytes_of(n)) + " bytes");
    }
    for (Sizes next = n; most_bytes_of(next) <= bytes; next.hidden += next.hidden < 256 ? 16 : 64) {
        n = next;
    }
    SampleRepo out = with_shards(n, 0);
    while (bytes - out.bytes() >= 4 * n.hidden) { // one row is left out: offsets may get longer
        Sizes next = n;
        next.positions += (bytes - out.bytes()) / (2 * n.hidden) - 1;
        SampleRepo larger = with_shards(next, 0);
        if (larger.bytes() > bytes) {
            break;
        }
        n = next;
        out = std::move(larger);
    }
    return with_shards(n, bytes - out.bytes());
}

std::string config(const Sizes& n)
{
    return pretty_json(json::object{{"architectures", {"MoonVitPretrainedModel"}},
                                    {"model_type", "moonvit"},
                                    {"hidden_size", n.hidden},
                                    {"intermediate_size", 4 * n.hidden},
                                    {"num_attention_heads", n.hidden / n.head()},
                                    {"num_hidden_layers", n.layers},
                                    {"patch_size", patch},
                                    {"init_pos_emb_height", n.positions},
                                    {"init_pos_emb_width", 1},
                                    {"merge_kernel_size", {2, 2}},
                                    {"torch_dtype", "bfloat16"},
                                    {"transformers_version", "4.57.0"}});
}

constexpr const char* ranks = "YQ== 0\nYg== 1\nYw== 2\nZA== 3\nZQ== 4\n"; // a token in base64, its rank
constexpr const char* one_grey_pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";
constexpr const char* readme =
    "---\nlibrary_name: transformers\nlicense: mit\npipeline_tag: image-feature-extraction\ntags:\n- vision\n"
    "base_model:\n- moonshotai/MoonViT-SO-400M\n---\n\n# Sample encoder\n\n"
    "Names follow MoonViT. The values are pseudo-random: it sees nothing.\n";
constexpr const char* processor_source =
    "# Part of the sample; a mirror of weights and configuration leaves it out.\n\n\n"
    "def patches(height, width, size=14):\n    return (height // size) * (width // size)\n";

} // namespace

SampleRepo plan_vision(const SeedOptions& options)
{
    if (options.files == 0 || options.files > most_files) {
        throw UsageError("the number of weight files must be 1 to " + std::to_string(most_files));
    }
    if (options.bytes > most_bytes) {
        throw UsageError("the weights cannot be larger than 1 TiB");
    }
    Sizes n{.layers = std::max(least_layers, options.files), .files = options.files};
    const std::uint64_t bytes =
        options.bytes == 0 ? std::max(default_bytes, options.files * default_bytes_a_file) : options.bytes;
    SampleRepo out = fitting(n, bytes / 8 * 8);
    add_terms(out, "MoonViT");
    out.texts["README.md"] = readme;
    out.texts["config.json"] = config(n);
    out.texts["preprocessor_config.json"] =
        pretty_json(json::object{{"image_processor_type", "MoonVitImageProcessor"},
                                 {"image_mean", {0.5, 0.5, 0.5}},
                                 {"image_std", {0.5, 0.5, 0.5}},
                                 {"in_token_limit", 4096},
                                 {"merge_kernel_size", {2, 2}},
                                 {"patch_size", patch}});
    out.texts["projector/config.json"] = pretty_json(json::object{
        {"model_type", "moonvit_projector"}, {"input_size", 4 * n.hidden}, {"output_size", n.text()}});
    out.texts["merges.txt"] = "#version: 0.2\nt h\ni n\na n\nth e\n";
    out.texts["tiktoken.model"] = ranks;
    out.texts["image_processing_moonvit.py"] = processor_source;
    out.texts["figures/pixel.png"] = base64_decoded(one_grey_pixel).value();
    return out;
}

} // namespace skw::localhub

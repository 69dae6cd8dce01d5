// SPDX-License-Identifier: Apache-2.0
// Right sizes with wrong bytes: the first and last row of every matrix against the source's tensor.
#include "vindex/checks.hpp"

#include "vindex/sample_rows.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

namespace skw::vindex {
namespace {

class Sampler {
public:
    Sampler(const SampleInput& input, const std::function<void()>& tick)
        : input_(input),
          tick_(tick),
          rows_(input.source, input.index.hidden)
    {
    }

    std::vector<std::string> run()
    {
        check_embeddings_rows();
        check_gate_rows();
        check_packed(attention_file(input_.names), input_.attention, attention_words, "self_attn.");
        check_packed(feed_forward_file(input_.names), input_.feed_forward, feed_forward_words, "mlp.");
        if (input_.has_head_file) {
            check_head();
        }
        if (input_.index.has_experts) {
            check_expert_rows();
        }
        check_norms();
        return std::move(notes_);
    }

private:
    static constexpr std::string_view attention_words[] = {"q_proj", "k_proj", "v_proj", "o_proj"};
    static constexpr std::string_view feed_forward_words[] = {"gate_proj", "up_proj", "down_proj"};

    LocalFile open(const std::string& name) const { return {input_.folder / name, name}; }
    static std::string layer_name(std::uint64_t layer) { return "layers." + std::to_string(layer) + "."; }

    void note(const std::string& file, const std::string& wanted)
    {
        // One of a kind is enough.
        if (notes_.empty() || !notes_.back().starts_with(file + " ")) {
            notes_.push_back(file + " could not be compared with the source in full: it has no tensor " +
                             wanted);
        }
    }

    void check_embeddings_rows()
    {
        const SourceTensor* tensor = input_.source.find("model.embed_tokens.weight");
        if (tensor == nullptr) {
            note("embeddings.bin", "embed_tokens.weight");
            return;
        }
        const LocalFile file = open("embeddings.bin");
        for (const std::uint64_t row : {std::uint64_t{0}, input_.index.vocabulary - 1}) {
            rows_.compare_f16(file, times(row, 2, input_.index.hidden), *tensor, row);
        }
    }

    // What the last feature of a layer comes from, and the first.
    struct Ends {
        const SourceTensor *first = nullptr, *last = nullptr;
    };
    Ends gate_of(std::uint64_t layer) const
    {
        const std::string begin = layer_name(layer);
        if (!input_.index.has_experts || input_.index.hybrid) {
            const SourceTensor* gate = input_.source.find(begin + "mlp.gate_proj.weight");
            return {gate, gate};
        }
        return {expert_tensor(layer, 0, 0), expert_tensor(layer, input_.index.experts - 1, 0)};
    }

    void check_gate_rows()
    {
        const LocalFile file = open("gate_vectors.bin");
        for (const IndexLayer& layer : input_.index.table) {
            tick_();
            const Ends ends = gate_of(layer.layer);
            if (ends.first == nullptr || ends.last == nullptr) {
                note(file.shown(), "for the gate of layer " + std::to_string(layer.layer));
                continue;
            }
            const std::uint64_t row_bytes = times(2, input_.index.hidden);
            rows_.compare_f16(file, layer.offset, *ends.first, 0);
            rows_.compare_f16(file, layer.offset + layer.length - row_bytes, *ends.last,
                              ends.last->rows() - 1);
        }
    }

    const SourceTensor* find_packed(const PackedTensor& packed, const std::string& by_position,
                                    std::uint64_t layer, std::string_view group) const
    {
        if (const SourceTensor* named = input_.source.find(packed.key)) {
            return named;
        }
        if (const SourceTensor* placed = input_.source.find(by_position)) {
            return placed;
        }
        // Where keys and values share their weights the keys stand in for both.
        return by_position.ends_with("v_proj.weight")
                   ? input_.source.find(layer_name(layer) + std::string(group) + "k_proj.weight")
                   : nullptr;
    }

    template<std::size_t Words>
    void check_packed(const std::string& name, const std::vector<PackedTensor>& tensors,
                      const std::string_view (&words)[Words], std::string_view group)
    {
        if (tensors.empty()) {
            return;
        }
        const LocalFile file = open(name);
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            tick_();
            const std::uint64_t layer = i / Words;
            const std::string by_position =
                layer_name(layer) + std::string(group) + std::string(words[i % Words]) + ".weight";
            const SourceTensor* tensor = find_packed(tensors[i], by_position, layer, group);
            if (tensor == nullptr) {
                note(name, by_position);
                continue;
            }
            const Quant quant = tensors[i].format == "Q6_K" ? Quant::q6_k : Quant::q4_k;
            rows_.compare_ends(file,
                               {"tensor '" + shown(tensors[i].key) + "'", quant, tensors[i].offset,
                                tensors[i].rows, tensors[i].columns},
                               *tensor);
        }
    }

    void check_head()
    {
        const std::string name = head_file(input_.names);
        const SourceTensor* tensor = input_.source.find("lm_head.weight");
        if (tensor == nullptr) {
            note(name, "lm_head.weight");
            return;
        }
        rows_.compare_ends(
            open(name),
            {"the output head", Quant::q4_k, 0, input_.index.vocabulary, padded(input_.index.hidden)},
            *tensor);
    }

    void check_norms()
    {
        const LocalFile file = open("norms.bin");
        for (const PackedTensor& norm : input_.norms) {
            const SourceTensor* tensor = input_.source.find(norm.key);
            if (tensor != nullptr && tensor->tensor.shape.size() == 1 &&
                norm.length == times(4, tensor->columns())) {
                rows_.compare_vector(file, norm.offset, *tensor);
            }
        }
    }

    // part: 0 gate, 1 up, 2 down, of models that keep each expert's matrices by themselves.
    const SourceTensor* expert_tensor(std::uint64_t layer, std::uint64_t expert, std::size_t part) const
    {
        static constexpr std::string_view short_words[] = {"w1", "w3", "w2"};
        const std::string number = "experts." + std::to_string(expert) + ".";
        const std::string begin = layer_name(layer);
        const SourceTensor* tensor = input_.source.find(begin + "block_sparse_moe." + number +
                                                        std::string(short_words[part]) + ".weight");
        return tensor != nullptr ? tensor
                                 : input_.source.find(begin + "mlp." + number +
                                                      std::string(feed_forward_words[part]) + ".weight");
    }

    // A row of one expert: in a tensor of its own, or in one that holds all experts of the layer.
    struct ExpertRow {
        const SourceTensor* tensor = nullptr;
        std::uint64_t row = 0;
    };
    ExpertRow find_row(std::uint64_t layer, std::uint64_t expert, std::size_t part, std::uint64_t row) const
    {
        const std::uint64_t width = layer_width_, hidden = input_.index.hidden;
        if (const SourceTensor* own = expert_tensor(layer, expert, part)) {
            return {own, row};
        }
        for (const char* group : {"experts.", "mlp.experts.", "moe.experts."}) {
            const SourceTensor* all =
                input_.source.find(layer_name(layer) + group + (part == 2 ? "down_proj" : "gate_up_proj"));
            const std::uint64_t rows = part == 2 ? hidden : 2 * width;
            if (all != nullptr && all->columns() == (part == 2 ? width : hidden) &&
                all->rows() == times(input_.index.experts, rows)) {
                return {all, expert * rows + row + (part == 1 ? width : 0)};
            }
        }
        return {};
    }

    void check_expert(const LocalFile& file, std::uint64_t layer, std::uint64_t expert,
                      const ExpertRanges& at)
    {
        const std::uint64_t width = layer_width_, hidden = input_.index.hidden;
        const std::string name = "expert " + std::to_string(expert);
        const Matrix both{name + ", gate and up", Quant::q4_k, at.gate_up, 2 * width, padded(hidden)};
        const Matrix down{name + ", down", Quant::q4_k, at.down, hidden, padded(width)};
        struct Pair {
            const Matrix& matrix;
            std::uint64_t row;
            ExpertRow source;
        };
        const Pair pairs[] = {{both, 0, find_row(layer, expert, 0, 0)},
                              {both, 2 * width - 1, find_row(layer, expert, 1, width - 1)},
                              {down, 0, find_row(layer, expert, 2, 0)},
                              {down, hidden - 1, find_row(layer, expert, 2, hidden - 1)}};
        for (const Pair& pair : pairs) {
            if (pair.source.tensor == nullptr) {
                note("layers/",
                     "for expert " + std::to_string(expert) + " of layer " + std::to_string(layer));
                return;
            }
            rows_.compare_packed(file, pair.matrix, pair.row, *pair.source.tensor, pair.source.row);
        }
    }

    void check_expert_rows()
    {
        for (std::uint64_t layer = 0; layer < input_.index.layers; ++layer) {
            tick_();
            const LocalFile file = open(expert_file(layer));
            const ExpertLayer& store = input_.experts.at(static_cast<std::size_t>(layer));
            layer_width_ = store.width;
            check_expert(file, layer, 0, store.entries.front());
            check_expert(file, layer, store.entries.size() - 1, store.entries.back());
        }
    }

    const SampleInput& input_;
    const std::function<void()>& tick_;
    const SampleRows rows_;
    std::vector<std::string> notes_;
    std::uint64_t layer_width_ = 0;
};

} // namespace

std::vector<std::string> check_samples(const SampleInput& input, const std::function<void()>& tick)
{
    return Sampler(input, tick).run();
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// index.json against what was asked for, and against the files whose layout it tells itself.
#include "vindex/checks.hpp"

#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>

namespace skw::vindex {
namespace {

constexpr std::uint64_t generation = 2;
constexpr std::array<std::string_view, 4> hashed = {"gate_vectors.bin", "embeddings.bin", "down_meta.bin",
                                                    "norms.bin"};
constexpr std::uint32_t down_magic = 0x444D4554;

[[noreturn]] void refuse(std::string_view file, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(file), std::move(text));
}

void require_equal(std::string_view name, std::uint64_t found, std::uint64_t wanted, std::string_view by)
{
    if (found != wanted) {
        refuse(index_file, std::string(name) + " is " + std::to_string(found) + ", but " + std::string(by) +
                               " says " + std::to_string(wanted));
    }
}

std::uint64_t size_of(const Files& files, std::string_view name)
{
    const auto found = files.find(name);
    if (found == files.end()) {
        refuse(name, "it is missing");
    }
    return found->second;
}

std::uint32_t word_at(const std::byte* at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) {
        value = value << 8 | std::to_integer<std::uint32_t>(at[i]);
    }
    return value;
}

void check_names(const Index& index, const Asked& asked)
{
    for (const std::string* name : {&index.model, &index.source_repo}) {
        const bool path = std::ranges::count(*name, '/') > 1 || name->starts_with('/') ||
                          name->find('\\') != std::string::npos;
        if (path) {
            refuse(index_file, "it names its source '" + shown(*name) +
                                   "', a path of this machine, which must not be published");
        }
    }
    if (index.model != asked.repo) {
        refuse(index_file,
               "model is '" + shown(index.model) + "', but larql was asked for '" + asked.repo + "'");
    }
    if (index.source_repo != asked.repo) {
        refuse(index_file, "source.huggingface_repo is '" + shown(index.source_repo) +
                               "', but larql was asked for '" + asked.repo + "'");
    }
}

} // namespace

void check_index(const Index& index, const Asked& asked)
{
    require_equal("version", index.version, generation, "this program, which knows that generation only,");
    check_names(index, asked);
    // "kquant" is how later readers spell the same thing.
    if (index.quant != asked.quant && index.quant != "kquant") {
        refuse(index_file, "quant is '" + shown(index.quant) + "', but '" + asked.quant + "' was asked for");
    }
    require_equal("num_layers", index.layers, asked.model.layers, "the source's config.json");
    require_equal("hidden_size", index.hidden, asked.model.hidden, "the source's config.json");
    if (asked.embedding_rows != 0) {
        require_equal("vocab_size", index.vocabulary, asked.embedding_rows, "the source's embedding table");
    } else {
        require_equal("vocab_size", index.vocabulary, asked.model.vocabulary, "the source's config.json");
    }
    if (!index.has_weights) {
        refuse(index_file, "has_model_weights is not true: the extraction ended before the weights");
    }
    if (!index.has_checksums) {
        refuse(index_file, "it has no checksums, which LARQL writes at the very end: the extraction did not "
                           "finish");
    }
    for (const std::string_view name : hashed) {
        if (!index.checksums.contains(name)) {
            refuse(index_file, "its checksums do not list " + std::string(name));
        }
    }
}

void check_gate(const Index& index, const Files& files)
{
    require_equal("the number of layers in the table", index.table.size(), index.layers, "num_layers");
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < index.table.size(); ++i) {
        const IndexLayer& layer = index.table[i];
        const std::string name = "layers " + std::to_string(i);
        require_equal(name + ": layer", layer.layer, i, "its position");
        require_equal(name + ": offset", layer.offset, end, "the end of the layer before");
        require_equal(name + ": length", layer.length, times(2, layer.features, index.hidden),
                      "2 * num_features * hidden_size");
        if (layer.features == 0) {
            refuse(index_file, name + " has no features");
        }
        end = plus(end, layer.length);
    }
    const std::uint64_t size = size_of(files, "gate_vectors.bin");
    if (size != end) {
        refuse("gate_vectors.bin", "it has " + std::to_string(size) +
                                       " bytes, the layers of index.json end at " + std::to_string(end));
    }
}

void check_embeddings(const Index& index, const Files& files)
{
    const std::uint64_t size = size_of(files, "embeddings.bin");
    const std::uint64_t wanted = times(2, index.vocabulary, index.hidden);
    if (size != wanted) {
        refuse("embeddings.bin", "it has " + std::to_string(size) +
                                     " bytes, 2 * vocab_size * hidden_size is " + std::to_string(wanted));
    }
}

void check_down_meta(const Index& index, const LocalFile& file)
{
    std::array<std::byte, 16> head{};
    file.read_exactly(0, head);
    if (word_at(head.data()) != down_magic || word_at(&head[4]) != 1) {
        refuse(file.shown(), "it does not begin as a table of version 1 does");
    }
    if (word_at(&head[8]) != index.layers) {
        refuse(file.shown(), "its header counts " + std::to_string(word_at(&head[8])) +
                                 " layers, index.json has " + std::to_string(index.layers));
    }
    const std::uint64_t record = plus(8, times(8, word_at(&head[12])));
    std::uint64_t at = head.size();
    for (const IndexLayer& layer : index.table) {
        std::array<std::byte, 4> count{};
        file.read_exactly(at, count);
        if (word_at(count.data()) != layer.features) {
            refuse(file.shown(), "layer " + std::to_string(layer.layer) + " has " +
                                     std::to_string(word_at(count.data())) + " records, index.json has " +
                                     std::to_string(layer.features) + " features");
        }
        at = plus(at, plus(4, times(layer.features, record)));
    }
    if (at != file.size()) {
        refuse(file.shown(),
               "it has " + std::to_string(file.size()) + " bytes, its records end at " + std::to_string(at));
    }
}

void check_hashes(const Index& index, const Hashes& hashes)
{
    for (const auto& [name, wanted] : index.checksums) {
        const auto found = hashes.find(name);
        if (found == hashes.end()) {
            refuse(name, "index.json has a checksum for it, but it is not there");
        }
        if (found->second != wanted) {
            refuse(name, "its SHA-256 is " + found->second + ", index.json says " + shown(wanted));
        }
    }
}

} // namespace skw::vindex

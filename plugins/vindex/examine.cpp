// SPDX-License-Identifier: Apache-2.0
// Opens the files and hands their content to the checks.
#include "vindex/examine.hpp"

namespace skw::vindex {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t tokenizer_limit = 256u << 20;

std::string read_text(const fs::path& folder, const std::string& name)
{
    return LocalFile(folder / name, name).read_all(document_limit);
}

// Those that no other check reads as well: a tokenizer that breaks off serves nobody.
void check_documents(const fs::path& folder, const Files& files)
{
    constexpr std::uint64_t limit = 256u << 20;
    for (const auto& [name, size] : files) {
        if (name.ends_with(".json")) {
            require_json(LocalFile(folder / name, name).read_all(limit), name);
        }
    }
}

Hashes hash_all(const sdk::Call& call, const fs::path& folder, const Files& files, const Hasher& hasher)
{
    Hashes hashes;
    for (const auto& [name, size] : files) {
        call.throw_if_cancelled();
        hashes[name] = hasher(folder / name);
    }
    return hashes;
}

Asked make_asked(const Job& job, const Model& model, const Source& source)
{
    Asked asked{job.repo, job.quant, model, 0, false};
    const SourceTensor* embeddings = source.find("model.embed_tokens.weight");
    asked.embedding_rows = embeddings == nullptr ? 0 : embeddings->rows();
    asked.has_own_head = !model.tied_head && source.find("lm_head.weight") != nullptr;
    return asked;
}

} // namespace

Examined examine_vindex(const sdk::Call& call, const fs::path& folder, const Job& job, const Model& model,
                        const Source& source, const Hasher& hasher)
{
    const Asked asked = make_asked(job, model, source);
    Examined examined{read_folder(folder), {}};
    const Files& files = examined.files;
    const Names names = check_files(files, asked);
    const Index index = read_index(read_text(folder, std::string(index_file)));
    check_index(index, asked);
    check_experts(index, asked, files);
    check_routers(index, asked, files);
    check_gate(index, files);
    check_embeddings(index, files);
    check_down_meta(index, LocalFile(folder / "down_meta.bin", "down_meta.bin"));
    const auto attention =
        check_attention(index, files, names, read_text(folder, manifest_of(attention_file(names))));
    const auto feed_forward = check_feed_forward(index, asked, files, names,
                                                 read_text(folder, manifest_of(feed_forward_file(names))));
    const LocalFile tokenizer(folder / "tokenizer.json", "tokenizer.json");
    require_json(tokenizer.read_all(tokenizer_limit), tokenizer.shown());
    std::vector<ExpertLayer> experts;
    for (std::uint64_t layer = 0; asked.model.kind != Experts::none && layer < index.layers; ++layer) {
        const std::string name = expert_file(layer);
        experts.push_back(check_expert_file(index, asked, LocalFile(folder / name, name)));
    }
    const auto norms = check_weights(index, asked, files, names, read_text(folder, "weight_manifest.json"));
    check_documents(folder, files);
    const bool has_head = files.contains(head_file(names));
    const SampleInput input{folder, index, source, names, attention, feed_forward, experts, norms, has_head};
    for (const std::string& note : check_samples(input, [&call] { call.throw_if_cancelled(); })) {
        call.warning(note);
    }
    examined.hashes = hash_all(call, folder, files, hasher);
    check_hashes(index, examined.hashes);
    return examined;
}

Examined examine_slice(const sdk::Call& call, const fs::path& folder, const Examined& full,
                       const fs::path& full_folder, const Hasher& hasher)
{
    Examined slice{read_folder(folder), {}};
    slice.hashes = hash_all(call, folder, slice.files, hasher);
    const std::string name(index_file);
    check_slice(full.files, full.hashes, read_text(full_folder, name), slice.files, slice.hashes,
                slice.files.contains(name) ? read_text(folder, name) : std::string());
    return slice;
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// A checkpoint becomes a repo: tensors are spread over shards, with an index, a configuration and a README.
#include "localhub/families/builder.hpp"

#include "localhub/seed_parts.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

std::uint64_t bytes_of_all(const Tensors& tensors)
{
    std::uint64_t sum = 0;
    for (const SampleTensor& tensor : tensors) {
        sum += tensor.bytes();
    }
    return sum;
}

// Cuts a list into `count` of about the same number of bytes, none of them empty, at the end of `out`. A
// weight and its scales may come to lie in two of them, as happens in released checkpoints.
void spread(Tensors tensors, std::size_t count, std::vector<Tensors>& out)
{
    count = std::min(count, tensors.size());
    const std::uint64_t each = count == 0 ? 1 : (bytes_of_all(tensors) + count - 1) / count;
    const std::size_t first = out.size();
    out.resize(first + count);
    std::uint64_t begin = 0;
    std::size_t list = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const std::size_t left = tensors.size() - i;
        // The next list, when its bytes have begun, or when every one of the rest needs what is left.
        const bool due =
            begin / std::max<std::uint64_t>(each, 1) > list && list + 1 < count && !out[first + list].empty();
        if (due || (count - list > left && !out[first + list].empty())) {
            ++list;
        }
        begin += tensors[i].bytes();
        out[first + list].push_back(std::move(tensors[i]));
    }
}

std::string readme(const Checkpoint& checkpoint, bool real)
{
    return "---\nlibrary_name: transformers\nlicense: " + checkpoint.licence +
           "\npipeline_tag: text-generation\n---\n\n# Sample checkpoint\n\nNames, types and configuration "
           "follow " +
           checkpoint.model +
           (real ? ".\nThe MTP tensors have the released shapes.\n"
                 : ".\nAll dimensions are small, and only a few layers of the trunk are there.\n") +
           (checkpoint.note.empty() ? "" : checkpoint.note + "\n") +
           "The values are pseudo-random: nothing can be generated with them.\n";
}

} // namespace

SampleRepo assemble(Checkpoint checkpoint, const FamilyOptions& options, bool single_file)
{
    SampleRepo out;
    out.texts["config.json"] = pretty_json(checkpoint.config);
    out.texts["README.md"] = readme(checkpoint, options.real);
    add_terms(out, checkpoint.model);
    if (single_file) {
        add_shards(out, {std::move(checkpoint.tensors)}, {.format = checkpoint.format});
        return out;
    }
    Tensors trunk, head;
    for (SampleTensor& tensor : checkpoint.tensors) {
        (tensor.mtp ? head : trunk).push_back(std::move(tensor));
    }
    std::vector<Tensors> lists;
    if (!checkpoint.own_file.empty()) {
        spread(std::move(trunk), checkpoint.trunk_shards, lists);
        add_shards(out, std::move(lists),
                   {.format = checkpoint.format,
                    .own_file = checkpoint.own_file,
                    .own_tensors = std::move(head),
                    .own_file_in_index = checkpoint.own_file_in_index});
        return out;
    }
    // The end of the trunk lies in the head's first shard.
    std::uint64_t shared = bytes_of_all(head) / 100 * checkpoint.shared_percent;
    auto cut = trunk.end();
    while (cut != trunk.begin() && std::prev(cut)->bytes() <= shared) {
        shared -= (--cut)->bytes();
    }
    Tensors last(std::make_move_iterator(cut), std::make_move_iterator(trunk.end()));
    trunk.erase(cut, trunk.end());
    last.insert(last.end(), std::make_move_iterator(head.begin()), std::make_move_iterator(head.end()));
    spread(std::move(trunk), checkpoint.trunk_shards, lists);
    spread(std::move(last), checkpoint.mtp_shards, lists);
    add_shards(out, std::move(lists), {.format = checkpoint.format});
    return out;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Walks listing, config, index and headers, each in pieces through one buffer.
#include "mtp/fetch.hpp"

#include "mtp/names.hpp"
#include "mtp/plan.hpp"
#include "mtp/universe.hpp"
#include "shared/documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace skw::mtp {

namespace {

namespace json = boost::json;
using safetensors::printable_name;

std::string_view as_text(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class HeadReader {
public:
    HeadReader(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
               const std::string& source, std::span<std::byte> buffer, Meter& meter)
        : call_(call),
          hub_(hub),
          input_(input),
          source_(source),
          buffer_(buffer),
          meter_(meter)
    {
    }

    Head run()
    {
        const CheckpointFiles files = choose_files(list());
        const TextConfig config = read_config(files);
        trunk_layers_ = config.trunk_layers;
        std::string index_file = files.index ? files.index->path : std::string();
        Universe universe(files, read_index(files), index_file);
        read_unindexed(files, universe);

        // Names alone decide whether this is a head we extract: nothing more is fetched for one we do not.
        Head head;
        head.detection = detect_layout(universe.names(), config, source_);
        read_shards(files, universe, head.detection.prefix);

        head.detection = detect_layout(universe.names(), config, source_);
        head.shards = universe.shards();
        // Packed formats have no "weight" at all: the format is the reason to tell, not the missing name.
        head.selection = select_tensors(tensors_of(universe, head.detection.prefix), head.shards);
        check_completeness(head.detection, config);
        return head;
    }

private:
    // A single NextN word in a layer of the trunk makes a name worth a look, but no part of the head.
    static std::vector<SourceTensor> tensors_of(const Universe& universe, const std::string& prefix)
    {
        std::vector<SourceTensor> tensors = universe.tensors();
        std::erase_if(tensors, [&](const SourceTensor& tensor) { return !tensor.name.starts_with(prefix); });
        return tensors;
    }

    std::vector<ListedFile> list() const
    {
        const json::value document = builtin::read_document(hub_.list(input_));
        const json::value* files = document.get_object().if_contains("files");
        if (files == nullptr || !files->is_array()) {
            throw sdk::Failure(SKW_E_BAD_ARGUMENT, {}, "the host's listing has no files");
        }
        std::vector<ListedFile> out;
        for (const json::value& file : files->get_array()) {
            const json::object* object = file.if_object();
            const json::value* path = object == nullptr ? nullptr : object->if_contains("path");
            const json::value* size = object == nullptr ? nullptr : object->if_contains("size");
            boost::system::error_code failure;
            const std::uint64_t bytes = size == nullptr ? 0 : size->to_number<std::uint64_t>(failure);
            if (path == nullptr || !path->is_string() || size == nullptr || failure) {
                throw sdk::Failure(SKW_E_BAD_ARGUMENT, {},
                                   "the host's listing has a file without path or size");
            }
            out.push_back({std::string(path->get_string()), bytes});
        }
        return out;
    }

    // Hands `length` bytes of a file from `offset` on to take(), in pieces.
    template<class Take>
    void read_part(const ListedFile& file, std::uint64_t offset, std::uint64_t length, Take take)
    {
        if (length == 0) {
            return;
        }
        call_.throw_if_cancelled();
        ++meter_.requests;
        sdk::Reader reader = hub_.open(input_, file.path, offset, length);
        while (length != 0) {
            call_.throw_if_cancelled();
            const auto cap = static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer_.size()));
            const std::size_t got = reader.read(buffer_.first(cap));
            if (got == 0 || got > cap) {
                throw sdk::Failure(SKW_E_NETWORK, printable_name(file.path),
                                   "it ended before its listed size")
                    .retryable();
            }
            meter_.bytes_read += got;
            length -= got;
            call_.progress(step_id, 0, 0); // how much there is to extract is not known yet
            take(as_text(buffer_.first(got)));
        }
    }

    template<class Parser>
    auto read_document(const ListedFile& file, std::uint64_t limit, Parser& parser)
    {
        if (file.size > limit) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file.path),
                               "it is larger than " + std::to_string(limit >> 20) + " MiB");
        }
        try {
            read_part(file, 0, file.size, [&](std::string_view piece) { parser.feed(piece); });
            return parser.finish();
        } catch (const safetensors::Error& error) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file.path), error.what());
        }
    }

    TextConfig read_config(const CheckpointFiles& files)
    {
        if (!files.config) {
            return {};
        }
        TextConfigParser parser;
        return read_document(*files.config, config_limit, parser);
    }

    std::optional<Index> read_index(const CheckpointFiles& files)
    {
        if (!files.index) {
            return std::nullopt;
        }
        IndexParser parser(printable_name(files.index->path), trunk_layers_);
        return read_document(*files.index, index_limit, parser);
    }

    safetensors::Header read_header(const ListedFile& file)
    {
        const std::uint64_t first = std::min(file.size, header_probe_bytes);
        safetensors::HeaderParser parser;
        std::string start; // until the length is known
        std::optional<std::uint64_t> missing;
        const auto take = [&](std::string_view piece) {
            if (!missing) {
                start += piece;
                if (start.size() < safetensors::length_bytes) {
                    return;
                }
                missing = safetensors::header_length(std::as_bytes(std::span(start)), file.size);
                piece = std::string_view(start).substr(safetensors::length_bytes);
            }
            piece =
                piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), *missing)));
            *missing -= piece.size();
            parser.feed(piece);
        };
        try {
            read_part(file, 0, first, take);
            if (!missing) {
                static_cast<void>(safetensors::header_length({}, file.size)); // throws: too small
            }
            read_part(file, first, missing.value_or(0), take);
            return parser.finish(file.size);
        } catch (const safetensors::Error& error) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file.path), error.what());
        }
    }

    void add_header(const ListedFile& file, Universe& universe)
    {
        safetensors::Header header = read_header(file);
        std::erase_if(header.tensors, [this](const safetensors::Tensor& tensor) {
            return !may_be_mtp(tensor.name, trunk_layers_);
        });
        for (const std::string& name : universe.add_header(file.path, header.tensors, header.data_begin)) {
            call_.warning("the index does not know '" + printable_name(name) + "' in " +
                          printable_name(file.path) + "; it is taken all the same");
        }
        done_.insert(file.path);
    }

    void read_unindexed(const CheckpointFiles& files, Universe& universe)
    {
        if (universe.unindexed().size() > unindexed_limit) {
            throw sdk::Failure(SKW_E_BAD_INPUT, source_,
                               "more than " + std::to_string(unindexed_limit) +
                                   " safetensors files are not in any index");
        }
        for (const std::string& name : universe.unindexed()) {
            add_header(*files.find_weights(name), universe);
        }
    }

    void read_shards(const CheckpointFiles& files, Universe& universe, const std::string& prefix)
    {
        const std::vector<std::string> shards = universe.shards();
        call_.info("found MTP tensors in " + std::to_string(shards.size()) + " shard(s) (prefix: '" + prefix +
                   "')");
        for (std::size_t at = 0; at < shards.size(); ++at) {
            const std::string number = std::to_string(at + 1) + "/" + std::to_string(shards.size());
            call_.info("downloading shard " + number + ": " + printable_name(shards[at]));
            if (!done_.contains(shards[at])) {
                add_header(*files.find_weights(shards[at]), universe);
            }
            call_.info("shard " + number + " ready");
        }
    }

    const sdk::Call& call_;
    const sdk::Hub& hub_;
    const std::string& input_;
    const std::string& source_;
    std::span<std::byte> buffer_;
    Meter& meter_;
    std::optional<std::uint64_t> trunk_layers_;
    std::set<std::string> done_;
};

} // namespace

Head read_head(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
               const std::string& source, std::span<std::byte> buffer, Meter& meter)
{
    return HeadReader(call, hub, input, source, buffer, meter).run();
}

} // namespace skw::mtp

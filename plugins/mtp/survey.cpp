// SPDX-License-Identifier: Apache-2.0
// Walks listing, config, index and headers, each in pieces through one buffer.
#include "mtp/survey.hpp"

#include "mtp/checkpoint/names.hpp"
#include "mtp/plan.hpp"
#include "mtp/checkpoint/index.hpp"
#include "mtp/checkpoint/universe.hpp"
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
               const std::string& source, const Options& options, std::span<std::byte> buffer, Meter& meter,
               SurveyEvents& events)
        : call_(call),
          hub_(hub),
          input_(input),
          source_(source),
          options_(options),
          buffer_(buffer),
          meter_(meter),
          events_(events)
    {
    }

    Head run()
    {
        const CheckpointFiles files = choose_files(list());
        if (files.weights.empty()) {
            throw sdk::Failure(SKW_E_NOT_FOUND, {}, nothing_found(source_),
                               "the repository has no *.safetensors file outside of folders");
        }
        Head head;
        head.config = read_config(files);
        layers_.trunk_layers = head.config.trunk_layers;
        Universe universe = read_universe(files);
        read_marked(files, universe);
        // Names alone decide whether this is a head at all: nothing more is fetched where there is none.
        head.detection = detect_layout(universe.names(), head.config, source_);
        read_shards(files, universe, head.detection.prefixes);
        // Headers may show what a stale index did not.
        if (read_marked(files, universe)) {
            head.detection = detect_layout(universe.names(), head.config, source_);
            read_shards(files, universe, head.detection.prefixes);
        }

        head.detection = detect_layout(universe.names(), head.config, source_);
        head.shards = universe.shards();
        std::vector<SourceTensor> tensors = universe.tensors();
        // A single NextN word in a layer of the trunk makes a name worth a look, but no part of the head.
        std::erase_if(tensors,
                      [&](const SourceTensor& tensor) { return !head.detection.holds(tensor.name); });
        std::vector<std::string> names;
        for (const SourceTensor& tensor : tensors) {
            names.push_back(tensor.name);
        }
        head.names = names.size();
        head.stored = read_storage(std::move(tensors), head.config, head.shards);
        add_refusals(head, names);
        return head;
    }

private:
    Universe read_universe(const CheckpointFiles& files)
    {
        Universe universe(files, read_index(files), files.index ? files.index->path : std::string());
        read_unindexed(files, universe);
        return universe;
    }

    // A layer that turns out to be an MTP layer only by what it holds was not kept whole the first time.
    // gives   whether the universe was read again
    bool read_marked(const CheckpointFiles& files, Universe& universe)
    {
        std::set<std::uint64_t> marked = marked_layers(universe.names(), layers_);
        if (marked.empty()) {
            return false;
        }
        layers_.marked.merge(marked);
        done_.clear();
        universe = read_universe(files);
        return true;
    }

    // Packed formats may have no "weight" at all: the format is the reason to tell, not the missing name.
    void add_refusals(Head& head, std::span<const std::string> names) const
    {
        std::vector<Refusal> all;
        if (const auto refusal = head.detection.refusal()) {
            all.push_back(*refusal);
        }
        all.insert(all.end(), head.stored.refusals.begin(), head.stored.refusals.end());
        std::vector<Refusal> holes = check_completeness(head.detection, names, head.config);
        all.insert(all.end(), holes.begin(), holes.end());
        std::ranges::copy_if(all, std::back_inserter(head.refusals),
                             [&](const Refusal& refusal) { return !is_accepted(options_, refusal.accept); });
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
        IndexParser parser(printable_name(files.index->path), layers_);
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
            return !may_be_mtp(tensor.name, layers_);
        });
        tell_unknown(universe.add_header(file.path, header.tensors, header.data_begin), file.path);
        done_.insert(file.path);
    }

    void tell_unknown(const std::vector<std::string>& names, const std::string& file) const
    {
        constexpr std::size_t shown = 4;
        std::string list;
        for (std::size_t at = 0; at < names.size() && at < shown; ++at) {
            list += (at == 0 ? "'" : ", '") + printable_name(names[at]) + "'";
        }
        if (names.size() > shown) {
            list += " and " + std::to_string(names.size() - shown) + " more";
        }
        if (!names.empty()) {
            call_.warning("the index does not know " + list + " in " + printable_name(file) + "; " +
                          (names.size() == 1 ? "it is" : "they are") + " taken all the same");
        }
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

    void read_shards(const CheckpointFiles& files, Universe& universe,
                     const std::vector<std::string>& prefixes)
    {
        const std::vector<std::string> shards = universe.shards();
        events_.found(shards.size(), prefixes);
        for (std::size_t at = 0; at < shards.size(); ++at) {
            events_.reading(at + 1, shards.size(), shards[at]);
            if (!done_.contains(shards[at])) {
                add_header(*files.find_weights(shards[at]), universe);
            }
            events_.ready(at + 1, shards.size());
        }
    }

    const sdk::Call& call_;
    const sdk::Hub& hub_;
    const std::string& input_;
    const std::string& source_;
    const Options& options_;
    std::span<std::byte> buffer_;
    Meter& meter_;
    SurveyEvents& events_;
    LayerChoice layers_;
    std::set<std::string> done_;
};

} // namespace

void SurveyEvents::found(std::size_t, const std::vector<std::string>&) {}
void SurveyEvents::reading(std::size_t, std::size_t, const std::string&) {}
void SurveyEvents::ready(std::size_t, std::size_t) {}

Head read_head(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
               const std::string& source, const Options& options, std::span<std::byte> buffer, Meter& meter,
               SurveyEvents& events)
{
    return HeadReader(call, hub, input, source, options, buffer, meter, events).run();
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Walks weight_map and keeps only what concerns MTP heads, so that memory does not follow the trunk's size.
#include "mtp/checkpoint/index.hpp"

#include <skw/failure.hpp>

#include "safetensors/json_stream.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

class Collector : public safetensors::JsonEvents {
public:
    Collector(std::string file, LayerChoice layers) : file_(std::move(file)), layers_(std::move(layers)) {}

    Index index;
    bool had_map = false;

    [[noreturn]] void refuse(std::string text) const
    {
        throw sdk::Failure(SKW_E_BAD_INPUT, file_, std::move(text));
    }

    void begin_object() override
    {
        ++depth_;
        if (depth_ == 2 && lists_ == 0 && key_ == "weight_map") {
            if (std::exchange(had_map, true)) {
                refuse("it has weight_map twice");
            }
            in_map_ = true;
        } else if (in_map_) {
            wrong();
        } else if (depth_ == 1 && lists_ != 0) {
            refuse("an index must be a JSON object");
        }
    }
    void end_object() override
    {
        --depth_;
        if (depth_ == 1) {
            in_map_ = false;
        }
    }
    void begin_array() override
    {
        if (in_map_) {
            wrong();
        }
        ++lists_;
    }
    void end_array() override { --lists_; }
    void key(std::string_view name) override { key_ = name; }
    void text(std::string_view value) override
    {
        if (in_map_) {
            place(value);
        }
    }
    void whole(std::uint64_t) override { other(); }
    void other_number() override { other(); }
    void boolean(bool) override { other(); }
    void null() override { other(); }

private:
    void other() const
    {
        if (in_map_) {
            wrong();
        }
    }
    [[noreturn]] void wrong() const
    {
        refuse("weight_map must name a file for '" + printable_name(key_) + "'");
    }
    void place(std::string_view shard)
    {
        if (++index.total_names > index_names_limit) {
            refuse("it holds more than " + std::to_string(index_names_limit) + " names");
        }
        const std::size_t number = shard_number(shard);
        if (may_be_mtp(key_, layers_)) {
            kept_bytes_ += key_.size();
            if (index.names.size() == head_names_limit || kept_bytes_ > head_names_bytes_limit) {
                refuse(too_many_head_names());
            }
            index.names.push_back({key_, number});
        }
    }
    std::size_t shard_number(std::string_view shard)
    {
        // Neighbouring names nearly always share a shard, so the last one is tried first.
        if (!index.shards.empty() && index.shards[last_] == shard) {
            return last_;
        }
        if (const auto known = numbers_.find(std::string(shard)); known != numbers_.end()) {
            return last_ = known->second;
        }
        if (!is_plain_file_name(shard)) {
            refuse("it places '" + printable_name(key_) + "' in '" + printable_name(shard) +
                   "', which is not a plain file name; a shard must lie beside its index");
        }
        if (!shard.ends_with(".safetensors")) {
            refuse("it places '" + printable_name(key_) + "' in '" + printable_name(shard) +
                   "', which is not a safetensors file");
        }
        if (index.shards.size() == index_shards_limit) {
            refuse("it names more than " + std::to_string(index_shards_limit) + " files");
        }
        last_ = index.shards.size();
        index.shards.emplace_back(shard);
        numbers_.emplace(shard, last_);
        return last_;
    }

    std::string file_;
    LayerChoice layers_;
    std::unordered_map<std::string, std::size_t> numbers_;
    std::size_t last_ = 0, depth_ = 0, lists_ = 0, kept_bytes_ = 0;
    std::string key_;
    bool in_map_ = false;
};

} // namespace

std::string too_many_head_names()
{
    return "it names more MTP tensors than the limits allow (" + std::to_string(head_names_limit) +
           " names, together " + std::to_string(head_names_bytes_limit >> 20) + " MiB)";
}

bool is_plain_file_name(std::string_view name)
{
    return !name.empty() && name.size() <= 255 && name.front() != '.' &&
           std::ranges::none_of(name, [](char letter) {
               return letter == '/' || letter == '\\' || letter == ':' ||
                      static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
           });
}

struct IndexParser::State {
    State(std::string file, LayerChoice layers)
        : collector(std::move(file), std::move(layers)),
          stream(collector, {.depth = 64, .text_bytes = 64u << 10})
    {
    }
    Collector collector;
    safetensors::JsonStream stream;
};

IndexParser::IndexParser(std::string file, LayerChoice layers)
    : state_(std::make_unique<State>(std::move(file), std::move(layers)))
{
}

IndexParser::~IndexParser() = default;

void IndexParser::feed(std::string_view json)
{
    state_->stream.feed(json);
}

Index IndexParser::finish()
{
    state_->stream.finish();
    Collector& collector = state_->collector;
    if (!collector.had_map) {
        collector.refuse("it has no weight_map");
    }
    Index index = std::move(collector.index);
    std::ranges::sort(index.names, {}, &IndexedName::name);
    const auto twice = std::ranges::adjacent_find(index.names, {}, &IndexedName::name);
    if (twice != index.names.end()) {
        collector.refuse("the name '" + printable_name(twice->name) + "' stands twice");
    }
    return index;
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Resolves what the members of a config.json mean together.
#include "mtp/checkpoint/text_config.hpp"

#include "mtp/checkpoint/members.hpp"

#include "safetensors/json_stream.hpp"

#include <algorithm>
#include <utility>

namespace skw::mtp {

namespace {

const Member* find(const Members& members, Scope scope, std::string_view key)
{
    const auto at = members.find({scope, std::string(key)});
    return at == members.end() ? nullptr : &at->second;
}

std::optional<std::uint64_t> number(const Members& members, Scope scope, std::string_view key)
{
    const Member* value = find(members, scope, key);
    return value == nullptr ? std::nullopt : value->whole;
}

std::string text(const Members& members, Scope scope, std::string_view key)
{
    const Member* value = find(members, scope, key);
    return value == nullptr ? std::string() : value->text;
}

// What the text model says, else the top level.
std::string nearest_text(const Members& members, Scope scope, std::string_view key)
{
    std::string own = text(members, scope, key);
    return own.empty() ? text(members, Scope::top, key) : own;
}

std::optional<std::array<std::uint64_t, 2>> block_in(const Members& members, Scope scope)
{
    const Member* value = find(members, inner_of(scope, "quantization_config"), "weight_block_size");
    if (value == nullptr || value->list.size() != 2 ||
        std::ranges::any_of(value->list,
                            [](std::uint64_t side) { return side == 0 || side > block_limit; })) {
        return std::nullopt;
    }
    return std::array{value->list[0], value->list[1]};
}

struct Declared {
    std::uint64_t steps;
    std::string by;
};

std::optional<Declared> declared_in(const Members& members, Scope scope)
{
    for (const std::string_view name : step_counts) {
        const auto count = number(members, scope, name);
        if (count && *count > 0) {
            return Declared{*count, std::string(name)};
        }
    }
    const auto inner = number(members, inner_of(scope, "mtp_config"), "num_nextn_predict_layers");
    if (inner && *inner > 0) {
        return Declared{*inner, "mtp_config.num_nextn_predict_layers"};
    }
    const Member* use = find(members, scope, "use_mtp");
    const bool refused = use != nullptr && use->boolean == false;
    const auto modules = number(members, scope, "num_mtp_modules");
    std::uint64_t product = 0;
    if (!refused && modules && *modules > 0 &&
        !__builtin_mul_overflow(
            *modules,
            std::max<std::uint64_t>(number(members, scope, "mtp_transformer_layers").value_or(1), 1),
            &product)) {
        return Declared{product, "num_mtp_modules"};
    }
    return std::nullopt;
}

} // namespace

struct TextConfigParser::State {
    MemberCollector collector;
    safetensors::JsonStream stream{collector};
};

TextConfigParser::TextConfigParser() : state_(std::make_unique<State>()) {}
TextConfigParser::~TextConfigParser() = default;

void TextConfigParser::feed(std::string_view json)
{
    state_->stream.feed(json);
}

TextConfig TextConfigParser::finish()
{
    state_->stream.finish();
    const Members& members = state_->collector.members;
    TextConfig config;
    Scope scope = Scope::top;
    for (const Scope candidate : text_scopes) {
        auto layers = number(members, candidate, "num_hidden_layers");
        if (!layers || *layers == 0) {
            layers = number(members, candidate, "num_layers");
        }
        if (layers && *layers > 0) {
            config.trunk_layers = layers;
            scope = candidate;
            break;
        }
    }
    auto declared = declared_in(members, scope);
    if (!declared && scope != Scope::top) {
        declared = declared_in(members, Scope::top);
    }
    // Hybrid models store one physical layer for each letter of the pattern, in every step.
    config.step_layers =
        std::max<std::uint64_t>(nearest_text(members, scope, "mtp_hybrid_override_pattern").size(), 1);
    std::uint64_t layers = 0;
    if (declared && !__builtin_mul_overflow(declared->steps, config.step_layers, &layers)) {
        config.declared_layers = layers;
        config.declared_by = declared->by;
    }
    config.model_type = nearest_text(members, scope, "model_type");
    config.outer_type = scope == Scope::top ? std::string() : text(members, Scope::top, "model_type");
    config.expert_dtype = nearest_text(members, scope, "expert_dtype");
    config.block = block_in(members, scope);
    if (!config.block) {
        config.block = block_in(members, Scope::top);
    }
    config.declares_dspark = state_->collector.declares_dspark;
    return config;
}

} // namespace skw::mtp

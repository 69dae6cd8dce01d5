// SPDX-License-Identifier: Apache-2.0
// Collects a dozen members out of config.json and resolves what they mean together.
#include "mtp/text_config.hpp"

#include <skw/failure.hpp>

#include "safetensors/json_stream.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace skw::mtp {

namespace {

// A place that may hold members of interest. Each of the five mappings may have an "mtp_config" of its own.
enum class Scope : std::uint8_t {
    top,
    text,
    llm,
    language,
    thinker,
    thinker_text,
    mtp_of_top,
    mtp_of_text,
    mtp_of_llm,
    mtp_of_language,
    mtp_of_thinker_text,
    elsewhere
};

struct Door {
    Scope from;
    std::string_view key;
    Scope to;
};
constexpr std::array doors{
    Door{Scope::top, "text_config", Scope::text},
    Door{Scope::top, "llm_config", Scope::llm},
    Door{Scope::top, "language_config", Scope::language},
    Door{Scope::top, "thinker_config", Scope::thinker},
    Door{Scope::thinker, "text_config", Scope::thinker_text},
    Door{Scope::top, "mtp_config", Scope::mtp_of_top},
    Door{Scope::text, "mtp_config", Scope::mtp_of_text},
    Door{Scope::llm, "mtp_config", Scope::mtp_of_llm},
    Door{Scope::language, "mtp_config", Scope::mtp_of_language},
    Door{Scope::thinker_text, "mtp_config", Scope::mtp_of_thinker_text},
};
constexpr std::array text_scopes{Scope::top, Scope::text, Scope::llm, Scope::language, Scope::thinker_text};

// In the order in which they are believed.
constexpr std::array<std::string_view, 6> step_counts{
    "num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers",
    "mtp_num_layers",           "n_mtp_layers",          "dspark_num_mtp_layers"};
constexpr std::array<std::string_view, 7> further{
    "num_hidden_layers",           "num_layers", "num_mtp_modules", "mtp_transformer_layers", "use_mtp",
    "mtp_hybrid_override_pattern", "model_type"};

bool is_wanted(std::string_view key)
{
    return std::ranges::find(step_counts, key) != step_counts.end() ||
           std::ranges::find(further, key) != further.end();
}

struct Value {
    std::optional<std::uint64_t> whole;
    std::optional<bool> boolean;
    std::string text;
};
using Members = std::map<std::pair<Scope, std::string>, Value>;

class Collector : public safetensors::JsonEvents {
public:
    Members members;

    void begin_object() override
    {
        Scope next = scopes_.empty() && lists_ == 0 ? Scope::top : Scope::elsewhere;
        if (!scopes_.empty() && lists_ == 0) {
            const auto door = std::ranges::find_if(
                doors, [&](const Door& one) { return one.from == scopes_.back() && one.key == key_; });
            if (door != doors.end()) {
                next = door->to;
                enter_once(door->to);
            }
        }
        scopes_.push_back(next);
    }
    void end_object() override { scopes_.pop_back(); }
    void begin_array() override { ++lists_; }
    void end_array() override { --lists_; }
    void key(std::string_view name) override { key_ = name; }
    void text(std::string_view value) override { keep({{}, {}, std::string(value.substr(0, 256))}); }
    void whole(std::uint64_t value) override { keep({value, {}, {}}); }
    void other_number() override { keep({}); }
    void boolean(bool value) override { keep({{}, value, {}}); }
    void null() override { keep({}); }

private:
    void keep(Value value)
    {
        if (lists_ != 0 || scopes_.empty() || scopes_.back() == Scope::elsewhere || !is_wanted(key_)) {
            return;
        }
        if (!members.try_emplace({scopes_.back(), key_}, std::move(value)).second) {
            refuse_repeated();
        }
    }
    void enter_once(Scope scope)
    {
        if (std::ranges::find(entered_, scope) != entered_.end()) {
            refuse_repeated();
        }
        entered_.push_back(scope);
    }
    [[noreturn]] void refuse_repeated() const
    {
        throw sdk::Failure(SKW_E_BAD_INPUT, "config.json",
                           "the key '" + key_ + "' stands twice in one object");
    }

    std::vector<Scope> scopes_, entered_;
    std::size_t lists_ = 0;
    std::string key_;
};

const Value* find(const Members& members, Scope scope, std::string_view key)
{
    const auto at = members.find({scope, std::string(key)});
    return at == members.end() ? nullptr : &at->second;
}

std::optional<std::uint64_t> number(const Members& members, Scope scope, std::string_view key)
{
    const Value* value = find(members, scope, key);
    return value == nullptr ? std::nullopt : value->whole;
}

std::string text(const Members& members, Scope scope, std::string_view key)
{
    const Value* value = find(members, scope, key);
    return value == nullptr ? std::string() : value->text;
}

std::optional<Scope> mtp_config_of(Scope scope)
{
    const auto door = std::ranges::find_if(
        doors, [&](const Door& one) { return one.from == scope && one.key == "mtp_config"; });
    return door == doors.end() ? std::nullopt : std::optional(door->to);
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
    if (const auto inner = mtp_config_of(scope)) {
        const auto count = number(members, *inner, "num_nextn_predict_layers");
        if (count && *count > 0) {
            return Declared{*count, "mtp_config.num_nextn_predict_layers"};
        }
    }
    const Value* use = find(members, scope, "use_mtp");
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
    Collector collector;
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
        if (!layers) {
            layers = number(members, candidate, "num_layers");
        }
        if (layers) {
            config.trunk_layers = layers;
            scope = candidate;
            break;
        }
    }
    auto declared = declared_in(members, scope);
    if (!declared && scope != Scope::top) {
        declared = declared_in(members, Scope::top);
    }
    if (declared) {
        // Hybrid models store one physical layer for each letter of the pattern, in every step.
        std::string pattern = text(members, scope, "mtp_hybrid_override_pattern");
        if (pattern.empty()) {
            pattern = text(members, Scope::top, "mtp_hybrid_override_pattern");
        }
        std::uint64_t layers = 0;
        if (!__builtin_mul_overflow(declared->steps, std::max<std::uint64_t>(pattern.size(), 1), &layers)) {
            config.declared_layers = layers;
            config.declared_by = declared->by;
        }
    }
    config.model_type = text(members, scope, "model_type");
    if (config.model_type.empty()) {
        config.model_type = text(members, Scope::top, "model_type");
    }
    return config;
}

} // namespace skw::mtp

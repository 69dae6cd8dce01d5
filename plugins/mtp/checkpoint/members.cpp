// SPDX-License-Identifier: Apache-2.0
// Knows which of a config.json's mappings and members count, and forgets all others as they pass.
#include "mtp/checkpoint/members.hpp"

#include <skw/failure.hpp>

#include <algorithm>

namespace skw::mtp {

namespace {

constexpr std::size_t list_limit = 3; // a block size has two
constexpr std::string_view dspark = "dspark_";

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
    Door{Scope::top, "quantization_config", Scope::quant_of_top},
    Door{Scope::text, "quantization_config", Scope::quant_of_text},
    Door{Scope::llm, "quantization_config", Scope::quant_of_llm},
    Door{Scope::language, "quantization_config", Scope::quant_of_language},
    Door{Scope::thinker_text, "quantization_config", Scope::quant_of_thinker_text},
};

constexpr std::array<std::string_view, 9> further{
    "num_hidden_layers", "num_layers",   "num_mtp_modules",   "mtp_transformer_layers",     "use_mtp",
    "model_type",        "expert_dtype", "weight_block_size", "mtp_hybrid_override_pattern"};

bool is_wanted(std::string_view key)
{
    return std::ranges::find(step_counts, key) != step_counts.end() ||
           std::ranges::find(further, key) != further.end();
}

bool is_text_scope(Scope scope)
{
    return std::ranges::find(text_scopes, scope) != text_scopes.end();
}

} // namespace

Scope inner_of(Scope scope, std::string_view key)
{
    const auto door =
        std::ranges::find_if(doors, [&](const Door& one) { return one.from == scope && one.key == key; });
    return door == doors.end() ? Scope::elsewhere : door->to;
}

void MemberCollector::begin_object()
{
    note_dspark();
    spoil_list();
    Scope next = scopes_.empty() && lists_ == 0 ? Scope::top : Scope::elsewhere;
    if (!scopes_.empty() && lists_ == 0) {
        next = inner_of(scopes_.back(), key_);
        if (next == Scope::elsewhere) {
            keep({});
        } else {
            enter_once(next);
        }
    }
    scopes_.push_back(next);
}

void MemberCollector::begin_array()
{
    note_dspark();
    spoil_list();
    if (lists_ == 0) {
        list_ = keep({});
    }
    ++lists_;
}

void MemberCollector::end_array()
{
    if (--lists_ == 0) {
        list_ = nullptr;
    }
}

void MemberCollector::text(std::string_view value)
{
    single({.text = std::string(value.substr(0, 256))});
}

void MemberCollector::whole(std::uint64_t value)
{
    if (list_ != nullptr && list_->list.size() < list_limit) {
        list_->list.push_back(value);
    } else {
        single({.whole = value});
    }
}

void MemberCollector::null()
{
    spoil_list();
    keep({});
}

void MemberCollector::single(Member value)
{
    note_dspark();
    spoil_list();
    keep(std::move(value));
}

Member* MemberCollector::keep(Member value)
{
    if (lists_ != 0 || scopes_.empty() || scopes_.back() == Scope::elsewhere || !is_wanted(key_)) {
        return nullptr;
    }
    const auto [at, is_new] = members.try_emplace({scopes_.back(), key_}, std::move(value));
    if (!is_new) {
        refuse_repeated();
    }
    return &at->second;
}

// A list with anything but whole numbers in it, or with too many, is no list that counts.
void MemberCollector::spoil_list()
{
    if (list_ != nullptr) {
        list_->list.clear();
        list_ = nullptr;
    }
}

void MemberCollector::note_dspark()
{
    declares_dspark = declares_dspark || (lists_ == 0 && !scopes_.empty() && is_text_scope(scopes_.back()) &&
                                          key_.starts_with(dspark));
}

void MemberCollector::enter_once(Scope scope)
{
    if (std::ranges::find(entered_, scope) != entered_.end()) {
        refuse_repeated();
    }
    entered_.push_back(scope);
}

void MemberCollector::refuse_repeated() const
{
    throw sdk::Failure(SKW_E_BAD_INPUT, "config.json",
                       "the key '" + safetensors::printable_name(key_) + "' stands twice in one object");
}

} // namespace skw::mtp

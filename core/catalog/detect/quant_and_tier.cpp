// SPDX-License-Identifier: Apache-2.0
// Words of names and tags, and the members of config.json that count experts.
#include "catalog/detect/quant_and_tier.hpp"

#include "support/letters.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace skw::catalog {
namespace {

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower_letter);
    return out;
}

// Letters and digits that stand together: "Qwen-8bit_mlx" -> qwen, 8bit, mlx.
std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words(1);
    for (const char c : lower(text)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            words.back() += c;
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    return words;
}

bool says_eight_bits(std::string_view text)
{
    const std::vector<std::string> words = words_of(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "8bit" || words[i] == "q8" || words[i] == "q8k" ||
            (words[i] == "8" && i + 1 < words.size() && words[i + 1] == "bit")) {
            return true;
        }
    }
    return false;
}

// The Hub's tags for architectures, and the model_type of config.json, which is one of them.
bool is_moe_name(std::string_view text)
{
    static constexpr std::array<std::string_view, 5> names = {"moe", "mixtral", "deepseek_v2", "deepseek_v3",
                                                              "deepseek_v32"};
    const std::string name = lower(text);
    return std::ranges::find(names, name) != names.end() || name.ends_with("_moe") ||
           name.find("_moe_") != std::string::npos;
}

bool has_experts(const json::object& config)
{
    static constexpr std::array<std::string_view, 6> counts = {"num_experts",      "num_local_experts",
                                                               "n_routed_experts", "num_routed_experts",
                                                               "moe_num_experts",  "n_experts"};
    return std::ranges::any_of(counts, [&](std::string_view name) {
        const json::value* value = config.if_contains(name);
        return value != nullptr && ((value->is_int64() && value->get_int64() > 1) || value->is_uint64());
    });
}

bool is_moe_config(const json::value& config)
{
    const json::object* top = config.if_object();
    if (top == nullptr) {
        return false;
    }
    const auto says = [](const json::object& scope) {
        const json::value* type = scope.if_contains("model_type");
        return has_experts(scope) ||
               (type != nullptr && type->is_string() && is_moe_name(std::string_view(type->get_string())));
    };
    static constexpr std::array<std::string_view, 4> scopes = {"text_config", "llm_config", "language_config",
                                                               "thinker_config"};
    for (const std::string_view name : scopes) {
        const json::value* inner = top->if_contains(name);
        if (inner == nullptr || !inner->is_object()) {
            continue;
        }
        const json::value* text = inner->get_object().if_contains("text_config");
        if (says(inner->get_object()) || (text != nullptr && text->is_object() && says(text->get_object()))) {
            return true;
        }
    }
    return says(*top);
}

} // namespace

std::string detect_quant(const ModelInfo& info)
{
    const std::string_view name = std::string_view(info.id).substr(info.id.find('/') + 1);
    const bool eight = says_eight_bits(name) || std::ranges::any_of(info.tags, [](const std::string& tag) {
                           return tag.find(':') == std::string::npos && says_eight_bits(tag);
                       });
    return eight ? "q8k" : "q4k";
}

std::string detect_tier(const ModelInfo& info, const json::value& config)
{
    return std::ranges::any_of(info.tags, is_moe_name) || is_moe_config(config) ? "moe" : "smoke";
}

} // namespace skw::catalog

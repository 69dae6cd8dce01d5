// SPDX-License-Identifier: Apache-2.0
// The members of a config.json that count, each with the mapping it stands in, collected from a stream.
#pragma once

#include "safetensors/json_stream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw::mtp {

// A place that may hold members of interest. Each of the five mappings may have an "mtp_config" and a
// "quantization_config" of its own.
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
    quant_of_top,
    quant_of_text,
    quant_of_llm,
    quant_of_language,
    quant_of_thinker_text,
    elsewhere
};

// The mappings that may be the text model's, in the order in which they are looked at.
inline constexpr std::array text_scopes{Scope::top, Scope::text, Scope::llm, Scope::language,
                                        Scope::thinker_text};
// The mapping under a key of another one; Scope::elsewhere: none that counts.
Scope inner_of(Scope scope, std::string_view key);

// The members that declare steps, in the order in which they are believed.
inline constexpr std::array<std::string_view, 6> step_counts{
    "num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers",
    "mtp_num_layers",           "n_mtp_layers",          "dspark_num_mtp_layers"};

struct Member {
    std::optional<std::uint64_t> whole = {};
    std::optional<bool> boolean = {};
    std::string text = {};                // its first 256 bytes
    std::vector<std::uint64_t> list = {}; // of up to three whole numbers; empty for any other list
};
using Members = std::map<std::pair<Scope, std::string>, Member>;

class MemberCollector : public safetensors::JsonEvents {
public:
    Members members;
    bool declares_dspark = false; // has a "dspark_*" member that is not null, in one of text_scopes

    // fails   sdk::Failure: a member that counts, or its mapping, stands twice
    void begin_object() override;
    void end_object() override { scopes_.pop_back(); }
    void begin_array() override;
    void end_array() override;
    void key(std::string_view name) override { key_ = name; }
    void text(std::string_view value) override;
    void whole(std::uint64_t value) override;
    void other_number() override { single({}); }
    void boolean(bool value) override { single({.boolean = value}); }
    void null() override;

private:
    void single(Member value);
    Member* keep(Member value); // gives where it is now; nullptr: it is none that counts
    void spoil_list();
    void note_dspark();
    void enter_once(Scope scope);
    [[noreturn]] void refuse_repeated() const;

    std::vector<Scope> scopes_, entered_;
    std::size_t lists_ = 0;
    Member* list_ = nullptr; // what the list that is open fills
    std::string key_;
};

} // namespace skw::mtp

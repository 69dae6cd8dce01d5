// SPDX-License-Identifier: Apache-2.0
// The four fields, each a choice between few words.
#include "mtp/options.hpp"

#include <skw/failure.hpp>

#include "safetensors/error.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

namespace skw::mtp {

namespace {

namespace json = boost::json;

// The words of each field; the first is the default. Of accept all may be given, and none is the default.
constexpr std::array<std::string_view, 2> names_words{"stored", "mtp"};
constexpr std::array<std::string_view, 3> keep_words{"routing", "none", "all"};
constexpr std::array<std::string_view, 2> copies_words{"keep", "omit"};
constexpr std::array<std::string_view, 4> accept_words{"dspark", "unknown-block", "fewer-layers",
                                                       "non-finite"};

[[noreturn]] void refuse(std::string_view field, std::span<const std::string_view> words,
                         const json::value& given, std::string_view several = {})
{
    std::string list;
    for (const std::string_view word : words) {
        list += (list.empty() ? "" : ", ") + std::string(word);
    }
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(field),
                       std::string(field) + " must be " + std::string(several) + "one of: " + list +
                           "; not " + safetensors::printable_name(json::serialize(given).substr(0, 200)));
}

// The number of the field's word; 0 if it is absent or null.
std::size_t choice(const json::object& fields, std::string_view field,
                   std::span<const std::string_view> words)
{
    const json::value* value = fields.if_contains(field);
    if (value == nullptr || value->is_null()) {
        return 0;
    }
    const std::string_view text = value->is_string() ? std::string_view(value->get_string()) : "";
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) {
        refuse(field, words, *value);
    }
    return static_cast<std::size_t>(found - words.begin());
}

std::vector<std::string_view> read_accept(const json::object& fields)
{
    const json::value* value = fields.if_contains(accept_field);
    std::vector<std::string_view> given;
    if (value == nullptr || value->is_null()) {
        return given;
    }
    if (value->is_string()) {
        // "dspark,non-finite", as plans and cards spell it and a command line says it.
        for (std::string_view rest = value->get_string();;) {
            const std::size_t comma = rest.find(',');
            std::string_view word = rest.substr(0, comma);
            word.remove_prefix(std::min(word.size(), word.find_first_not_of(' ')));
            given.push_back(word);
            if (comma == std::string_view::npos) {
                break;
            }
            rest.remove_prefix(comma + 1);
        }
    } else if (value->is_array()) {
        for (const json::value& one : value->get_array()) {
            given.emplace_back(one.is_string() ? std::string_view(one.get_string()) : "");
        }
    } else {
        given.emplace_back("");
    }
    if (std::ranges::any_of(given, [](std::string_view word) {
            return std::ranges::find(accept_words, word) == accept_words.end();
        })) {
        refuse(accept_field, accept_words, *value, "a list of, or ");
    }
    return given;
}

} // namespace

Options read_options(const json::object& fields)
{
    Options options;
    options.rename_layers = choice(fields, names_field, names_words) == 1;
    options.keep_f32 = static_cast<KeepF32>(choice(fields, keep_f32_field, keep_words));
    options.omit_copies = choice(fields, copies_field, copies_words) == 1;
    for (const std::string_view word : read_accept(fields)) {
        options.accept_dspark |= word == accept_words[0];
        options.accept_unknown |= word == accept_words[1];
        options.accept_fewer_layers |= word == accept_words[2];
        options.accept_nonfinite |= word == accept_words[3];
    }
    return options;
}

json::object options_json(const Options& options)
{
    json::object out;
    if (options.rename_layers) {
        out[names_field] = names_words[1];
    }
    if (options.keep_f32 != KeepF32::routing) {
        out[keep_f32_field] = keep_words[static_cast<std::size_t>(options.keep_f32)];
    }
    if (options.omit_copies) {
        out[copies_field] = copies_words[1];
    }
    const std::array given{options.accept_dspark, options.accept_unknown, options.accept_fewer_layers,
                           options.accept_nonfinite};
    json::array accepted;
    for (std::size_t at = 0; at < given.size(); ++at) {
        if (given[at]) {
            accepted.emplace_back(accept_words[at]);
        }
    }
    if (!accepted.empty()) {
        out[accept_field] = std::move(accepted);
    }
    return out;
}

std::string options_text(const Options& options)
{
    std::string out;
    for (const json::key_value_pair& option : options_json(options)) {
        out += (out.empty() ? "" : " ") + std::string(option.key()) + "=";
        if (option.value().is_string()) {
            out += option.value().get_string();
            continue;
        }
        for (const json::value& word : option.value().get_array()) {
            out += (out.back() == '=' ? "" : ",") + std::string(word.get_string());
        }
    }
    return out;
}

bool is_accepted(const Options& options, std::string_view word)
{
    return (word == accept_words[0] && options.accept_dspark) ||
           (word == accept_words[1] && options.accept_unknown) ||
           (word == accept_words[2] && options.accept_fewer_layers) ||
           (word == accept_words[3] && options.accept_nonfinite);
}

bool is_option(std::string_view field)
{
    return field == names_field || field == keep_f32_field || field == copies_field || field == accept_field;
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Shows a head as tables: formats, then tensors with their experts folded into one row.
#include "mtp/inspect.hpp"

#include "mtp/checkpoint/names.hpp"
#include "mtp/output.hpp"
#include "mtp/storage/geometry.hpp"
#include "mtp/survey.hpp"
#include "shared/documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace skw::mtp {

namespace {

namespace json = boost::json;
using safetensors::dtype_name;
using safetensors::printable_name;

constexpr std::size_t most_listed = 10'000; // tensors, so that the document stays within the host's limits

std::string grouped(std::uint64_t number)
{
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

json::array shape_json(std::span<const std::uint64_t> shape)
{
    return json::array(shape.begin(), shape.end());
}

std::uint64_t stored_bytes(const StoredTensor& tensor)
{
    return tensor.source.end - tensor.source.begin + tensor.companion_bytes();
}

std::uint64_t output_bytes(const OutputTensor& tensor)
{
    return safetensors::tensor_bytes(tensor.dtype, tensor.stored.shape).value_or(0);
}

// A name with the number behind "experts" left open, and that number.
std::pair<std::string, std::optional<std::uint64_t>> fold_expert(std::string_view name)
{
    std::string pattern;
    std::optional<std::uint64_t> number;
    bool behind = false;
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('.'));
        name.remove_prefix(std::min(name.size(), part.size() + 1));
        const auto index = behind ? parse_index(part) : std::nullopt;
        number = index ? index : number;
        pattern += (pattern.empty() ? "" : ".") + (index ? std::string("{e}") : std::string(part));
        behind = part == "experts";
    }
    return {pattern, number};
}

json::object table(std::string_view title, std::vector<std::string> columns, json::array rows)
{
    return json::object{
        {"title", title}, {"columns", builtin::json_list(columns)}, {"rows", std::move(rows)}};
}

json::object formats_table(std::span<const OutputTensor> tensors)
{
    struct Sum {
        std::uint64_t tensors = 0, stored = 0, written = 0;
    };
    std::map<std::pair<std::string, std::string>, Sum> sums;
    for (const OutputTensor& tensor : tensors) {
        Sum& sum = sums[{tensor.stored.storage.format, std::string(dtype_name(tensor.dtype))}];
        ++sum.tensors;
        sum.stored += stored_bytes(tensor.stored);
        sum.written += output_bytes(tensor);
    }
    json::array rows;
    for (const auto& [key, sum] : sums) {
        rows.push_back(builtin::json_list(
            {key.first, key.second, grouped(sum.tensors), grouped(sum.stored), grouped(sum.written)}));
    }
    return table("formats", {"format", "becomes", "tensors", "stored bytes", "bytes"}, std::move(rows));
}

json::object tensors_table(std::span<const OutputTensor> tensors)
{
    struct Row {
        std::string pattern, dtype, shape, format;
        std::uint64_t count = 0;
        std::optional<std::uint64_t> first, last;
    };
    std::vector<Row> rows;
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::size_t> places;
    for (const OutputTensor& tensor : tensors) {
        auto [pattern, expert] = fold_expert(tensor.name);
        const std::string dtype(dtype_name(tensor.dtype)), shape = shape_text(tensor.stored.shape);
        const auto [at, is_new] =
            places.try_emplace({pattern, dtype, shape, tensor.stored.storage.format}, rows.size());
        if (is_new) {
            rows.push_back(
                {std::move(pattern), dtype, shape, tensor.stored.storage.format, 0, expert, expert});
        }
        Row& row = rows[at->second];
        ++row.count;
        if (expert) {
            row.first = std::min(*row.first, *expert);
            row.last = std::max(*row.last, *expert);
        }
    }
    json::array cells;
    for (Row& row : rows) {
        if (cells.size() == most_listed) {
            cells.push_back(
                builtin::json_list({"and " + grouped(rows.size() - most_listed) + " more", "", "", "", ""}));
            break;
        }
        if (row.first) {
            const std::string range = *row.first == *row.last ? std::to_string(*row.first)
                                                              : "{" + std::to_string(*row.first) + ".." +
                                                                    std::to_string(*row.last) + "}";
            row.pattern.replace(row.pattern.find("{e}"), 3, range);
        }
        cells.push_back(builtin::json_list(
            {printable_name(row.pattern), row.dtype, row.shape, row.format, grouped(row.count)}));
    }
    return table("tensors", {"name", "dtype", "shape", "format", "count"}, std::move(cells));
}

json::array tensors_json(std::span<const OutputTensor> tensors, std::span<const std::string> shards)
{
    json::array out;
    for (const OutputTensor& tensor : tensors.first(std::min(tensors.size(), most_listed))) {
        const StoredTensor& stored = tensor.stored;
        out.push_back(json::object{{"name", tensor.name},
                                   {"dtype", dtype_name(tensor.dtype)},
                                   {"shape", shape_json(stored.shape)},
                                   {"stored_name", stored.source.name},
                                   {"stored_dtype", dtype_name(stored.source.dtype)},
                                   {"stored_shape", shape_json(stored.source.shape)},
                                   {"format", stored.storage.format},
                                   {"rule", stored.storage.id},
                                   {"file", shards[stored.source.shard]},
                                   {"stored_bytes", stored_bytes(stored)},
                                   {"bytes", output_bytes(tensor)}});
    }
    return out;
}

json::object refusal_json(const Refusal& refusal)
{
    return json::object{{"place", refusal.place}, {"message", refusal.message}, {"hint", refusal.hint}};
}

class Inspection {
public:
    Inspection(const Head& head, const Options& options, const Origin& origin) : head_(head)
    {
        for (const Refusal& refusal : head.refusals) {
            refusals_.push_back(refusal_json(refusal));
            is_whole_ = is_whole_ && !refusal.accept.empty(); // what an option takes has known sizes
        }
        try {
            output_ = plan_output(head, options, origin);
        } catch (const sdk::Failure& failure) {
            is_whole_ = false;
            refusals_.push_back(
                refusal_json({failure.status(), failure.place(), failure.message(), failure.hint()}));
        }
    }

    json::value document() &&
    {
        json::object out;
        out["schema"] = "skw.inspection/1";
        out["summary"] = summary();
        json::array tables;
        if (!output_.tensors.empty() && output_.layout.file_size != 0) {
            tables.push_back(formats_table(output_.tensors));
            tables.push_back(tensors_table(output_.tensors));
        }
        out["tables"] = std::move(tables);
        out["refusals"] = std::move(refusals_);
        out["totals"] = json::object{
            {"fetch_bytes", is_whole_ ? json::value(fetched()) : json::value(nullptr)},
            {"output_bytes", is_whole_ ? json::value(output_.layout.file_size) : json::value(nullptr)}};
        out["details"] = details();
        return out;
    }

private:
    std::uint64_t fetched() const { return fetch_bytes(output_.tensors, {}); }

    json::array summary() const
    {
        const Detection& found = head_.detection;
        json::array lines;
        const auto line = [&](std::string_view label, std::string value) {
            if (!value.empty()) {
                lines.push_back(json::object{{"label", label}, {"value", std::move(value)}});
            }
        };
        line("layout", std::string(found.layout()));
        line("family", found.family != nullptr ? std::string(found.family->name) : "not known");
        line("stored under", name_list(found.prefixes, 8));
        line("layers",
             std::to_string(found.layers) +
                 (found.base_layer ? ", behind the " + std::to_string(*found.base_layer) + " of the model"
                                   : std::string()));
        line("declared", head_.config.declared_layers ? std::to_string(*head_.config.declared_layers) +
                                                            " layer(s) by " + head_.config.declared_by
                                                      : "nothing in config.json");
        line("norm weights", found.norm_convention);
        line("fusion order", found.concat_order);
        line("files", name_list(head_.shards, 8));
        line("tensors", grouped(head_.stored.weights.size()));
        line("left out", name_list(head_.stored.left_out, 8));
        line("copies left out", name_list(output_.omitted, 8));
        line("stays f32", name_list(output_.kept_f32, 8));
        if (is_whole_) {
            line("bytes to fetch", grouped(fetched()));
            line("sidecar", grouped(output_.layout.file_size) + " bytes, " + grouped(output_.tensors.size()) +
                                " tensors");
        }
        return lines;
    }

    json::object details() const
    {
        const Detection& found = head_.detection;
        return json::object{
            {"layout", found.layout()},
            {"family", found.family != nullptr ? json::value(found.family->name) : json::value(nullptr)},
            {"prefixes", builtin::json_list(found.prefixes)},
            {"layers", found.layers},
            {"base_layer", found.base_layer ? json::value(*found.base_layer) : json::value(nullptr)},
            {"declared_layers", head_.config.declared_layers ? json::value(*head_.config.declared_layers)
                                                             : json::value(nullptr)},
            {"norm_convention", found.norm_convention},
            {"concat_order", found.concat_order},
            {"files", builtin::json_list(head_.shards)},
            {"stored_names", head_.names},
            {"left_out", builtin::json_list(head_.stored.left_out)},
            {"omitted", builtin::json_list(output_.omitted)},
            {"kept_f32", builtin::json_list(output_.kept_f32)},
            {"tensors", tensors_json(output_.layout.file_size == 0 ? std::span<const OutputTensor>()
                                                                   : std::span(output_.tensors),
                                     head_.shards)}};
    }

    const Head& head_;
    Output output_;
    json::array refusals_;
    bool is_whole_ = true;
};

} // namespace

json::value inspect_source(const sdk::Call& call, const json::value& request)
{
    const json::object* asked = request.if_object();
    const json::object* input = builtin::find_object(asked, "input");
    const json::object* fields = builtin::find_object(asked, "options");
    if (input == nullptr || fields == nullptr) {
        throw sdk::Failure(SKW_E_BAD_ARGUMENT, {}, "the request lacks its input or its options");
    }
    for (const json::key_value_pair& field : *fields) {
        if (!is_option(field.key())) {
            throw sdk::Failure(SKW_E_BAD_INPUT, std::string(field.key()),
                               "changes nothing about what a repository holds",
                               "mtp_names, mtp_keep_f32, mtp_shared_copies and mtp_accept do");
        }
    }
    const Options options = read_options(*fields);
    const sdk::Hub hub(call);
    std::vector<std::byte> buffer(survey_buffer_bytes);
    Meter meter;
    SurveyEvents silent;
    const Head head = read_head(call, hub, builtin::find_text(input, "id"), builtin::find_text(input, "repo"),
                                options, buffer, meter, silent);
    Origin origin{builtin::find_text(input, "repo"), builtin::find_text(input, "revision"), {}};
    if (const json::object* host = builtin::find_object(asked, "host")) {
        origin.tool = builtin::find_text(host, "name") + " " + builtin::find_text(host, "version");
    }
    return Inspection(head, options, origin)
        .document(); // its header is that of a publish, so its size is too
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The estimates of a vindex as an inspection: what to fetch, disk, memory, time.
#include "vindex/inspect.hpp"

#include "shared/documents.hpp"
#include "vindex/estimate.hpp"
#include "vindex/preflight.hpp"
#include "vindex/rules.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>
#include <skw/services.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <utility>

namespace skw::vindex {
namespace {

namespace json = boost::json;

json::object document_of(json::array summary, json::array refusals, json::object totals)
{
    return {{"schema", "skw.inspection/1"},
            {"summary", std::move(summary)},
            {"refusals", std::move(refusals)},
            {"totals", std::move(totals)}};
}

json::object refusal(std::string_view place, std::string_view message, std::string_view hint)
{
    return {{"place", place}, {"message", message}, {"hint", hint}};
}

std::string kind_text(const Model& model)
{
    const std::string count = std::to_string(model.experts) + " experts a layer";
    return model.kind == Experts::none       ? "dense"
           : model.kind == Experts::separate ? count
                                             : count + " beside a dense network";
}

json::object tell(const Preflight& source, bool slice)
{
    const Model& model = source.model;
    const std::uint64_t fetch = source.selection.bytes();
    const Sizes sizes = estimate_sizes(model, source.selection.tokenizer_bytes());
    const std::uint64_t disk = estimate_disk(fetch, sizes, slice);
    const std::uint64_t output = slice ? sizes.slice() : sizes.full();
    json::array summary, refusals;
    const auto line = [&](std::string_view label, const std::string& value) {
        summary.push_back(json::object{{"label", label}, {"value", value}});
    };
    line("model", model.type + ", " + std::to_string(model.layers) + " layers of " +
                      std::to_string(model.hidden) + ", " + kind_text(model));
    line("source", gigabytes_text(fetch) + " in " + std::to_string(source.selection.shards.size()) + " shard(s)");
    line(slice ? "slice" : "vindex", "about " + gigabytes_text(output));
    line("disk", "about " + gigabytes_text(disk) + " of scratch while it is made");
    line("memory", "about " + gigabytes_text(estimate_memory(model)));
    line("extraction", duration_text(estimate_seconds(model)) + " (order of magnitude)");
    if (const LargestFile largest = find_largest(model, sizes, slice); largest.bytes > upload_limit) {
        refusals.push_back(refusal("", largest.name + " would have " + gigabytes_text(largest.bytes) +
                                           "; larql sends a file in one piece, and the Hub takes at most " +
                                           gigabytes_text(upload_limit) + " that way",
                                   "choose a smaller model, or publish this vindex by other means"));
    }
    return document_of(std::move(summary), std::move(refusals),
                       {{"fetch_bytes", fetch}, {"output_bytes", output}, {"scratch_bytes", disk}});
}

} // namespace

json::value inspect_source(const sdk::Call& call, const json::value& request)
{
    const json::object* asked = request.if_object();
    const json::object* input = builtin::find_object(asked, "input");
    const json::object* options = builtin::find_object(asked, "options");
    if (input == nullptr || options == nullptr) {
        throw sdk::Failure(SKW_E_BAD_ARGUMENT, {}, "the request lacks its input or its options");
    }
    const bool slice = slices_text(*options) != "none";
    Job job;
    job.repo = builtin::find_text(input, "repo");
    job.slice = slice ? slice_preset : std::string_view();
    try {
        return tell(read_source(sdk::Hub(call), job), slice);
    } catch (const sdk::Failure& failure) {
        // What LARQL cannot extract is an answer; that the Hub cannot be asked is none.
        if (failure.status() != SKW_E_UNSUPPORTED && failure.status() != SKW_E_BAD_INPUT) {
            throw;
        }
        return document_of({}, {refusal(failure.place(), failure.message(), failure.hint())},
                           {{"fetch_bytes", nullptr}, {"output_bytes", nullptr}});
    }
}

} // namespace skw::vindex

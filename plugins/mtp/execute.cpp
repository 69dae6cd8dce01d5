// SPDX-License-Identifier: Apache-2.0
// The order of the work: find the head, lay out the file, stream it, check the receipt.
#include "mtp/execute.hpp"

#include "mtp/fetch.hpp"
#include "mtp/output.hpp"
#include "mtp/plan.hpp"
#include "mtp/stream.hpp"
#include "shared/documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace skw::mtp {

namespace {

namespace json = boost::json;

std::string text_of(const json::value* value)
{
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The element of a list of objects whose `key` is `wanted`.
const json::object* find_in(const json::object& plan, std::string_view list, std::string_view key,
                            std::string_view wanted)
{
    const json::value* elements = plan.if_contains(list);
    if (elements != nullptr && elements->is_array()) {
        for (const json::value& element : elements->get_array()) {
            const json::object* object = element.if_object();
            if (object != nullptr && text_of(object->if_contains(key)) == wanted) {
                return object;
            }
        }
    }
    return nullptr;
}

struct Job {
    Origin origin;
    std::string shown_path;
};

Job read_plan(const json::value& document)
{
    const json::object* plan = document.if_object();
    const json::object* input = plan == nullptr ? nullptr : find_in(*plan, "inputs", "id", input_id);
    const json::object* output = plan == nullptr ? nullptr : find_in(*plan, "outputs", "id", output_id);
    if (input == nullptr || output == nullptr) {
        throw sdk::Failure(SKW_E_BAD_ARGUMENT, {}, "the plan lacks the input or the output of this step");
    }
    Job job;
    job.origin.repo = text_of(input->if_contains("repo"));
    job.origin.revision = text_of(input->if_contains("revision"));
    const json::value* host = plan->if_contains("host");
    if (host != nullptr && host->is_object()) {
        job.origin.tool = text_of(host->get_object().if_contains("name")) + " " +
                          text_of(host->get_object().if_contains("version"));
    }
    if (const json::object* line = find_in(*plan, "summary", "label", path_label)) {
        job.shown_path = text_of(line->if_contains("value"));
    }
    return job;
}

// What the host says about the finished file against what its header promises.
json::object check_receipt(const std::string& text, std::uint64_t expected)
{
    const json::value document = builtin::read_document(text);
    const json::object& receipt = document.get_object();
    const json::value* size = receipt.if_contains("size");
    boost::system::error_code failure;
    const std::uint64_t bytes = size == nullptr ? 0 : size->to_number<std::uint64_t>(failure);
    if (failure || bytes != expected) {
        throw sdk::Failure(SKW_E_IO, std::string(file_name),
                           "the finished file has " + std::to_string(bytes) + " bytes, its header promises " +
                               std::to_string(expected));
    }
    return receipt;
}

json::value make_result(const json::object& receipt, const Head& head, const Output& output,
                        const Meter& meter)
{
    json::object made;
    made["id"] = output_id;
    made["size"] = output.layout.file_size;
    made["sha256"] = text_of(receipt.if_contains("sha256"));
    json::object step;
    step["id"] = step_id;
    step["receipt"] = receipt;
    json::object card;
    card["tags"] = json::array();
    card["facts"] = json::object();
    json::object metrics;
    metrics["tensors"] = head.selection.tensors.size();
    metrics["bytes_read"] = meter.bytes_read;
    metrics["bytes_written"] = output.layout.file_size;
    metrics["requests"] = meter.requests;
    json::object result;
    result["schema"] = "skw.result/1";
    result["outputs"] = json::array{std::move(made)};
    result["steps"] = json::array{std::move(step)};
    result["card"] = std::move(card);
    result["metrics"] = std::move(metrics);
    return result;
}

} // namespace

json::value execute_plan(const sdk::Call& call, const json::value& plan)
{
    const Job job = read_plan(plan);
    const sdk::Hub hub(call);
    const std::string input(input_id);
    std::vector<std::byte> buffer(buffer_bytes);
    Meter meter;

    const Head head = read_head(call, hub, input, job.origin.repo, buffer, meter);
    for (const std::string& name : head.selection.left_out) {
        call.info("left out " + safetensors::printable_name(name) + ": a calibration value, not a weight");
    }
    const Output output = plan_output(head, job.origin);

    call.info("streaming tensors to disk (bf16, unquantized)...");
    sdk::Writer sink = hub.create(output_id);
    stream_tensors(call, hub, input, head, output, sink, buffer, meter);
    call.throw_if_cancelled();
    const json::object receipt = check_receipt(sink.finish(), output.layout.file_size);
    call.info("saved " + std::to_string(head.selection.tensors.size()) +
              " tensor(s) at bf16 (unquantized) to " + job.shown_path);
    return make_result(receipt, head, output, meter);
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The order of the work: find the head, lay out the file, stream it, check the receipt.
#include "mtp/execute.hpp"

#include "mtp/kernels/kernels.hpp"
#include "mtp/output.hpp"
#include "mtp/plan.hpp"
#include "mtp/survey.hpp"
#include "mtp/transfer/transfer.hpp"
#include "shared/documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <cstddef>
#include <cstdint>
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
    Options options;
    std::string shown_path;
};

// The lines that scripts read, worded by the contract (8.3).
class Lines final : public SurveyEvents {
public:
    explicit Lines(const sdk::Call& call) : call_(call) {}

    void found(std::size_t shards, const std::vector<std::string>& prefixes) override
    {
        std::string list;
        for (const std::string& prefix : prefixes) {
            list += (list.empty() ? "'" : ", '") + safetensors::printable_name(prefix) + "'";
        }
        call_.info("found MTP tensors in " + std::to_string(shards) + " shard(s) (prefix: " + list + ")");
    }
    void reading(std::size_t number, std::size_t shards, const std::string& file) override
    {
        call_.info("downloading shard " + std::to_string(number) + "/" + std::to_string(shards) + ": " +
                   safetensors::printable_name(file));
    }
    void ready(std::size_t number, std::size_t shards) override
    {
        call_.info("shard " + std::to_string(number) + "/" + std::to_string(shards) + " ready");
    }

private:
    const sdk::Call& call_;
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
    if (const json::object* options = builtin::find_object(plan, "options")) {
        job.options = read_options(*options);
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

// What a reader of the card wants to know beyond the provenance.
json::object card_facts(const Head& head, const Output& output, const Options& options)
{
    json::object facts;
    facts["mtp_layout"] = head.detection.layout();
    facts["mtp_source_formats"] = name_list(output.formats, 16);
    if (!output.kept_f32.empty()) {
        facts["mtp_kept_f32"] = name_list(output.kept_f32, 8);
    }
    if (!output.omitted.empty()) {
        facts["mtp_shared_omitted"] = name_list(output.omitted, 8);
    }
    const std::string chosen = options_text(options);
    if (!chosen.empty()) {
        facts[options_fact] = chosen;
    }
    return facts;
}

json::value make_result(const json::object& receipt, const Output& output, json::object facts,
                        const Meter& meter, std::uint64_t survey_bytes)
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
    card["facts"] = std::move(facts);
    json::object metrics;
    metrics["tensors"] = output.tensors.size();
    metrics["bytes_read"] = meter.bytes_read;
    metrics["tensor_bytes_read"] = meter.bytes_read - survey_bytes;
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

// What is not as a reader might expect it, before the long work begins.
void tell_choices(const sdk::Call& call, const Head& head, const Output& output, const Options& options)
{
    constexpr std::size_t shown = 4; // names of one kind
    const auto tell = [&](std::string_view what, const std::vector<std::string>& names,
                          std::string_view why) {
        if (!names.empty()) {
            call.info(std::string(what) + " " + std::to_string(names.size()) + " tensor(s)" +
                      std::string(why) + ": " + name_list(names, shown));
        }
    };
    tell("left out", head.stored.left_out, ", calibration values and no weights");
    tell("left out", output.omitted, ", copies of the base model's");
    tell("kept", output.kept_f32, " at f32");
    if (options.omit_copies && output.omitted.empty()) {
        call.warning(
            "no copies of the base model's embedding or output head are known in this head; nothing was "
            "left out");
    }
    if (options.rename_layers && !output.renamed) {
        call.warning("this head is not stored in layers behind the model's; no name was changed");
    }
}

} // namespace

json::value execute_plan(const sdk::Call& call, const json::value& plan)
{
    const Job job = read_plan(plan);
    static_cast<void>(choose_kernels()); // a wrong SKW_KERNELS is told before anything is read
    const sdk::Hub hub(call);
    const std::string input(input_id);
    Meter meter;
    Lines lines(call);
    std::vector<std::byte> buffer(survey_buffer_bytes);
    const Head head = read_head(call, hub, input, job.origin.repo, job.options, buffer, meter, lines);
    buffer = {};
    if (!head.refusals.empty()) {
        head.refusals.front().raise();
    }
    const Output output = plan_output(head, job.options, job.origin);
    tell_choices(call, head, output, job.options);

    const std::uint64_t survey_bytes = meter.bytes_read;
    call.info("streaming tensors to disk (bf16, unquantized)...");
    sdk::Writer sink = hub.create(output_id);
    sink.write(output.layout.head);
    TransferSettings settings;
    settings.accept_nonfinite = job.options.accept_nonfinite;
    transfer_tensors(call, hub, input, head.shards, output.tensors, step_id, settings, sink, meter);
    call.throw_if_cancelled();
    const json::object receipt = check_receipt(sink.finish(), output.layout.file_size);
    call.info("saved " + std::to_string(output.tensors.size()) + " tensor(s) at bf16 (unquantized) to " +
              job.shown_path);
    return make_result(receipt, output, card_facts(head, output, job.options), meter, survey_bytes);
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// skw.hub/1: the inputs and outputs of the plan, by handle.
#include "plugin/documents.hpp"
#include "plugin/execution.hpp"
#include "plugin/fetch.hpp"
#include "plugin/operation.hpp"

#include <boost/json/serialize.hpp>

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace skw::plugin {
namespace {

struct Reference {
    std::string input, path;
    std::optional<std::uint64_t> offset, length;
};

Reference read_reference(const char* json_text, std::uint64_t len, bool with_path)
{
    const json::value document =
        parse_json(borrowed(json_text, len, "reference"), "reference", {.bytes = 64u << 10, .depth = 8});
    Findings findings("reference");
    const Reader in(document, findings);
    Reference ref{.input = in.string("input"),
                  .path = with_path ? in.string("path") : std::string(),
                  .offset = in.find_size("offset"),
                  .length = in.find_size("length")};
    if (ref.offset.has_value() != ref.length.has_value()) {
        in.fault("", "must have both offset and length, or neither");
    }
    if (!findings.empty()) {
        throw Error(ErrorCode::bad_argument, "reference", findings.lines().front());
    }
    return ref;
}

json::object file_object(const SourceFile& file)
{
    json::object object;
    object["path"] = file.path;
    object["size"] = file.size;
    if (file.sha256) {
        object["sha256"] = file.sha256->hex();
    }
    return object;
}

json::object document(std::string_view schema)
{
    json::object object;
    object["schema"] = schema;
    return object;
}

// A buffer of the plugin. needs: where it lies, if it is to hold anything.
std::span<std::byte> buffer_of(void* buf, std::uint64_t cap)
{
    if (buf == nullptr || cap == 0) {
        throw Error(ErrorCode::bad_argument, "read", "needs a buffer of at least one byte");
    }
    return {static_cast<std::byte*>(buf), static_cast<std::size_t>(cap)};
}

template<class Number>
Number& answer_in(Number* out)
{
    if (out == nullptr) {
        throw Error(ErrorCode::bad_argument, {}, "a service was called without a place for its answer");
    }
    *out = 0;
    return *out;
}

skw_status SKW_CALL hub_stat(skw_call* call, const char* ref, uint64_t len, const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        const Reference wanted = read_reference(ref, len, true);
        json::object answer = document("skw.file/1");
        for (const auto& member : file_object(self.execution()->inputs.stat(wanted.input, wanted.path))) {
            answer.insert(member);
        }
        write_sink(out, json::serialize(answer));
    });
}

void write_listing(const PlannedInput& input, const std::vector<SourceFile>& files, const skw_sink* out)
{
    json::object answer = document("skw.listing/1");
    answer["repo"] = input.repo.text();
    answer["revision"] = input.revision ? json::value(input.revision->text()) : json::value();
    json::array& list = answer["files"].emplace_array();
    for (const SourceFile& file : files) {
        list.emplace_back(file_object(file));
    }
    write_sink(out, json::serialize(answer));
}

skw_status SKW_CALL hub_list(skw_call* call, const char* ref, uint64_t len, const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        const Reference wanted = read_reference(ref, len, false);
        Inputs& inputs = self.execution()->inputs;
        write_listing(inputs.planned(wanted.input), inputs.list(wanted.input), out);
    });
}

skw_status SKW_CALL hub_mirror(skw_call* call, const char* ref, uint64_t len) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        const Reference wanted = read_reference(ref, len, true);
        ExecutionServices& all = *self.execution();
        all.mirrors.add(wanted.input, all.inputs.stat(wanted.input, wanted.path));
    });
}

struct FetchOrder {
    FetchRequest request;
    std::string step; // "": nobody wants to know
};

FetchOrder read_order(const char* json_text, std::uint64_t len, ExecutionServices& all)
{
    constexpr std::size_t longest = 4u << 20; // thousands of paths
    const json::value order =
        parse_json(borrowed(json_text, len, "fetch", longest), "fetch", {.bytes = longest, .depth = 8});
    Findings findings("fetch");
    const Reader in(order, findings);
    FetchOrder out{.request = {.input = in.string("input"), .files = {}, .into = in.string("into")},
                   .step = in.find_string("step").value_or("")};
    const std::vector<std::string> paths = in.strings("paths");
    if (in.has("step") && !is_document_id(out.step)) {
        in.fault("step", "must be the id of a step");
    }
    if (!findings.empty()) {
        throw Error(ErrorCode::bad_argument, "fetch", findings.lines().front());
    }
    if (in.has("paths")) {
        for (const std::string& path : std::set<std::string>(paths.begin(), paths.end())) {
            out.request.files.push_back(all.inputs.stat(out.request.input, path));
        }
    } else {
        out.request.files = all.inputs.list(out.request.input);
    }
    return out;
}

skw_status SKW_CALL hub_fetch(skw_call* call, const char* order, uint64_t len, const skw_sink* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        ExecutionServices& all = *self.execution();
        FetchOrder wanted = read_order(order, len, all);
        wanted.request.allowed = all.scratch.quota();
        FetchProgress progress;
        FetchFileProgress file_progress;
        if (!wanted.step.empty()) {
            progress = [&](std::uint64_t done, std::uint64_t total) {
                self.progress(wanted.step, done, total);
            };
            file_progress = [&](std::string_view path, std::uint64_t done, std::uint64_t size) {
                self.transfer(path, done, size);
            };
        }
        fetch_files(all.sources, all.scratch.path(), wanted.request, self.stop(), progress,
                    file_progress);
        write_listing(all.inputs.planned(wanted.request.input), wanted.request.files, out);
    });
}

skw_status SKW_CALL hub_open_read(skw_call* call, const char* ref, uint64_t len, skw_handle* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        skw_handle& handle = answer_in(out);
        const Reference wanted = read_reference(ref, len, true);
        ExecutionServices& all = *self.execution();
        handle = all.handles.add(
            wanted.offset ? all.inputs.open(wanted.input, wanted.path, *wanted.offset, *wanted.length)
                          : all.inputs.open(wanted.input, wanted.path));
    });
}

skw_status SKW_CALL hub_open_write(skw_call* call, const char* output, uint64_t len, skw_handle* out) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        skw_handle& handle = answer_in(out);
        ExecutionServices& all = *self.execution();
        handle = all.handles.add(all.staging.open(borrowed(output, len, "output id")));
    });
}

skw_status SKW_CALL hub_read(skw_call* call, skw_handle handle, void* buf, uint64_t cap,
                             uint64_t* got) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        std::uint64_t& count = answer_in(got);
        const std::shared_ptr<InputPart> part = self.execution()->handles.input(handle);
        count = part->read(buffer_of(buf, cap));
    });
}

skw_status SKW_CALL hub_read_at(skw_call* call, skw_handle handle, uint64_t off, void* buf, uint64_t cap,
                                uint64_t* got) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        std::uint64_t& count = answer_in(got);
        const std::shared_ptr<InputPart> part = self.execution()->handles.input(handle);
        count = part->read_at(off, buffer_of(buf, cap));
    });
}

skw_status SKW_CALL hub_write(skw_call* call, skw_handle handle, const void* buf, uint64_t len) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        const std::shared_ptr<OutputFile> file = self.execution()->handles.output(handle);
        if (buf == nullptr && len != 0) {
            throw Error(ErrorCode::bad_argument, "output " + file->id(), "bytes without a place");
        }
        file->write({static_cast<const std::byte*>(buf), static_cast<std::size_t>(len)});
    });
}

skw_status SKW_CALL hub_put_file(skw_call* call, skw_handle handle, const char* path, uint64_t len) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        ExecutionServices& all = *self.execution();
        const std::filesystem::path file(borrowed(path, len, "scratch path"));
        if (!file.is_absolute()) {
            throw Error(ErrorCode::contract, "scratch path", "must be absolute");
        }
        all.handles.output(handle)->take(file, all.scratch.path(), self.stop());
    });
}

skw_status SKW_CALL hub_finish(skw_call* call, skw_handle handle, const skw_sink* receipt) noexcept
{
    return Operation::serve(call, [&](Operation& self) {
        if (receipt == nullptr || receipt->write == nullptr) { // before the output is final
            throw Error(ErrorCode::bad_argument, "finish", "needs a place for the receipt");
        }
        const StagedOutput output = self.execution()->handles.output(handle)->finish();
        json::object answer = document("skw.receipt/1");
        answer["output"] = output.id;
        answer["size"] = output.size;
        answer["sha256"] = output.sha256.hex();
        write_sink(receipt, json::serialize(answer));
    });
}

skw_status SKW_CALL hub_close(skw_call* call, skw_handle handle) noexcept
{
    return Operation::guard(call, [&](Operation& self) { self.execution()->handles.close(handle); });
}

} // namespace

const skw_hub hub_service = {{sizeof(skw_hub), SKW_ABI_MINOR},
                             &hub_stat,
                             &hub_open_read,
                             &hub_open_write,
                             &hub_read,
                             &hub_read_at,
                             &hub_write,
                             &hub_put_file,
                             &hub_finish,
                             &hub_close,
                             &hub_list,
                             &hub_mirror,
                             &hub_fetch};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The tables, and the way into the plugin through its exported entry.
#include "fake_host.hpp"

#include "../slot_run.hpp"
#include "writer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace skw::test {

namespace json = boost::json;

namespace {

std::string text(const char* from, std::uint64_t len)
{
    return {from, static_cast<std::size_t>(len)};
}

skw_status put(const skw_sink* out, const std::string& bytes)
{
    return out->write(out->ctx, bytes.data(), bytes.size());
}

std::string read_file(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

FakeHost::FakeHost()
{
    std::filesystem::create_directories(scratch());
    tools["version"].out = {"larql 0.2.0"};
    tools["help-extract"].out = {"Usage: larql extract", "  --quant <QUANT>  none, q4k or kquant"};
    tools["help-publish"].out = {"  --slices <SLICES>", "  --collections <COLLECTIONS>"};
    tools["help-slice"].out = {"  --preset <PRESET>"};
    tools["publish"].out = {"Published:"};
    fill_core();
    fill_hub();
    fill_scratch();
    fill_rest();
    raw_.host = &core_;
    raw_.self = this;
}

void FakeHost::fill_core()
{
    core_.head = {sizeof core_, SKW_ABI_MINOR};
    core_.log = [](skw_call* call, std::int32_t level, const char* line, std::uint64_t len) {
        of(call).log.push_back(std::to_string(level) + ":" + text(line, len));
    };
    core_.fail = [](skw_call* call, skw_status code, const char* message, std::uint64_t len,
                    const char* detail, std::uint64_t detail_len) {
        of(call).current_.message = text(message, len);
        of(call).current_.detail = detail == nullptr ? "" : text(detail, detail_len);
        return code;
    };
    core_.progress = [](skw_call* call, const char* step, std::uint64_t len, std::uint64_t done,
                        std::uint64_t total) {
        if (text(step, len) == "extract") {
            FakeHost& host = of(call);
            ++host.progress;
            host.last_done = done;
            host.last_total = total;
        }
    };
    core_.cancelled = [](skw_call*) -> std::int32_t { return 0; };
    core_.service = [](skw_call* call, const char* id, std::uint64_t len) -> const skw_table* {
        FakeHost& host = of(call);
        const std::map<std::string, const skw_table*> services = {{"skw.hub/1", &host.hub_.head},
                                                                  {"skw.scratch/1", &host.scratch_.head},
                                                                  {"skw.process/1", &host.process_.head},
                                                                  {"skw.card/1", &host.card_.head},
                                                                  {"skw.probe/1", &host.probe_.head}};
        const auto found = services.find(text(id, len));
        return found == services.end() ? nullptr : found->second;
    };
}

void FakeHost::fill_hub()
{
    hub_.head = {sizeof hub_, SKW_ABI_MINOR};
    hub_.list = [](skw_call* call, const char*, std::uint64_t, const skw_sink* out) {
        json::array files;
        for (const auto& [path, bytes] : of(call).source) {
            files.push_back({{"path", path}, {"size", bytes.size()}});
        }
        return put(out, json::serialize(json::object{{"schema", "skw.listing/1"}, {"files", files}}));
    };
    hub_.open_read = [](skw_call* call, const char* ref, std::uint64_t len, skw_handle* out) {
        FakeHost& host = of(call);
        const json::value document = json::parse(text(ref, len));
        const auto file = host.source.find(std::string(document.at("path").as_string()));
        *out = 0;
        if (file == host.source.end()) {
            return SKW_E_NOT_FOUND;
        }
        *out = host.next_++;
        host.handles_[*out] = {file->second, 0};
        return SKW_OK;
    };
    hub_.read = [](skw_call* call, skw_handle h, void* buf, std::uint64_t cap, std::uint64_t* got) {
        Open& open = of(call).handles_.at(h);
        *got = std::min<std::uint64_t>(cap, open.bytes.size() - open.at);
        std::memcpy(buf, open.bytes.data() + open.at, static_cast<std::size_t>(*got));
        open.at += static_cast<std::size_t>(*got);
        return SKW_OK;
    };
    hub_.close = [](skw_call* call, skw_handle h) {
        return of(call).handles_.erase(h) == 1 ? SKW_OK : SKW_E_CONTRACT;
    };
    hub_.fetch = [](skw_call* call, const char* request, std::uint64_t len, const skw_sink* out) {
        FakeHost& host = of(call);
        const json::value document = json::parse(text(request, len));
        Bytes files;
        for (const json::value& path : document.at("paths").as_array()) {
            const std::string name(path.as_string());
            const auto other = host.staged_otherwise.find(name);
            files[name] = other != host.staged_otherwise.end() ? other->second : host.source.at(name);
            host.fetched.push_back(name);
        }
        write_files(std::string(document.at("into").as_string()), files);
        return put(out, R"({"schema":"skw.listing/1","files":[]})");
    };
}

void FakeHost::fill_scratch()
{
    scratch_.head = {sizeof scratch_, SKW_ABI_MINOR};
    scratch_.path = [](skw_call* call, const skw_sink* out) { return put(out, of(call).scratch().string()); };
    scratch_.quota = [](skw_call* call, std::uint64_t* bytes) {
        *bytes = of(call).free_bytes;
        return SKW_OK;
    };
    scratch_.keep = [](skw_call* call, const char* name, std::uint64_t len) {
        of(call).kept.push_back(text(name, len));
        return SKW_OK;
    };
    scratch_.folder = [](skw_call* call, const char* name, std::uint64_t len, const skw_sink* out) {
        return put(out, of(call).folder(text(name, len)).string());
    };
    scratch_.hash = [](skw_call*, const char* path, std::uint64_t len, const skw_sink* out) {
        const std::string bytes = read_file(text(path, len));
        return put(out,
                   json::serialize(json::object{
                       {"path", text(path, len)}, {"size", bytes.size()}, {"sha256", sha256_of(bytes)}}));
    };
}

void FakeHost::fill_rest()
{
    process_.head = {sizeof process_, SKW_ABI_MINOR};
    process_.run = [](skw_call* call, const char* step, std::uint64_t len, const skw_lines* lines,
                      const skw_sink* out) {
        FakeHost& host = of(call);
        const std::string name = text(step, len);
        host.ran.push_back(name);
        const ToolRun& tool = host.tools.at(name);
        for (const auto& [stream, list] : {std::pair(1, &tool.out), std::pair(2, &tool.err)}) {
            for (const std::string& line : *list) {
                lines->line(lines->ctx, stream, line.data(), line.size());
            }
        }
        if (tool.work) {
            tool.work();
        }
        json::object end = {{"schema", "skw.exit/1"}, {"step", name}, {"exit", nullptr}, {"signal", nullptr}};
        end[tool.exit < 0 ? "signal" : "exit"] = tool.exit < 0 ? -tool.exit : tool.exit;
        end["tool"] = {{"name", "larql"}, {"path", "/opt/larql"}, {"sha256", std::string(64, 'a')}};
        return put(out, json::serialize(end));
    };
    card_.head = {sizeof card_, SKW_ABI_MINOR};
    card_.merge = [](skw_call* call, const char* patch, std::uint64_t len) {
        const json::value document = json::parse(text(patch, len));
        for (const auto& [name, value] : document.at("facts").as_object()) {
            of(call).facts[std::string(name)] = std::string(value.as_string());
        }
        return SKW_OK;
    };
    probe_.head = {sizeof probe_, SKW_ABI_MINOR};
    probe_.ask = [](skw_call* call, const char* question, std::uint64_t len, const skw_sink* out) {
        const json::value asked = json::parse(text(question, len));
        if (asked.at("ask").as_string() == "tool_says") {
            std::string words;
            for (const json::value& word : asked.at("words").as_array()) {
                words += (words.empty() ? "" : " ") + std::string(word.as_string());
            }
            const std::string& answer = of(call).said[words];
            return answer.empty() ? of(call).probe_status : put(out, answer);
        }
        return put(out,
                   json::serialize(json::object{{"total", of(call).memory}, {"available", of(call).memory}}));
    };
}

Outcome FakeHost::execute(std::string_view plan_json)
{
    current_ = {};
    std::string document;
    const skw_status status = run_slot(&raw_, "vindex", &skw_artifact::execute, plan_json, document);
    current_.status = status;
    current_.document = std::move(document);
    return current_;
}

Outcome FakeHost::plan(std::string_view request_json)
{
    current_ = {};
    std::string document;
    const skw_status status = run_slot(&raw_, "vindex", &skw_artifact::plan, request_json, document);
    current_.status = status;
    current_.document = std::move(document);
    return current_;
}

Outcome FakeHost::doctor(std::string_view request_json)
{
    current_ = {};
    std::string document;
    const skw_status status = run_slot(&raw_, "vindex", &skw_artifact::doctor, request_json, document);
    current_.status = status;
    current_.document = std::move(document);
    return current_;
}

Outcome FakeHost::inspect(std::string_view request_json)
{
    current_ = {};
    std::string document;
    const skw_status status = run_slot(&raw_, "vindex", &skw_artifact::inspect, request_json, document);
    current_.status = status;
    current_.document = std::move(document);
    return current_;
}

bool FakeHost::logged(std::string_view part) const
{
    return std::ranges::any_of(log, [&](const std::string& line) {
        return line.starts_with("3:") && line.find(part) != std::string::npos;
    });
}

} // namespace skw::test

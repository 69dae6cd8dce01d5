// SPDX-License-Identifier: Apache-2.0
// The tables of the in-memory host.
#include "fake_host.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace skw::test {

namespace {

namespace json = boost::json;

skw_status put(const skw_sink* out, const std::string& text)
{
    return out->write(out->ctx, text.data(), text.size());
}

} // namespace

FakeHost::FakeHost()
{
    core_.head = {sizeof core_, SKW_ABI_MINOR};
    core_.log = [](skw_call* call, std::int32_t level, const char* text, std::uint64_t len) {
        FakeHost& host = of(call);
        const std::lock_guard<std::mutex> guard(host.mutex_);
        try {
            host.log.push_back(std::to_string(level) + ":" +
                               std::string(text, static_cast<std::size_t>(len)));
        } catch (const std::bad_alloc&) {
            return; // as a real host: a line is not worth an operation
        }
    };
    core_.fail = [](skw_call* call, skw_status code, const char* text, std::uint64_t len, const char* detail,
                    std::uint64_t detail_len) {
        const std::lock_guard<std::mutex> guard(of(call).mutex_);
        Outcome& outcome = of(call).current_;
        if (++outcome.messages == 1) {
            outcome.message.assign(text, static_cast<std::size_t>(len));
            outcome.detail.assign(detail == nullptr ? "" : detail, static_cast<std::size_t>(detail_len));
        }
        return code;
    };
    core_.progress = [](skw_call* call, const char* name, std::uint64_t len, std::uint64_t done,
                        std::uint64_t total) {
        if (std::string_view(name, static_cast<std::size_t>(len)) == "extract") {
            const std::lock_guard<std::mutex> guard(of(call).mutex_);
            try {
                of(call).progress.emplace_back(done, total);
            } catch (const std::bad_alloc&) {
                return;
            }
        }
    };
    core_.cancelled = [](skw_call* call) -> std::int32_t {
        FakeHost& host = of(call);
        const std::lock_guard<std::mutex> guard(host.mutex_);
        return host.cancel_at != 0 && host.calls >= host.cancel_at ? 1 : 0;
    };
    core_.service = [](skw_call* call, const char* id, std::uint64_t len) -> const skw_table* {
        return std::string_view(id, static_cast<std::size_t>(len)) == "skw.hub/1" ? &of(call).hub_.head
                                                                                  : nullptr;
    };
    hub_.head = {sizeof hub_, SKW_ABI_MINOR};
    hub_.list = &FakeHost::list;
    hub_.open_read = &FakeHost::open_read;
    hub_.open_write = &FakeHost::open_write;
    hub_.read = &FakeHost::read;
    hub_.write = &FakeHost::write;
    hub_.finish = &FakeHost::finish;
    hub_.close = &FakeHost::close;
    raw_.host = &core_;
    raw_.self = this;
}

skw_status FakeHost::step()
{
    ++calls;
    return calls == fail_at ? fail_with : SKW_OK;
}

skw_status FakeHost::list(skw_call* call, const char*, std::uint64_t, const skw_sink* out)
{
    FakeHost& host = of(call);
    const std::lock_guard<std::mutex> guard(host.mutex_);
    if (const skw_status bad = host.step(); bad < 0) {
        return bad;
    }
    json::array files;
    for (const auto& [path, bytes] : host.files) {
        const auto listed = host.listed_sizes.find(path);
        files.push_back(
            {{"path", path}, {"size", listed == host.listed_sizes.end() ? bytes.size() : listed->second}});
    }
    return put(out, json::serialize(json::object{{"schema", "skw.listing/1"}, {"files", files}}));
}

skw_status FakeHost::open_read(skw_call* call, const char* ref, std::uint64_t len, skw_handle* out)
{
    FakeHost& host = of(call);
    const std::lock_guard<std::mutex> guard(host.mutex_);
    *out = 0;
    if (const skw_status bad = host.step(); bad < 0) {
        return bad;
    }
    const json::value document = json::parse(json::string_view(ref, static_cast<std::size_t>(len)));
    const std::string path(document.at("path").as_string());
    const auto file = host.files.find(path);
    const auto made = host.made_files.find(path);
    const bool is_made = made != host.made_files.end();
    if (document.at("input").as_string() != "source" || (file == host.files.end() && !is_made)) {
        return SKW_E_NOT_FOUND;
    }
    const auto begin = document.at("offset").to_number<std::uint64_t>();
    const auto length = document.at("length").to_number<std::uint64_t>();
    host.opened.push_back(path + "@" + std::to_string(begin) + "+" + std::to_string(length));
    const std::uint64_t size = is_made ? made->second.size : file->second.size();
    *out = host.next_++;
    Handle& handle = host.handles_[*out];
    handle.path = path;
    handle.file = is_made ? nullptr : &file->second;
    handle.made = is_made ? &made->second : nullptr;
    // A listing may claim more than there is: the bytes just end early then.
    handle.at = std::min(begin, size);
    handle.end = std::min(begin + length, size);
    ++host.open_handles;
    return SKW_OK;
}

skw_status FakeHost::open_write(skw_call* call, const char* id, std::uint64_t len, skw_handle* out)
{
    FakeHost& host = of(call);
    const std::lock_guard<std::mutex> guard(host.mutex_);
    *out = 0;
    if (const skw_status bad = host.step(); bad < 0) {
        return bad;
    }
    if (std::string_view(id, static_cast<std::size_t>(len)) != "sidecar") {
        return SKW_E_CONTRACT;
    }
    *out = host.next_++;
    host.handles_[*out] = {};
    ++host.open_handles;
    return SKW_OK;
}

skw_status FakeHost::read(skw_call* call, skw_handle h, void* buf, std::uint64_t cap, std::uint64_t* got)
{
    FakeHost& host = of(call);
    *got = 0;
    std::unique_lock<std::mutex> lock(host.mutex_);
    if (const skw_status bad = host.step(); bad < 0) {
        return bad;
    }
    Handle& handle = host.handles_.at(h); // stays where it is until it is closed
    if (std::exchange(handle.busy, true)) {
        return SKW_E_CONTRACT;
    }
    std::uint64_t length = std::min(cap, handle.end - handle.at);
    if (host.read_cap != 0) {
        length = std::min<std::uint64_t>(length, host.read_cap);
    }
    host.most_readers = std::max(host.most_readers, ++host.readers_);
    lock.unlock();
    const skw_status status = host.on_read ? host.on_read(handle.path, handle.at) : SKW_OK;
    if (status >= 0 && handle.made != nullptr) {
        handle.made->fill(handle.at, {static_cast<std::byte*>(buf), static_cast<std::size_t>(length)});
    } else if (status >= 0) {
        std::memcpy(buf, handle.file->data() + handle.at, static_cast<std::size_t>(length));
    }
    lock.lock();
    --host.readers_;
    handle.busy = false;
    if (status < 0) {
        return status;
    }
    handle.at += length;
    host.bytes_given += length;
    *got = length;
    return SKW_OK;
}

skw_status FakeHost::write(skw_call* call, skw_handle h, const void* buf, std::uint64_t len)
{
    FakeHost& host = of(call);
    std::unique_lock<std::mutex> lock(host.mutex_);
    if (const skw_status bad = host.step(); bad < 0) {
        return bad;
    }
    Handle& handle = host.handles_.at(h);
    if (std::exchange(handle.busy, true)) {
        return SKW_E_CONTRACT;
    }
    host.output_bytes += len;
    if (host.keep_output) {
        host.output.append(static_cast<const char*>(buf), static_cast<std::size_t>(len));
    }
    lock.unlock();
    if (host.on_write) {
        host.on_write({static_cast<const std::byte*>(buf), static_cast<std::size_t>(len)});
    }
    lock.lock();
    handle.busy = false;
    return SKW_OK;
}

skw_status FakeHost::finish(skw_call* call, skw_handle, const skw_sink* out)
{
    FakeHost& host = of(call);
    const std::lock_guard<std::mutex> guard(host.mutex_);
    if (const skw_status bad = host.step(); bad < 0) {
        return bad;
    }
    host.finished = true;
    const auto size = static_cast<std::int64_t>(host.output_bytes) + host.receipt_error;
    return put(out,
               json::serialize(json::object{
                   {"schema", "skw.receipt/1"}, {"output", "sidecar"}, {"size", size}, {"sha256", "ab"}}));
}

skw_status FakeHost::close(skw_call* call, skw_handle h)
{
    FakeHost& host = of(call);
    const std::lock_guard<std::mutex> guard(host.mutex_);
    if (host.handles_.erase(h) == 0) {
        return SKW_E_CONTRACT;
    }
    --host.open_handles;
    return SKW_OK;
}

bool FakeHost::logged(std::string_view line) const
{
    return std::ranges::find(log, "3:" + std::string(line)) != log.end();
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// The host's services as objects: reading inputs, writing outputs, scratch room, card facts, probes.
#ifndef SKW_SERVICES_HPP
#define SKW_SERVICES_HPP

#include <skw/call.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw::sdk {

namespace detail {

// Owns one handle of skw.hub/1.
class Handle {
public:
    Handle(Call call, const skw_hub* hub, skw_handle number) noexcept
        : call_(call),
          hub_(hub),
          number_(number)
    {
    }
    Handle(Handle&& other) noexcept
        : call_(other.call_),
          hub_(other.hub_),
          number_(std::exchange(other.number_, 0))
    {
    }
    Handle& operator=(Handle&& other) noexcept
    {
        std::swap(call_, other.call_);
        std::swap(hub_, other.hub_);
        std::swap(number_, other.number_);
        return *this;
    }
    ~Handle()
    {
        if (number_ != 0) {
            hub_->close(call_.raw(), number_);
        }
    }

    const Call& call() const noexcept { return call_; }
    const skw_hub* hub() const noexcept { return hub_; }
    skw_handle number() const noexcept { return number_; }

private:
    Call call_;
    const skw_hub* hub_;
    skw_handle number_;
};

} // namespace detail

// A file of an input, or a part of it. Positions count from the beginning of the part.
class Reader {
public:
    Reader(detail::Handle handle, std::string place) : handle_(std::move(handle)), place_(std::move(place)) {}

    // Reads on from the last read: 1 or more bytes, 0 only at the end. needs a buffer that is not empty.
    std::size_t read(std::span<std::byte> into)
    {
        std::uint64_t got = 0;
        require_ok(
            handle_.hub()->read(handle_.call().raw(), handle_.number(), into.data(), into.size(), &got),
            place_, "cannot be read");
        return static_cast<std::size_t>(got);
    }
    // Fills the whole buffer, or throws.
    void read_exactly(std::span<std::byte> into)
    {
        while (!into.empty()) {
            into = into.subspan(require_some(read(into)));
        }
    }
    // Reads at a position, one request of its own; short reads happen, 0 only at the end. Calls may overlap.
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const
    {
        std::uint64_t got = 0;
        require_ok(handle_.hub()->read_at(handle_.call().raw(), handle_.number(), offset, into.data(),
                                          into.size(), &got),
                   place_, "cannot be read");
        return static_cast<std::size_t>(got);
    }
    void read_exactly_at(std::uint64_t offset, std::span<std::byte> into) const
    {
        while (!into.empty()) {
            const std::size_t got = require_some(read_at(offset, into));
            offset += got;
            into = into.subspan(got);
        }
    }
    // All that is left, at most limit bytes; throws when there is more.
    std::string read_rest(std::uint64_t limit)
    {
        std::string text;
        std::byte block[16384];
        for (std::size_t got = read(block); got != 0; got = read(block)) {
            if (got > limit - text.size()) {
                throw Failure(SKW_E_BAD_INPUT, place_, "is longer than " + std::to_string(limit) + " bytes");
            }
            text.append(reinterpret_cast<const char*>(block), got);
        }
        return text;
    }

private:
    std::size_t require_some(std::size_t got) const
    {
        if (got == 0) {
            throw Failure(SKW_E_BAD_INPUT, place_, "ends too early");
        }
        return got;
    }

    detail::Handle handle_;
    std::string place_;
};

// An output of the plan. Dropped by the host unless finish() was called.
class Writer {
public:
    Writer(detail::Handle handle, std::string place) : handle_(std::move(handle)), place_(std::move(place)) {}

    void write(std::span<const std::byte> bytes)
    {
        require_ok(handle_.hub()->write(handle_.call().raw(), handle_.number(), bytes.data(), bytes.size()),
                   place_, "cannot be written");
    }
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    // The bytes of a finished file in the scratch directory, instead of write().
    void put_file(std::string_view absolute_path)
    {
        require_ok(handle_.hub()->put_file(handle_.call().raw(), handle_.number(), absolute_path.data(),
                                           absolute_path.size()),
                   place_, "cannot be taken from the scratch directory");
    }
    // The output is complete. Gives skw.receipt/1.
    std::string finish()
    {
        TextSink receipt;
        require_ok(handle_.hub()->finish(handle_.call().raw(), handle_.number(), receipt.raw()), place_,
                   "cannot be finished");
        return std::move(receipt).text();
    }

private:
    detail::Handle handle_;
    std::string place_;
};

// The repositories of the plan. In execute only.
class Hub {
public:
    explicit Hub(Call call) : call_(call), table_(call.service<skw_hub>("skw.hub/1")) {}

    // skw.listing/1: the files of an input that the plan's patterns select.
    std::string list(std::string_view input) const
    {
        TextSink out;
        const std::string ref = JsonWriter().begin_object().member("input", input).end_object().take();
        require_ok(table_->list(call_.raw(), ref.data(), ref.size(), out.raw()), input, "cannot be listed");
        return std::move(out).text();
    }
    // skw.file/1: size and hash of one file.
    std::string stat(std::string_view input, std::string_view path) const
    {
        TextSink out;
        const std::string ref = whole(input, path).end_object().take();
        require_ok(table_->stat(call_.raw(), ref.data(), ref.size(), out.raw()), path, "cannot be found");
        return std::move(out).text();
    }
    Reader open(std::string_view input, std::string_view path) const
    {
        return open_ref(whole(input, path).end_object().take(), path);
    }
    Reader open(std::string_view input, std::string_view path, std::uint64_t offset,
                std::uint64_t length) const
    {
        JsonWriter ref = whole(input, path);
        return open_ref(ref.member("offset", offset).member("length", length).end_object().take(), path);
    }
    // Lets a file of an input that the plan mirrors go unchanged into the target; moves no byte by itself.
    //
    //     for (const std::string& path : paths_of(hub.list("source"))) {
    //         hub.mirror("source", path);
    //     }
    void mirror(std::string_view input, std::string_view path) const
    {
        const std::string ref = whole(input, path).end_object().take();
        require_ok(table_->mirror(call_.raw(), ref.data(), ref.size()), path, "cannot be mirrored");
    }
    // Fetches whole files of an input, all that the plan selects if no paths are given, to their paths below
    // a folder of the scratch directory. Goes on where an earlier try ended, if the folder was kept. Gives
    // skw.listing/1; reports its progress for the step.
    //
    //     const Scratch scratch(call);
    //     scratch.keep("model");
    //     hub.fetch("source", scratch.path() + "/model", "stage");
    std::string fetch(std::string_view input, std::string_view into, std::string_view step,
                      const std::vector<std::string>& paths = {}) const
    {
        JsonWriter order;
        order.begin_object().member("input", input).member("into", into);
        if (!step.empty()) {
            order.member("step", step);
        }
        if (!paths.empty()) {
            order.member("paths", paths);
        }
        const std::string text = order.end_object().take();
        TextSink out;
        require_ok(table_->fetch(call_.raw(), text.data(), text.size(), out.raw()), input,
                   "cannot be fetched");
        return std::move(out).text();
    }
    Writer create(std::string_view output_id) const
    {
        skw_handle number = 0;
        require_ok(table_->open_write(call_.raw(), output_id.data(), output_id.size(), &number), output_id,
                   "cannot be opened for writing");
        detail::Handle handle(call_, table_, number); // owned before anything else can fail
        return Writer(std::move(handle), std::string(output_id));
    }

private:
    static JsonWriter whole(std::string_view input, std::string_view path)
    {
        JsonWriter ref;
        ref.begin_object().member("input", input).member("path", path);
        return ref;
    }
    Reader open_ref(const std::string& ref, std::string_view path) const
    {
        skw_handle number = 0;
        require_ok(table_->open_read(call_.raw(), ref.data(), ref.size(), &number), path, "cannot be opened");
        detail::Handle handle(call_, table_, number); // owned before anything else can fail
        return Reader(std::move(handle), std::string(path));
    }

    Call call_;
    const skw_hub* table_;
};

// Room on disk for one execution. In execute only, where the plan asks for scratch bytes.
class Scratch {
public:
    explicit Scratch(Call call) : call_(call), table_(call.service<skw_scratch>("skw.scratch/1")) {}

    std::string path() const // absolute, UTF-8
    {
        TextSink out;
        require_ok(table_->path(call_.raw(), out.raw()), "scratch directory", "cannot be made");
        return std::move(out).text();
    }
    std::uint64_t quota() const // bytes that may still be written
    {
        std::uint64_t bytes = 0;
        require_ok(table_->quota(call_.raw(), &bytes), "scratch directory", "cannot be measured");
        return bytes;
    }
    // Keeps a file or folder of the directory, there or not yet, if the operation fails or the machine does.
    void keep(std::string_view name) const
    {
        require_ok(table_->keep(call_.raw(), name.data(), name.size()), name, "cannot be kept");
    }
    // A folder of the plan, which its tools write: absolute; not there before they do.
    std::string folder(std::string_view name) const
    {
        TextSink out;
        require_ok(table_->folder(call_.raw(), name.data(), name.size(), out.raw()), name,
                   "is no folder to be had");
        return std::move(out).text();
    }
    // skw.file/1: size and SHA-256 of a file below the directory or below a folder of the plan.
    //
    //     const std::string file = scratch.hash(scratch.folder("model.vindex") + "/index.json");
    std::string hash(std::string_view absolute_path) const
    {
        TextSink out;
        require_ok(table_->hash(call_.raw(), absolute_path.data(), absolute_path.size(), out.raw()),
                   absolute_path, "cannot be hashed");
        return std::move(out).text();
    }

private:
    Call call_;
    const skw_scratch* table_;
};

// Facts for the model card. In execute only.
class Card {
public:
    explicit Card(Call call) : call_(call), table_(call.service<skw_card>("skw.card/1")) {}

    void merge(std::string_view patch_json) const
    {
        require_ok(table_->merge(call_.raw(), patch_json.data(), patch_json.size()), "card",
                   "cannot take these facts");
    }
    void add_fact(std::string_view name, std::string_view text) const
    {
        JsonWriter patch;
        patch.begin_object().key("facts").begin_object().member(name, text).end_object().end_object();
        merge(patch.take());
    }
    void add_tag(std::string_view tag) const
    {
        JsonWriter patch;
        patch.begin_object().key("tags").begin_array().value(tag).end_array().end_object();
        merge(patch.take());
    }
    void add_note(std::string_view text) const
    {
        require_ok(table_->add_note(call_.raw(), text.data(), text.size()), "card", "cannot take this note");
    }

private:
    Call call_;
    const skw_card* table_;
};

// Questions about the machine. In doctor and execute. Answers are JSON text, as skw/plugin.h describes them.
class Probe {
public:
    explicit Probe(Call call) : call_(call), table_(call.service<skw_probe>("skw.probe/1")) {}

    std::string tool(std::string_view name) const { return ask("tool", "name", name); }
    // words: 1 to 4, the last --version or --help. In doctor only, of a tool that the manifest names.
    std::string tool_says(std::string_view name, const std::vector<std::string>& words) const
    {
        JsonWriter question;
        question.begin_object().member("ask", "tool_says").member("name", name).key("words").begin_array();
        for (const std::string& word : words) {
            question.value(word);
        }
        return ask_raw(question.end_array().end_object().take());
    }
    std::string free_space(std::string_view path) const { return ask("free_space", "path", path); }
    std::string file(std::string_view path) const { return ask("file", "path", path); }
    std::string memory() const { return ask_raw(R"({"ask":"memory"})"); }
    std::string accelerator() const { return ask_raw(R"({"ask":"accelerator"})"); }

    std::string ask_raw(std::string_view question_json) const
    {
        TextSink out;
        require_ok(table_->ask(call_.raw(), question_json.data(), question_json.size(), out.raw()),
                   question_json, "cannot be answered");
        return std::move(out).text();
    }

private:
    std::string ask(std::string_view what, std::string_view name, std::string_view value) const
    {
        JsonWriter question;
        return ask_raw(question.begin_object().member("ask", what).member(name, value).end_object().take());
    }

    Call call_;
    const skw_probe* table_;
};

} // namespace skw::sdk

#endif // SKW_SERVICES_HPP

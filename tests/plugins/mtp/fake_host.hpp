// SPDX-License-Identifier: Apache-2.0
// A host in memory: one pinned input, one output, and a fault on request at any call of a service. Services
// may be called by several threads at once.
#pragma once

#include <skw/plugin.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::test {

// What one operation of a plugin came to.
struct Outcome {
    skw_status status = SKW_OK;
    std::string document;        // what it wrote on success
    std::string message, detail; // what it said with fail()
    std::size_t messages = 0;    // how often it said something
};

// A file whose bytes are computed when they are read.
struct MadeFile {
    std::uint64_t size = 0;
    std::function<void(std::uint64_t offset, std::span<std::byte> into)> fill; // any thread
};

class FakeHost {
public:
    FakeHost();
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    // The input, as the Hub's listing and bytes. listed_sizes overrides what the listing claims.
    std::map<std::string, std::string> files;
    std::map<std::string, std::uint64_t> listed_sizes;
    std::map<std::string, MadeFile> made_files; // not in the listing

    std::size_t read_cap = 0;  // the most bytes one read gives; 0 = all that was asked for
    std::uint64_t fail_at = 0; // the number of the service call that fails; 0 = none
    skw_status fail_with = SKW_E_NETWORK;
    std::uint64_t cancel_at = 0; // the number of the service call after which cancelled() is 1
    bool keep_output = true;     // false: only count the bytes
    // Called with the file and the position before each read, by the thread that reads; the read fails with a
    // negative status. May wait.
    std::function<skw_status(const std::string& path, std::uint64_t at)> on_read;
    std::function<void(std::span<const std::byte>)> on_write; // the same for writes
    std::int64_t receipt_error = 0;                           // added to the size in the receipt

    // What happened.
    std::uint64_t calls = 0;         // of hub services
    std::uint64_t bytes_given = 0;   // by reads
    std::size_t most_readers = 0;    // reads that were under way at once
    std::vector<std::string> opened; // "file@begin+length"
    std::vector<std::string> log;    // "3:text"
    std::vector<std::pair<std::uint64_t, std::uint64_t>> progress;
    std::string output;
    std::uint64_t output_bytes = 0;
    bool finished = false;
    std::size_t open_handles = 0;

    // The call that services belong to, for code that is tested without its plugin.
    skw_call* call() noexcept { return &raw_; }

    // Runs one slot of the plugin under test. These are in plugin_runs.cpp.
    Outcome execute(std::string_view plan_json);
    Outcome plan(std::string_view request_json);
    Outcome validate(std::string_view entry_json);
    Outcome inspect(std::string_view request_json);
    Outcome describe();

    bool logged(std::string_view line) const; // exactly, at the level of information

private:
    struct Handle {
        std::string path;
        const std::string* file = nullptr;
        const MadeFile* made = nullptr; // both null: the output
        std::uint64_t at = 0, end = 0;
        bool busy = false; // a call is under way; another one at the same time breaks the contract
    };
    struct Raw : skw_call {
        FakeHost* self = nullptr;
    };

    static FakeHost& of(skw_call* call) { return *static_cast<Raw*>(call)->self; }
    skw_status step(); // counts a service call; negative when this one fails
    static skw_status stop(skw_call* call);
    static skw_status list(skw_call* call, const char* ref, std::uint64_t len, const skw_sink* out);
    static skw_status open_read(skw_call* call, const char* ref, std::uint64_t len, skw_handle* out);
    static skw_status open_write(skw_call* call, const char* id, std::uint64_t len, skw_handle* out);
    static skw_status read(skw_call* call, skw_handle h, void* buf, std::uint64_t cap, std::uint64_t* got);
    static skw_status write(skw_call* call, skw_handle h, const void* buf, std::uint64_t len);
    static skw_status finish(skw_call* call, skw_handle h, const skw_sink* out);
    static skw_status close(skw_call* call, skw_handle h);

    Outcome run(skw_status (SKW_CALL* skw_artifact::*slot)(skw_instance*, skw_call*, const char*,
                                                           std::uint64_t, const skw_sink*),
                std::string_view request);

    std::mutex mutex_; // of all that follows and of what happened
    Outcome current_;
    std::size_t readers_ = 0;
    Raw raw_;
    skw_host_core core_{};
    skw_hub hub_{};
    skw_handle next_ = 1;
    std::map<skw_handle, Handle> handles_;
};

} // namespace skw::test

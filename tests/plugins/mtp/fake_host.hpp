// SPDX-License-Identifier: Apache-2.0
// A host in memory: one pinned input, one output, and a fault on request at any call of a service.
#pragma once

#include <skw/plugin.h>

#include <cstddef>
#include <cstdint>
#include <map>
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

class FakeHost {
public:
    FakeHost();
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    // The input, as the Hub's listing and bytes. listed_sizes overrides what the listing claims.
    std::map<std::string, std::string> files;
    std::map<std::string, std::uint64_t> listed_sizes;

    std::size_t read_cap = 0;  // the most bytes one read gives; 0 = all that was asked for
    std::uint64_t fail_at = 0; // the number of the service call that fails; 0 = none
    skw_status fail_with = SKW_E_NETWORK;
    std::uint64_t cancel_at = 0;    // the number of the service call after which cancelled() is 1
    bool keep_output = true;        // false: only count the bytes
    std::int64_t receipt_error = 0; // added to the size in the receipt

    // What happened.
    std::uint64_t calls = 0;         // of hub services
    std::vector<std::string> opened; // "file@begin+length"
    std::vector<std::string> log;    // "3:text"
    std::vector<std::pair<std::uint64_t, std::uint64_t>> progress;
    std::string output;
    std::uint64_t output_bytes = 0;
    bool finished = false;
    std::size_t open_handles = 0;

    // Runs one slot of the plugin under test.
    Outcome execute(std::string_view plan_json);
    Outcome plan(std::string_view request_json);
    Outcome validate(std::string_view entry_json);
    Outcome describe();

    bool logged(std::string_view line) const; // exactly, at the level of information

private:
    struct Handle {
        const std::string* file = nullptr; // null: the output
        std::uint64_t at = 0, end = 0;
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

    template<class Slot>
    Outcome run(Slot slot);

    Outcome current_;
    Raw raw_;
    skw_host_core core_{};
    skw_hub hub_{};
    skw_handle next_ = 1;
    std::map<skw_handle, Handle> handles_;
};

} // namespace skw::test

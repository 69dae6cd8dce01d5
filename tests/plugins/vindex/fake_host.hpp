// SPDX-License-Identifier: Apache-2.0
// A host in memory with a folder on disk: one pinned input, tools that are functions, everything recorded.
#pragma once

#include "sample_model.hpp"

#include "support/files.hpp"

#include <skw/plugin.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::test {

struct Outcome {
    skw_status status = SKW_OK;
    std::string document;        // what the slot wrote on success
    std::string message, detail; // what it said with fail()
};

// What a tool does and says.
struct ToolRun {
    int exit = 0; // negative: the number of a signal
    std::vector<std::string> out, err;
    std::function<void()> work;
};

class FakeHost {
public:
    FakeHost();
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    Bytes source;                         // the input: path -> content
    Bytes staged_otherwise;               // what fetch writes in place of the source's bytes, if named here
    std::map<std::string, ToolRun> tools; // by step; those of versions and helps are filled in
    std::uint64_t free_bytes = 1ull << 40, memory = 1ull << 40;
    // What larql says when it is asked about itself, by its words: an answer, or "" for a probe that fails.
    std::map<std::string, std::string> said;
    skw_status probe_status = SKW_E_IO;
    std::vector<std::string> kept;         // what keep() named
    std::vector<std::string> log;          // "3:text"
    std::vector<std::string> fetched, ran; // paths, steps
    std::map<std::string, std::string> facts;
    std::uint64_t progress = 0; // calls for the step "extract"
    std::uint64_t last_done = 0, last_total = 0;

    std::filesystem::path scratch() const { return room_.path() / "work"; }
    std::filesystem::path folder(std::string_view name) const { return room_.path() / name; }
    skw_call* call() { return &raw_; }

    Outcome execute(std::string_view plan_json);
    Outcome plan(std::string_view request_json);
    Outcome doctor(std::string_view request_json);
    Outcome inspect(std::string_view request_json);
    bool logged(std::string_view part) const; // at the level of information

private:
    struct Raw : skw_call {
        FakeHost* self = nullptr;
    };
    struct Open {
        std::string bytes;
        std::size_t at = 0;
    };

    static FakeHost& of(skw_call* call) { return *static_cast<Raw*>(call)->self; }
    void fill_core();
    void fill_hub();
    void fill_scratch();
    void fill_rest();

    TempFolder room_;
    Outcome current_;
    Raw raw_;
    skw_host_core core_{};
    skw_hub hub_{};
    skw_scratch scratch_{};
    skw_process process_{};
    skw_card card_{};
    skw_probe probe_{};
    skw_handle next_ = 1;
    std::map<skw_handle, Open> handles_;
};

} // namespace skw::test

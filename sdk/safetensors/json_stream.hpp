// SPDX-License-Identifier: Apache-2.0
// JSON read as a stream of events: memory for one text at a time, whatever the size of the document.
//
// Refuses what is no JSON, bytes that are not UTF-8, nesting beyond a limit, texts beyond a limit. Keys are
// NOT compared: who needs unique keys sees them all and decides. Integers arrive exactly or not at all.
#pragma once

#include "safetensors/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace skw::safetensors {

// Receives the events in document order. Texts are views for the duration of the call. May throw: the stream
// passes it on and is of no further use then.
class JsonEvents {
public:
    virtual ~JsonEvents() = default;
    virtual void begin_object() = 0;
    virtual void end_object() = 0;
    virtual void begin_array() = 0;
    virtual void end_array() = 0;
    virtual void key(std::string_view name) = 0;
    virtual void text(std::string_view value) = 0;
    virtual void whole(std::uint64_t value) = 0; // a number written without sign, fraction and exponent
    virtual void other_number() = 0;             // any other number, and integers beyond 64 bits
    virtual void boolean(bool value) = 0;
    virtual void null() = 0;
};

struct JsonStreamLimits {
    std::size_t depth = 64;
    std::size_t text_bytes = 16u << 20; // of one key or value, unescaped
};

class JsonStream {
public:
    // events must outlive the stream.
    explicit JsonStream(JsonEvents& events, const JsonStreamLimits& limits = {});
    ~JsonStream();
    JsonStream(JsonStream&&) noexcept;
    JsonStream& operator=(JsonStream&&) noexcept;

    // fails   Error: bad_utf8, bad_json; whatever an event throws
    void feed(std::string_view json);
    // Says that the document is complete. White space around it is fine.
    // fails   as feed
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace skw::safetensors

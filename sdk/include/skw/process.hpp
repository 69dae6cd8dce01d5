// SPDX-License-Identifier: Apache-2.0
// The tools of the plan as one object: a step is run, its lines come as calls.
#ifndef SKW_PROCESS_HPP
#define SKW_PROCESS_HPP

#include <skw/call.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace skw::sdk {

// In execute only. One tool at a time, on the thread of the operation.
class Process {
public:
    explicit Process(Call call) : call_(call), table_(call.service<skw_process>("skw.process/1")) {}

    // Runs the command of a step of the plan to its end. Gives skw.exit/1: that the tool failed stands there,
    // and throws nothing. on_line(stream, line) is called for each line, stream 1 being standard output and 2
    // standard error; what it throws is thrown again when the tool has ended, and no line is told after it.
    //
    //     std::uint64_t layers = 0;
    //     const std::string exit = Process(call).run("extract", [&](std::int32_t, std::string_view line) {
    //         layers += line.starts_with("layer ") ? 1 : 0;
    //         call.progress("extract", layers, 0);
    //     });
    template<class OnLine>
    std::string run(std::string_view step, OnLine&& on_line) const
    {
        Taker<OnLine> taker{std::addressof(on_line), nullptr};
        const skw_lines lines{&taker, &Taker<OnLine>::take};
        TextSink out;
        const skw_status status = table_->run(call_.raw(), step.data(), step.size(), &lines, out.raw());
        if (taker.thrown) {
            std::rethrow_exception(taker.thrown);
        }
        require_ok(status, step, "cannot be run");
        return std::move(out).text();
    }
    // The same for a tool whose lines do not matter.
    std::string run(std::string_view step) const
    {
        TextSink out;
        require_ok(table_->run(call_.raw(), step.data(), step.size(), nullptr, out.raw()), step,
                   "cannot be run");
        return std::move(out).text();
    }

private:
    template<class OnLine>
    struct Taker {
        std::remove_reference_t<OnLine>* on_line;
        std::exception_ptr thrown; // nothing may be thrown across the interface

        static void SKW_CALL take(void* ctx, std::int32_t stream, const char* text,
                                  std::uint64_t len) noexcept
        {
            auto* const self = static_cast<Taker*>(ctx);
            if (self->thrown) {
                return;
            }
            try {
                (*self->on_line)(stream, len == 0 ? std::string_view()
                                                  : std::string_view(text, static_cast<std::size_t>(len)));
            } catch (...) {
                self->thrown = std::current_exception();
            }
        }
    };

    Call call_;
    const skw_process* table_;
};

} // namespace skw::sdk

#endif // SKW_PROCESS_HPP

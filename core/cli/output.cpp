// SPDX-License-Identifier: Apache-2.0
// What a command says.
#include "cli/output.hpp"

#include "support/secrets.hpp"

#include <cstdio>

namespace skw::cli {

void Output::write_out(std::string_view text)
{
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        reader_gone_ = true;
    }
}

void Output::write_err(std::string_view line)
{
    std::string text = transient_shown_ ? "\r\033[K" : "";
    transient_shown_ = false;
    text += redact(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void Output::text(std::string_view lines)
{
    if (!as_json_) {
        const std::scoped_lock lock(mutex_);
        write_out(redact(lines));
    }
}

void Output::document(const json::value& value)
{
    if (as_json_) {
        const std::scoped_lock lock(mutex_);
        write_out(redact(pretty_json(value)));
    }
}

void Output::note(std::string_view line)
{
    const std::scoped_lock lock(mutex_);
    write_err(line);
}

void Output::warning(std::string_view line)
{
    note("warning: " + std::string(line));
}

void Output::error(const Error& error)
{
    note(error.what());
    if (!error.hint().empty()) {
        note("  next: " + std::string(error.hint()));
    }
    json::object one;
    one["code"] = name_of(error.code());
    one["place"] = error.place();
    one["reason"] = error.reason();
    one["hint"] = error.hint();
    document(json::object{{"schema", "skw.error/1"}, {"error", std::move(one)}});
}

void Output::transient(std::string_view line)
{
    const std::scoped_lock lock(mutex_);
    const std::string text = "\r\033[K" + redact(line);
    transient_shown_ = !line.empty();
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace skw::cli

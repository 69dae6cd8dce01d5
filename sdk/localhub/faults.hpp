// SPDX-License-Identifier: Apache-2.0
// Faults that a test asks for: which request they strike, and what they do to its reply.
#pragma once

#include "localhub/http.hpp"
#include "localhub/server.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

// "METHOD:PATHPART:NAME[=NUMBER][@AFTER][xTIMES]", as --fault takes it; METHOD may be empty, times 0 stands
// for always. Throws UsageError with what is wrong.
Fault parse_fault(std::string_view text);
const std::vector<std::string>& fault_names(); // "status-NNN" stands for its family

// What is asked for, in order. Safe for several threads.
class Faults {
public:
    void add(Fault fault); // throws UsageError for an unknown name
    // The first fault that matches; counts the request for all that do.
    std::optional<Fault> strike(std::string_view method, std::string_view target);

private:
    std::mutex mutex_;
    std::vector<Fault> waiting_;
};

// A reply given in place of the work; nullopt: the fault lets the work be done.
std::optional<HttpReply> reply_instead(const Fault& fault, const HttpRequest& http);
// Before the work: what the server pretends not to have read.
void blind(const Fault& fault, HttpRequest& http);
// After the work.
void spoil(const Fault& fault, HttpReply& reply);

} // namespace skw::localhub

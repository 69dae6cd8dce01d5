// SPDX-License-Identifier: Apache-2.0
// What a plugin throws: the twin of the host's error, turned into fail() and a status at the border.
#ifndef SKW_FAILURE_HPP
#define SKW_FAILURE_HPP

#include <skw/plugin.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace skw::sdk {

// What failed (place, may be empty), why (message, a sentence for the operator), and what to do next (hint,
// may be empty). The host adds the plugin's name, and its own reason where one of its services failed.
class Failure : public std::exception {
public:
    // needs status < 0, one of SKW_E_* or -64 to -127
    Failure(skw_status status, std::string place, std::string message, std::string hint = {})
        : status_(status < 0 ? status : SKW_E_INTERNAL),
          place_(std::move(place)),
          message_(std::move(message)),
          hint_(std::move(hint))
    {
    }

    // Where in the document the fault lies, as a JSON Pointer.
    Failure& at_pointer(std::string pointer) &
    {
        pointer_ = std::move(pointer);
        return *this;
    }
    Failure&& at_pointer(std::string pointer) && { return std::move(at_pointer(std::move(pointer))); }
    // Running the same command again may succeed.
    Failure& retryable() &
    {
        retryable_ = true;
        return *this;
    }
    Failure&& retryable() && { return std::move(retryable()); }

    // The same failure with a longer place: "shard 2: model-00002.safetensors".
    Failure inside(std::string_view outer) const
    {
        Failure longer = *this;
        longer.place_ = place_.empty() ? std::string(outer) : std::string(outer) + ": " + place_;
        return longer;
    }

    skw_status status() const noexcept { return status_; }
    const std::string& place() const noexcept { return place_; }
    const std::string& message() const noexcept { return message_; }
    const std::string& hint() const noexcept { return hint_; }
    const std::string& pointer() const noexcept { return pointer_; }
    bool is_retryable() const noexcept { return retryable_; }
    const char* what() const noexcept override { return message_.c_str(); }

private:
    skw_status status_;
    std::string place_, message_, hint_, pointer_;
    bool retryable_ = false;
};

} // namespace skw::sdk

#endif // SKW_FAILURE_HPP

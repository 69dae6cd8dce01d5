// SPDX-License-Identifier: Apache-2.0
// Uploads in parts whose content is checked and not kept: each part goes as soon as its turn in the hash has
// come.
#pragma once

#include "localhub/uploads.hpp"

#include <memory>
#include <mutex>

namespace skw::localhub {

// Threads: every function locks for itself. What is under way ends with the server: its parts have to be sent
// again.
class ForgettingUploads {
public:
    // Takes a part that is complete; its ETag. Throws Refusal(400) when it was taken before with other
    // content.
    std::string take(const std::filesystem::path& uploads, const Upload& upload, std::uint64_t part,
                     IncomingPart& incoming);
    // As finish_upload(), but the object is only noted.
    void finish(const std::filesystem::path& uploads, const Upload& upload,
                const std::map<std::uint64_t, std::string>& etags, const Objects& objects);

private:
    struct State {
        std::mutex mutex;                           // of all below
        std::map<std::uint64_t, std::string> taken; // 1 to the last part in the hash, with its ETag
        Sha256Stream hash;
    };
    std::shared_ptr<State> state_of(const std::string& id); // shared: a completion may end it meanwhile

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<State>> states_;
};

} // namespace skw::localhub

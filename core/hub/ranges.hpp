// SPDX-License-Identifier: Apache-2.0
// One range of one file, in order, over as many requests as it takes. Internal: read_file uses it as well.
#pragma once

#include "hub/session.hpp"

#include "support/digest.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace skw::hub {

struct ReadOptions {
    bool hashed_by_caller = false; // the whole of a large file is read, but its hash is not for us to check
    std::stop_token stop;          // ends this read alone
};

// Where content lies: the resolve route answers with it, or with a signed address on another host that
// serves later ranges as well. The first request goes off at once.
class RangeReader final : public RangeStream {
public:
    RangeReader(Session& session, Locations& locations, const RepoId& repo, const CommitId& commit,
                RemoteFile file, std::uint64_t offset, std::uint64_t length, ReadOptions options = {});
    ~RangeReader() override;
    std::size_t read(std::span<std::byte> into) override;

private:
    void begin();  // asks for what is still missing
    bool arrive(); // the head of the reply is good; false = asked again
    void follow(const ReplyHead& head);
    void check_identity(const ReplyHead& head) const;
    std::string find_mismatch(const ReplyHead& head) const; // "" = this is the range we want
    void refuse(const ReplyHead& head); // a status of 400 and above: asks again, or throws
    void again(const ReplyHead* reply, const Failure* failure, const Error& otherwise);
    void forget_address();
    void count(std::size_t bytes, std::span<const std::byte> content);
    std::string read_rest();
    void end_request();

    Session& session_;
    Locations& locations_;
    const RemoteFile file_;
    const std::string repo_, commit_, place_, key_;
    const std::uint64_t offset_, length_;
    const std::stop_token stop_;
    std::uint64_t done_ = 0, done_at_last_progress_ = 0;
    Tries tries_;
    int hops_ = 0, renewals_ = 0;
    std::optional<Url> url_; // of the request under way; nullopt = ask the resolve route
    Request request_;
    std::unique_ptr<Download> download_;
    bool arrived_ = false;
    int status_ = 0;
    std::uint64_t got_ = 0;                                 // by this request
    std::chrono::steady_clock::time_point since_, left_at_; // the caller may stay away for long
    std::optional<Sha256Stream> hash_;                      // where the range is the whole of a large file
};

} // namespace skw::hub

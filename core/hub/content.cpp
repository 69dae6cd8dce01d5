// SPDX-License-Identifier: Apache-2.0
// The calls for content: whole small files, ranges, streams.
#include "hub/ranges.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"

namespace skw::hub {

std::unique_ptr<RangeStream> Client::open_range(const RepoId& repo, const CommitId& commit,
                                                const RemoteFile& file, std::uint64_t offset,
                                                std::uint64_t length)
{
    return std::make_unique<RangeReader>(state_->session, state_->locations, repo, commit, file, offset,
                                         length);
}

void Client::read_range(const RepoId& repo, const CommitId& commit, const RemoteFile& file,
                        std::uint64_t offset, std::span<std::byte> into)
{
    RangeReader reader(state_->session, state_->locations, repo, commit, file, offset, into.size());
    while (!into.empty()) {
        into = into.subspan(reader.read(into));
    }
}

std::string Client::read_file(const RepoId& repo, const CommitId& commit, const RemoteFile& file,
                              std::uint64_t limit_bytes)
{
    const std::string place = repo.text() + "/" + safe(file.path.text());
    if (file.size > limit_bytes) {
        throw Error(ErrorCode::bad_input, place,
                    "has " + std::to_string(file.size) + " bytes; at most " + std::to_string(limit_bytes) +
                        " are allowed for such a file");
    }
    for (bool last = false;; last = true) {
        std::string content(static_cast<std::size_t>(file.size), '\0');
        // A large file's hash is checked by the reader; this is for the small ones, which have a blob id.
        try {
            read_range(repo, commit, file, 0, std::as_writable_bytes(std::span(content)));
            if (file.sha256 ? sha256_of(content) == *file.sha256 : git_blob_id(content) == file.blob_id) {
                return content;
            }
        } catch (const Error& error) {
            if (last || error.code() != ErrorCode::bad_input) {
                throw;
            }
        }
        if (last) {
            throw bad_reply(place, "its content does not have the hash of the listing");
        }
    }
}

} // namespace skw::hub

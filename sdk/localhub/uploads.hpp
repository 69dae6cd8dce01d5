// SPDX-License-Identifier: Apache-2.0
// Multipart uploads under way: ROOT/uploads/<id>/ with upload.json and one file a part.
#pragma once

#include "localhub/objects.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace skw::localhub {

struct Upload {
    std::string id; // 32 hex
    std::string kind, repo, oid;
    std::uint64_t size = 0, part_size = 0;

    std::uint64_t parts() const { return (size + part_size - 1) / part_size; }
    std::uint64_t bytes_of(std::uint64_t part) const; // from 1
};

// After a start: uploads of a day ago go, a completion that was cut off can be asked for again.
void tidy_uploads(const std::filesystem::path& uploads);

void begin_upload(const std::filesystem::path& uploads, const Upload& upload);
// Throws Refusal(404) for an id that is not under way.
Upload read_upload(const std::filesystem::path& uploads, std::string_view id);
std::string part_name(std::uint64_t part); // "00001"

// A part on its way in; replaces an earlier one of its number when it is kept.
class IncomingPart {
public:
    IncomingPart(const std::filesystem::path& uploads, const std::string& id, std::uint64_t part);
    ~IncomingPart();
    IncomingPart(const IncomingPart&) = delete;
    IncomingPart& operator=(const IncomingPart&) = delete;
    void write(std::span<const std::byte> bytes);
    std::string keep(bool sync = true); // the part's ETag, without quotes

private:
    std::filesystem::path folder_, path_;
    std::uint64_t part_;
    File file_;
    Sha256Stream hash_;
};

// The file of a part, whatever its ETag; empty when there is none.
std::filesystem::path find_part(const std::filesystem::path& uploads, const std::string& id,
                                std::uint64_t part);

// Takes an upload away from all others, does `work` in its folder, and ends it. After a Refusal the client
// may send what is missing and ask again, unless it is BadDigest.
void complete_upload(const std::filesystem::path& uploads, const Upload& upload,
                     const std::function<void(const std::filesystem::path& folder)>& work);

// Joins the parts into the object and ends the upload. etags: part number to ETag without quotes. Throws
// Refusal(400) when parts are missing, another ETag was given, or the whole has another SHA-256.
void finish_upload(const std::filesystem::path& uploads, const Upload& upload,
                   const std::map<std::uint64_t, std::string>& etags, const Objects& objects);

} // namespace skw::localhub

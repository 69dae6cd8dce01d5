// SPDX-License-Identifier: Apache-2.0
// Multipart uploads as files. A completion takes the folder by a rename, so that only one can have it.
#include "localhub/uploads.hpp"

#include "localhub/access.hpp"
#include "localhub/refusal.hpp"
#include "support/error.hpp"
#include "support/hex.hpp"
#include "support/json.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace skw::localhub {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view taken = ".completing";

bool is_upload_id(std::string_view text)
{
    return text.size() == 32 && is_lower_hex(text);
}

fs::path find_part_in(const fs::path& folder, std::uint64_t part)
{
    const std::string prefix = part_name(part) + ".";
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with(prefix)) {
            return entry.path();
        }
    }
    return {};
}

void join_parts(const fs::path& folder, const Upload& upload,
                const std::map<std::uint64_t, std::string>& etags, const Objects& objects)
{
    Objects::Incoming whole = objects.receive();
    std::vector<std::byte> block(256u << 10);
    for (std::uint64_t part = 1; part <= upload.parts(); ++part) {
        const auto etag = etags.find(part);
        const fs::path path = folder / (part_name(part) + "." + (etag == etags.end() ? "" : etag->second));
        if (etag == etags.end() || !is_lower_hex(etag->second) || !fs::exists(path) ||
            fs::file_size(path) != upload.bytes_of(part)) {
            throw Refusal(400,
                          "Part " + std::to_string(part) + " is missing, incomplete, or has another ETag.");
        }
        File file = File::open_read(path);
        while (const std::size_t got = file.read(block)) {
            whole.write(std::span(block).first(got));
        }
    }
    if (!whole.keep(upload.oid)) {
        throw Refusal(400, "The content does not have the SHA-256 that was announced.", "BadDigest");
    }
}

} // namespace

std::uint64_t Upload::bytes_of(std::uint64_t part) const
{
    return part < parts() ? part_size : size - (parts() - 1) * part_size;
}

void tidy_uploads(const fs::path& uploads)
{
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(uploads)) {
        found.push_back(entry.path());
    }
    for (const fs::path& path : found) {
        const bool old =
            fs::last_write_time(path) < fs::file_time_type::clock::now() - std::chrono::hours(24);
        if (old || !fs::exists(path / "upload.json")) {
            fs::remove_all(path);
        } else if (path.extension() == taken) {
            fs::rename(path, fs::path(path).replace_extension());
        }
    }
}

void begin_upload(const fs::path& uploads, const Upload& upload)
{
    fs::create_directories(uploads / upload.id);
    write_file_atomically(uploads / upload.id / "upload.json",
                          pretty_json(json::object{{"kind", upload.kind},
                                                   {"repo", upload.repo},
                                                   {"oid", upload.oid},
                                                   {"size", upload.size},
                                                   {"part_size", upload.part_size}}));
}

Upload read_upload(const fs::path& uploads, std::string_view id)
{
    const fs::path file = uploads / std::string(id) / "upload.json";
    if (!is_upload_id(id) || !fs::exists(file)) {
        throw Refusal(404, "There is no such upload; ask for a new one.", "NoSuchUpload");
    }
    const json::value value = parse_json(read_file(file, 64u << 10), file.string());
    Findings findings(file.string());
    const Reader reader(value, findings);
    Upload upload{.id = std::string(id),
                  .kind = reader.string("kind"),
                  .repo = reader.string("repo"),
                  .oid = reader.string("oid"),
                  .size = reader.size("size"),
                  .part_size = reader.size("part_size")};
    findings.throw_if_any();
    if (upload.part_size == 0 || upload.size == 0) {
        throw Error(ErrorCode::bad_input, file.string(), "is not an upload of a local Hub");
    }
    return upload;
}

std::string part_name(std::uint64_t part)
{
    const std::string digits = std::to_string(part);
    return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

IncomingPart::IncomingPart(const fs::path& uploads, const std::string& id, std::uint64_t part)
    : folder_(uploads / id),
      path_(folder_ / ("incoming-" + random_hex(16))),
      part_(part),
      file_(File::create(path_))
{
}

IncomingPart::~IncomingPart()
{
    std::error_code ignored;
    fs::remove(path_, ignored);
}

void IncomingPart::write(std::span<const std::byte> bytes)
{
    file_.write(bytes);
    hash_.add(bytes);
}

std::string IncomingPart::keep(bool sync)
{
    std::string etag = hash_.finish().hex().substr(0, 32);
    if (sync) {
        file_.sync();
    }
    for (fs::path old = find_part_in(folder_, part_); !old.empty(); old = find_part_in(folder_, part_)) {
        fs::remove(old);
    }
    fs::rename(path_, folder_ / (part_name(part_) + "." + etag));
    return etag;
}

fs::path find_part(const fs::path& uploads, const std::string& id, std::uint64_t part)
{
    return find_part_in(uploads / id, part);
}

void complete_upload(const fs::path& uploads, const Upload& upload,
                     const std::function<void(const fs::path&)>& work)
{
    const fs::path folder = uploads / upload.id;
    const fs::path mine = uploads / (upload.id + std::string(taken));
    std::error_code error;
    fs::rename(folder, mine, error);
    if (error) {
        throw Refusal(400, "This upload was completed before, or is being completed.");
    }
    try {
        work(mine);
    } catch (const Refusal& refusal) {
        if (refusal.code == "BadDigest") {
            fs::remove_all(mine, error);
        } else {
            fs::rename(mine, folder, error); // the client may send what is missing and ask again
        }
        throw;
    } catch (...) {
        fs::rename(mine, folder, error);
        throw;
    }
    fs::remove_all(mine, error);
}

void finish_upload(const fs::path& uploads, const Upload& upload,
                   const std::map<std::uint64_t, std::string>& etags, const Objects& objects)
{
    complete_upload(uploads, upload,
                    [&](const fs::path& folder) { join_parts(folder, upload, etags, objects); });
}

} // namespace skw::localhub

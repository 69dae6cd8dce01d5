// SPDX-License-Identifier: Apache-2.0
// The content store's files: ROOT/objects/ab/cdef..., and ROOT/objects/incoming-... on the way in.
#include "localhub/objects.hpp"

#include "localhub/access.hpp"
#include "support/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace skw::localhub {

void sync_folder(const std::filesystem::path& folder)
{
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        ::fsync(fd);
        ::close(fd);
    }
}

Objects::Objects(std::filesystem::path folder) : folder_(std::move(folder))
{
    std::filesystem::create_directories(folder_);
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        if (entry.path().filename().string().starts_with("incoming-")) {
            std::filesystem::remove(entry.path());
        }
    }
}

Objects::Incoming::Incoming(const Objects& home, std::filesystem::path path)
    : home_(&home),
      path_(std::move(path)),
      file_(File::create(path_))
{
}

Objects::Incoming::Incoming(Incoming&& other) noexcept
    : home_(other.home_),
      path_(std::exchange(other.path_, {})),
      file_(std::move(other.file_)),
      hash_(std::move(other.hash_)),
      size_(other.size_)
{
}

Objects::Incoming::~Incoming()
{
    if (!path_.empty()) {
        ::unlink(path_.c_str());
    }
}

void Objects::Incoming::write(std::span<const std::byte> bytes)
{
    file_->write(bytes);
    hash_.add(bytes);
    size_ += bytes.size();
}

std::optional<std::string> Objects::Incoming::keep(std::string_view wanted, bool sync)
{
    const std::string name = hash_.finish().hex();
    if (!wanted.empty() && wanted != name) {
        return std::nullopt;
    }
    const std::filesystem::path place = home_->place_of(name);
    if (!std::filesystem::exists(place)) {
        if (sync) {
            file_->sync();
        }
        std::filesystem::create_directories(place.parent_path());
        std::filesystem::rename(path_, place);
        path_.clear();
    }
    return name;
}

Objects::Incoming Objects::receive() const
{
    return Incoming(*this, folder_ / ("incoming-" + random_hex(16)));
}

std::string Objects::keep_text(std::string_view content, bool sync) const
{
    Incoming incoming = receive();
    incoming.write(std::as_bytes(std::span(content)));
    return *incoming.keep({}, sync);
}

bool Objects::has(std::string_view sha256) const
{
    return std::filesystem::exists(place_of(sha256));
}

std::filesystem::path Objects::place_of(std::string_view sha256) const
{
    return folder_ / std::string(sha256.substr(0, 2)) / std::string(sha256.substr(2));
}

std::string Objects::read(std::string_view sha256, std::uint64_t limit_bytes) const
{
    return read_file(place_of(sha256), limit_bytes);
}

void Objects::sync_all() const
{
    const int fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        ::syncfs(fd);
        ::close(fd);
    }
}

} // namespace skw::localhub

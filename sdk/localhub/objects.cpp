// SPDX-License-Identifier: Apache-2.0
// The content store's files: ROOT/objects/ab/cdef..., and ROOT/objects/incoming-... on the way in. In the
// place of content, cdef....synthetic is the description of a shard, and cdef....forgotten tells the size of
// what was let go.
#include "localhub/objects.hpp"

#include "localhub/access.hpp"
#include "localhub/refusal.hpp"
#include "support/error.hpp"
#include "support/json.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace skw::localhub {
namespace {

constexpr std::uint64_t quickly_hashed = 64u << 20; // a synthetic file up to here is known by its own SHA-256
constexpr std::uint64_t largest_description = 256u << 20;
constexpr std::size_t cached_shards = 256;

std::filesystem::path beside(const std::filesystem::path& place, const char* ending)
{
    return place.string() + ending;
}

class FileReader : public ObjectReader {
public:
    explicit FileReader(File file) : file_(std::move(file)) {}
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) override
    {
        return file_.read_at(offset, into);
    }

private:
    File file_;
};

class SyntheticReader : public ObjectReader {
public:
    explicit SyntheticReader(std::shared_ptr<const SampleShard> shard) : shard_(std::move(shard)) {}
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) override
    {
        return shard_->read(offset, into);
    }

private:
    std::shared_ptr<const SampleShard> shard_;
};

} // namespace

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
      path_(std::move(path))
{
    if (!path_.empty()) {
        file_ = File::create(path_);
    }
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
    if (file_) {
        file_->write(bytes);
    }
    hash_.add(bytes);
    size_ += bytes.size();
}

std::optional<std::string> Objects::Incoming::keep(std::string_view wanted, bool sync)
{
    const std::string name = hash_.finish().hex();
    if (!wanted.empty() && wanted != name) {
        return std::nullopt;
    }
    if (!file_) {
        home_->note_forgotten(name, size_);
        return name;
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

Objects::Incoming Objects::receive_and_forget() const
{
    return Incoming(*this, {});
}

void Objects::note_forgotten(std::string_view sha256, std::uint64_t size) const
{
    if (!has(sha256)) {
        const std::filesystem::path place = place_of(sha256);
        std::filesystem::create_directories(place.parent_path());
        write_file_atomically(beside(place, ".forgotten"),
                              canonical_json(json::object{{"bytes", size}}) + "\n");
    }
}

std::string Objects::keep_text(std::string_view content, bool sync) const
{
    Incoming incoming = receive();
    incoming.write(std::as_bytes(std::span(content)));
    return *incoming.keep({}, sync);
}

std::string Objects::keep_synthetic(const SampleShard& shard, bool sync) const
{
    const std::string text = shard.description();
    std::string name = sha256_of(text).hex();
    if (shard.bytes() <= quickly_hashed) {
        Sha256Stream hash;
        shard.write([&](std::span<const std::byte> bytes) { hash.add(bytes); });
        name = hash.finish().hex();
    }
    const std::filesystem::path place = beside(place_of(name), ".synthetic");
    if (!std::filesystem::exists(place)) {
        Incoming incoming = receive();
        incoming.write(std::as_bytes(std::span(text)));
        if (sync) {
            incoming.file_->sync();
        }
        std::filesystem::create_directories(place.parent_path());
        std::filesystem::rename(incoming.path_, place);
        incoming.path_.clear();
    }
    return name;
}

std::shared_ptr<const SampleShard> Objects::synthetic(std::string_view sha256) const
{
    const std::lock_guard lock(mutex_); // also while one is read: others would read the same
    if (const auto at = synthetic_.find(sha256); at != synthetic_.end()) {
        return at->second;
    }
    const std::filesystem::path place = beside(place_of(sha256), ".synthetic");
    if (!std::filesystem::exists(place)) {
        return nullptr;
    }
    auto shard = std::make_shared<const SampleShard>(
        SampleShard::described(read_file(place, largest_description), place.string()));
    if (synthetic_.size() >= cached_shards) {
        synthetic_.clear();
    }
    synthetic_.emplace(sha256, shard);
    return shard;
}

bool Objects::has(std::string_view sha256) const
{
    const std::filesystem::path place = place_of(sha256);
    return std::filesystem::exists(place) || std::filesystem::exists(beside(place, ".synthetic")) ||
           std::filesystem::exists(beside(place, ".forgotten"));
}

bool Objects::holds(std::string_view sha256) const
{
    return std::filesystem::exists(place_of(sha256));
}

std::filesystem::path Objects::place_of(std::string_view sha256) const
{
    return folder_ / std::string(sha256.substr(0, 2)) / std::string(sha256.substr(2));
}

std::uint64_t Objects::size(std::string_view sha256) const
{
    const std::filesystem::path place = place_of(sha256);
    if (std::filesystem::exists(place)) {
        return std::filesystem::file_size(place);
    }
    if (const auto shard = synthetic(sha256)) {
        return shard->bytes();
    }
    const std::filesystem::path note = beside(place, ".forgotten");
    const json::value value = parse_json(read_file(note, 1u << 10), note.string());
    Findings findings(note.string());
    const std::uint64_t size = Reader(value, findings).size("bytes");
    findings.throw_if_any();
    return size;
}

std::unique_ptr<ObjectReader> Objects::open(std::string_view sha256) const
{
    const std::filesystem::path place = place_of(sha256);
    if (!std::filesystem::exists(place)) {
        if (auto shard = synthetic(sha256)) {
            return std::make_unique<SyntheticReader>(std::move(shard));
        }
        if (std::filesystem::exists(beside(place, ".forgotten"))) {
            throw Refusal(
                410,
                "The content was checked when it came and was not kept: the Hub ran with --forget-above.",
                "ContentNotKept");
        }
    }
    return std::make_unique<FileReader>(File::open_read(place));
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

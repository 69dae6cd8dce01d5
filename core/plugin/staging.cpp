// SPDX-License-Identifier: Apache-2.0
// Staged outputs: the bytes a commit will be made of, and the lock on the folder they lie in.
#include "plugin/staging.hpp"

#include "plugin/hash_beside.hpp"
#include "plugin/scratch_root.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t hash_block = 1u << 20;

class RootLock {
public:
    explicit RootLock(const fs::path& root)
    {
        fd_ = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd_ < 0) {
            const std::string reason = std::generic_category().message(errno);
            throw Error(ErrorCode::io, root.string(), "cannot be used as scratch folder: " + reason);
        }
        if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
            const int why = errno;
            ::close(fd_);
            if (why == EWOULDBLOCK) {
                throw Error(ErrorCode::conflict, root.string(), "another run is using this scratch folder",
                            "wait for it, or give this run a folder of its own with --scratch");
            }
            throw Error(ErrorCode::io, root.string(),
                        "cannot be locked: " + std::generic_category().message(why),
                        "use a scratch folder on a local disk, with --scratch");
        }
    }
    ~RootLock() { ::close(fd_); }
    RootLock(const RootLock&) = delete;
    RootLock& operator=(const RootLock&) = delete;

private:
    int fd_ = -1;
};

bool is_inside(const fs::path& path, const fs::path& folder)
{
    const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end() && path != folder;
}

} // namespace

std::shared_ptr<const void> lease_scratch_root(const fs::path& root)
{
    // A lock of flock() excludes other openings of the same folder, those of this process as well; several
    // artifacts of one run use one root, so they share.
    static std::mutex mutex;
    static std::map<fs::path, std::weak_ptr<const RootLock>> held;
    make_scratch_root(root);
    std::error_code failure;
    const fs::path real = fs::canonical(root, failure);
    if (failure) {
        throw Error(ErrorCode::io, root.string(), "cannot be made: " + failure.message(),
                    "choose another scratch folder with --scratch");
    }
    const std::lock_guard<std::mutex> guard(mutex);
    if (const std::shared_ptr<const RootLock> lock = held[real].lock()) {
        return lock;
    }
    const auto lock = std::make_shared<const RootLock>(real);
    held[real] = lock;
    return lock;
}

OutputFile::OutputFile(Staging& staging, std::string id, PlannedOutput planned, fs::path target)
    : staging_(staging),
      id_(std::move(id)),
      planned_(std::move(planned)),
      target_(std::move(target))
{
}

OutputFile::~OutputFile()
{
    if (file_ && !finished_) {
        std::error_code ignored;
        fs::remove(target_, ignored);
    }
}

std::unique_lock<std::mutex> OutputFile::enter()
{
    std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
        throw Error(ErrorCode::contract, "output " + id_, "is written to by two threads at once");
    }
    if (finished_) {
        throw Error(ErrorCode::contract, "output " + id_, "is finished already");
    }
    if (broken_) {
        throw Error(ErrorCode::io, "output " + id_,
                    "could not be written before, so it is of no further use");
    }
    return lock;
}

void OutputFile::start_file()
{
    // Removed first, so that a link somebody left under this name is not followed.
    std::error_code failure;
    fs::remove(target_, failure);
    if (failure) {
        throw Error(ErrorCode::io, target_.string(), "is in the way: " + failure.message(),
                    "remove it, or choose another scratch folder with --scratch");
    }
    file_.emplace(File::create(target_));
}

void OutputFile::require_room(std::size_t bytes) const
{
    const std::uint64_t allowed = planned_.size.value_or(std::uint64_t{1} << 62);
    if (bytes > allowed - size_) {
        throw Error(ErrorCode::contract, "output " + id_,
                    "gets more than the " + std::to_string(allowed) + " bytes of the plan");
    }
}

void OutputFile::write(std::span<const std::byte> bytes)
{
    const std::unique_lock<std::mutex> lock = enter();
    if (!taken_.empty()) {
        throw Error(ErrorCode::contract, "output " + id_, "has its bytes from a file already");
    }
    if (!file_) {
        start_file();
    }
    require_room(bytes.size());
    broken_ = true;                   // unless all three go well
    HashBeside hashing(hash_, bytes); // while the file takes them
    size_ += bytes.size();
    file_->write(bytes);
    hashing.finish();
    broken_ = false;
}

OutputFile::Look OutputFile::look_at(const fs::path& file)
{
    struct stat info {};
    if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        throw Error(ErrorCode::contract, file.string(), "is not a regular file");
    }
    return {.device = info.st_dev,
            .inode = info.st_ino,
            .size = static_cast<std::uint64_t>(info.st_size),
            .seconds = info.st_mtim.tv_sec,
            .nanoseconds = info.st_mtim.tv_nsec};
}

void OutputFile::take(const fs::path& file, const fs::path& scratch, const std::stop_token& stop)
{
    const std::unique_lock<std::mutex> lock = enter();
    if (file_ || !taken_.empty()) {
        throw Error(ErrorCode::contract, "output " + id_, "has bytes already");
    }
    std::error_code failure;
    const fs::path real = fs::canonical(file, failure);
    if (failure || !is_inside(real, fs::canonical(scratch))) {
        throw Error(ErrorCode::contract, "output " + id_,
                    "the file given for it is not in the scratch directory");
    }
    taken_look_ = look_at(real);
    File source = File::open_read(real);
    std::vector<std::byte> block(hash_block);
    while (const std::size_t got = source.read(block)) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, {}, "stopped by the operator");
        }
        require_room(got);
        hash_.add(std::span(block).first(got));
        size_ += got;
    }
    taken_ = real;
}

StagedOutput OutputFile::finish()
{
    const std::unique_lock<std::mutex> lock = enter();
    if (planned_.size && *planned_.size != size_) {
        throw Error(ErrorCode::contract, "output " + id_,
                    "has " + std::to_string(size_) + " bytes, the plan says " +
                        std::to_string(*planned_.size));
    }
    if (!taken_.empty()) {
        if (look_at(taken_) != taken_look_) {
            throw Error(ErrorCode::contract, "output " + id_,
                        "its file was changed after it was handed over");
        }
        std::error_code failure;
        fs::rename(taken_, target_, failure);
        if (failure) {
            throw Error(ErrorCode::io, target_.string(), "cannot be made: " + failure.message());
        }
    } else if (!file_) {
        start_file(); // an output of no bytes
    }
    file_.reset();
    finished_ = true;
    StagedOutput output{.id = id_, .file = target_, .size = size_, .sha256 = hash_.finish()};
    staging_.finished(output);
    return output;
}

Staging::~Staging()
{
    if (released_) {
        return;
    }
    for (const StagedOutput& output : staged_) {
        std::error_code ignored;
        fs::remove(output.file, ignored);
    }
}

std::shared_ptr<OutputFile> Staging::open(std::string_view output)
{
    const auto planned = rights_.outputs.find(output);
    if (planned == rights_.outputs.end()) {
        throw Error(ErrorCode::contract, "output " + std::string(output), "is not in the plan");
    }
    const std::lock_guard<std::mutex> guard(mutex_);
    if (!opened_.insert(std::string(output)).second) {
        throw Error(ErrorCode::contract, "output " + std::string(output), "was opened before");
    }
    return std::make_shared<OutputFile>(*this, std::string(output), planned->second,
                                        root_ / planned->second.file);
}

void Staging::finished(StagedOutput output)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    staged_.push_back(std::move(output));
}

std::vector<StagedOutput> Staging::complete() const
{
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const auto& [id, planned] : rights_.outputs) {
        if (std::none_of(staged_.begin(), staged_.end(),
                         [&id = id](const StagedOutput& output) { return output.id == id; })) {
            throw Error(ErrorCode::contract, "output " + id, "is in the plan and was not made");
        }
    }
    return staged_;
}

} // namespace skw::plugin

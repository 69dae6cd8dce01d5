// SPDX-License-Identifier: Apache-2.0
// Fetching one file, with resume.
#include "plugin/fetched_file.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <vector>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_size = 256u << 10;
constexpr int attempts = 2;

// What the listing says of the content, checked while it passes. A listing without a hash says its size only.
class ContentCheck {
public:
    explicit ContentCheck(const SourceFile& file) : file_(file)
    {
        if (file.sha256) {
            sha256_.emplace();
        } else if (!file.blob_id.empty()) {
            blob_.emplace(file.size);
        }
    }
    void add(std::span<const std::byte> bytes)
    {
        if (sha256_) {
            sha256_->add(bytes);
        } else if (blob_) {
            blob_->add(bytes);
        }
    }
    bool fits() // once
    {
        return sha256_ ? sha256_->finish() == *file_.sha256 : !blob_ || blob_->finish() == file_.blob_id;
    }

private:
    const SourceFile& file_;
    std::optional<Sha256Stream> sha256_;
    std::optional<BlobIdStream> blob_;
};

struct Spot {
    OpenFolder folder;
    std::string name;
};

std::vector<std::string> parts_of(const std::string& path)
{
    return parts_below(fs::path("/" + path), fs::path("/")).value_or(std::vector<std::string>{});
}

Spot make_spot(const OpenFolder& into, const std::string& path)
{
    std::vector<std::string> parts = parts_of(path);
    std::string name = std::move(parts.back());
    parts.pop_back();
    return {.folder = into.make(parts), .name = std::move(name)};
}

Error io_failure(const Spot& spot, const std::string& name, std::string_view what, int why)
{
    return Error(why == ENOSPC || why == EDQUOT ? ErrorCode::no_space : ErrorCode::io,
                 (spot.folder.path() / name).string(),
                 std::string(what) + ": " + std::generic_category().message(why));
}

// A link or a special file under this name goes; a folder does not.
void clear_name(const Spot& spot, const std::string& name)
{
    if (::unlinkat(spot.folder.descriptor(), name.c_str(), 0) != 0 && errno != ENOENT) {
        throw io_failure(spot, name, "is in the way", errno);
    }
}

// A regular file of ours with no other name: writing into it, or trusting it, touches nothing else.
std::optional<File> open_own(const Spot& spot, const std::string& name, int flags)
{
    const int fd =
        ::openat(spot.folder.descriptor(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO || errno == ENOSPC ||
            errno == EDQUOT) { // says nothing about the file: what is there stays
            throw io_failure(spot, name, "cannot be opened", errno);
        }
        return std::nullopt;
    }
    File file = File::adopt(fd, spot.folder.path() / name);
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink != 1 ||
        info.st_uid != ::geteuid()) {
        return std::nullopt;
    }
    return file;
}

File open_part(const Spot& spot)
{
    const std::string name = part_name(spot.name);
    if (std::optional<File> known = open_own(spot, name, O_RDWR | O_APPEND)) {
        return *std::move(known);
    }
    clear_name(spot, name);
    std::optional<File> fresh = open_own(spot, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL);
    if (!fresh) {
        throw io_failure(spot, name, "cannot be made", errno);
    }
    return *std::move(fresh);
}

void hash_existing(const FetchContext& context, const File& file, std::uint64_t size, ContentCheck& check)
{
    std::vector<std::byte> block(block_size);
    for (std::uint64_t at = 0; at < size;) {
        context.check();
        const std::size_t got = file.read_at(at, std::span(block).first(static_cast<std::size_t>(
                                                     std::min<std::uint64_t>(size - at, block_size))));
        if (got == 0) {
            throw Error(ErrorCode::io, file.path().string(), "was changed while it was read");
        }
        check.add(std::span(block).first(got));
        context.moved(static_cast<std::int64_t>(got));
        at += got;
    }
}

void read_on(const FetchContext& context, const SourceFile& source, File& file, std::uint64_t have,
             ContentCheck& check)
{
    if (have == source.size) {
        return;
    }
    const std::unique_ptr<ByteStream> stream =
        context.sources.open(context.input, source.path, have, source.size - have);
    std::vector<std::byte> block(block_size);
    for (std::uint64_t left = source.size - have; left > 0;) {
        context.check();
        const std::size_t got = stream->read(
            std::span(block).first(static_cast<std::size_t>(std::min<std::uint64_t>(left, block_size))));
        if (got == 0) {
            throw Error(ErrorCode::network, context.input + "/" + source.path, "ended before its last byte",
                        "run the same command again; it goes on from here");
        }
        file.write(std::span(block).first(got));
        check.add(std::span(block).first(got));
        context.moved(static_cast<std::int64_t>(got));
        left -= got;
    }
}

bool is_finished(const FetchContext& context, const Spot& spot, const SourceFile& source)
{
    const std::optional<File> file = open_own(spot, spot.name, O_RDONLY);
    if (file && file->size() == source.size) {
        ContentCheck check(source);
        hash_existing(context, *file, source.size, check);
        if (check.fits()) {
            return true;
        }
        context.moved(-static_cast<std::int64_t>(source.size));
    }
    clear_name(spot, spot.name);
    return false;
}

bool finish_part(const FetchContext& context, Spot& spot, const SourceFile& source)
{
    File part = open_part(spot);
    std::uint64_t have = part.size();
    if (have > source.size) {
        part.truncate(0);
        have = 0;
    }
    ContentCheck check(source);
    hash_existing(context, part, have, check);
    read_on(context, source, part, have, check);
    if (!check.fits()) {
        context.moved(-static_cast<std::int64_t>(source.size));
        clear_name(spot, part_name(spot.name));
        return false;
    }
    part.sync();
    const int folder = spot.folder.descriptor();
    if (::renameat(folder, part_name(spot.name).c_str(), folder, spot.name.c_str()) != 0) {
        throw io_failure(spot, spot.name, "cannot be made", errno);
    }
    spot.folder.sync();
    return true;
}

} // namespace

std::string part_name(const std::string& name)
{
    return name + ".part";
}

std::uint64_t bytes_there(const OpenFolder& into, const SourceFile& file)
{
    std::vector<std::string> parts = parts_of(file.path);
    const std::string name = std::move(parts.back());
    parts.pop_back();
    std::optional<OpenFolder> inner;
    for (const std::string& part : parts) {
        std::optional<OpenFolder> next = (inner ? *inner : into).find(part);
        if (!next) {
            return 0;
        }
        inner.emplace(*std::move(next));
    }
    const int folder = (inner ? *inner : into).descriptor();
    struct stat info {};
    const auto size_of = [&](const std::string& wanted) -> std::uint64_t {
        const bool regular =
            ::fstatat(folder, wanted.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
        return regular ? static_cast<std::uint64_t>(info.st_size) : 0;
    };
    if (size_of(name) == file.size) {
        return file.size;
    }
    const std::uint64_t part = size_of(part_name(name));
    return part <= file.size ? part : 0;
}

void fetch_file(const FetchContext& context, const SourceFile& file)
{
    Spot spot = make_spot(context.into, file.path);
    if (is_finished(context, spot, file)) {
        return;
    }
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (finish_part(context, spot, file)) {
            return;
        }
    }
    throw Error(ErrorCode::bad_input, context.input + "/" + file.path,
                "does not have the content that the repository's listing names",
                "run the same command again; if it stays, tell the owner of the repository");
}

} // namespace skw::plugin

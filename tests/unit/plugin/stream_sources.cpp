// SPDX-License-Identifier: Apache-2.0
// Sources in memory that fail as asked.
#include "unit/plugin/stream_sources.hpp"

#include "support/digest.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace skw::plugin::testing {

class StreamSources::Stream final : public ByteStream {
public:
    Stream(StreamSources& owner, std::string path, std::string bytes)
        : owner_(owner),
          path_(std::move(path)),
          bytes_(std::move(bytes))
    {
    }
    ~Stream() override
    {
        const std::lock_guard<std::mutex> guard(owner_.mutex_);
        --owner_.open_;
    }
    std::size_t read(std::span<std::byte> into) override
    {
        const std::size_t size =
            owner_.take(path_, std::min({into.size(), owner_.piece, bytes_.size() - done_}));
        std::memcpy(into.data(), bytes_.data() + done_, size);
        done_ += size;
        return size;
    }

private:
    StreamSources& owner_;
    std::string path_, bytes_;
    std::size_t done_ = 0;
};

std::size_t StreamSources::take(const std::string& path, std::size_t wanted)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    if (on_read) {
        on_read(path);
    }
    if (bytes_read >= cut_after) {
        throw Error(ErrorCode::network, path, "the connection was cut");
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, cut_after - bytes_read));
    bytes_read += size;
    return size;
}

std::vector<SourceFile> StreamSources::list(std::string_view)
{
    std::vector<SourceFile> listing;
    for (const auto& [path, content] : files) {
        SourceFile file{.path = path, .size = content.size(), .sha256 = std::nullopt, .blob_id = {}};
        if (path.ends_with(".json")) {
            file.blob_id = git_blob_id(content);
        } else {
            file.sha256 = sha256_of(content);
        }
        listing.push_back(std::move(file));
    }
    return listing;
}

std::unique_ptr<ByteStream> StreamSources::open(std::string_view, std::string_view path, std::uint64_t offset,
                                                std::uint64_t length)
{
    std::unique_lock<std::mutex> lock(mutex_);
    opened.emplace_back(path, offset);
    most_open = std::max(most_open, ++open_);
    if (open_ == meet) {
        met = true;
        all_there_.notify_all();
    }
    all_there_.wait_for(lock, std::chrono::seconds(meet == 0 ? 0 : 20), [&] { return meet == 0 || met; });
    const std::string& content = files.at(std::string(path));
    return std::make_unique<Stream>(*this, std::string(path),
                                    content.substr(std::min<std::size_t>(content.size(), offset), length));
}

void StreamSources::read_at(std::string_view, std::string_view path, std::uint64_t offset,
                            std::span<std::byte> into)
{
    std::memcpy(into.data(), files.at(std::string(path)).data() + offset, into.size());
}

} // namespace skw::plugin::testing

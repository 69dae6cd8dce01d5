// SPDX-License-Identifier: Apache-2.0
// The sources of content.
#include "hub/content_source.hpp"

#include "hub/stream.hpp"

namespace skw::hub {
namespace {

class LocalSource final : public ContentSource {
public:
    explicit LocalSource(const Addition& addition) : addition_(addition) {}
    void arrange(std::uint64_t) override {}
    bool await_part(std::size_t, const std::stop_token& over) override { return !over.stop_requested(); }
    void put_into(Request& request, std::size_t, std::uint64_t offset, std::uint64_t length) override
    {
        if (const std::string* const text = std::get_if<std::string>(&addition_.content)) {
            request.body = text->substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
        } else {
            request.body = FilePart{std::get<std::filesystem::path>(addition_.content), offset, length};
        }
    }
    std::optional<Error> failure() const override { return std::nullopt; }

private:
    const Addition& addition_;
};

class StreamedSource final : public ContentSource {
public:
    StreamedSource(Session& session, Locations& locations, const RemoteContent& content, BlockShare& blocks,
                   const std::stop_token& stop)
        : session_(session),
          locations_(locations),
          content_(content),
          blocks_(blocks),
          stop_(stop)
    {
    }
    void arrange(std::uint64_t part_bytes) override
    {
        if (!stream_ || stream_->part_bytes() != part_bytes) {
            stream_.reset();
            stream_ = std::make_unique<Stream>(session_, locations_, content_, part_bytes, blocks_, stop_);
        }
    }
    bool await_part(std::size_t index, const std::stop_token& over) override
    {
        return stream_->await_part(index, over);
    }
    void put_into(Request& request, std::size_t index, std::uint64_t, std::uint64_t length) override
    {
        FedBody body;
        body.length = length;
        body.open = [this, index] { return stream_->open(index); };
        request.body = std::move(body);
    }
    std::optional<Error> failure() const override { return stream_ ? stream_->failure() : std::nullopt; }

private:
    Session& session_;
    Locations& locations_;
    const RemoteContent& content_;
    BlockShare& blocks_;
    const std::stop_token stop_;
    std::unique_ptr<Stream> stream_;
};

} // namespace

std::unique_ptr<ContentSource> make_content_source(Session& session, Locations& locations,
                                                   const Addition& addition, BlockShare& blocks,
                                                   const std::stop_token& stop)
{
    if (const RemoteContent* const remote = std::get_if<RemoteContent>(&addition.content)) {
        return std::make_unique<StreamedSource>(session, locations, *remote, blocks, stop);
    }
    return std::make_unique<LocalSource>(addition);
}

} // namespace skw::hub

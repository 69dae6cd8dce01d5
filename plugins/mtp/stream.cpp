// SPDX-License-Identifier: Apache-2.0
// The loop over ranges, tensors and buffers.
#include "mtp/stream.hpp"

#include "mtp/convert.hpp"
#include "mtp/plan.hpp"

#include <algorithm>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

class Streamer {
public:
    Streamer(const sdk::Call& call, const sdk::Hub& hub, const std::string& input, const Head& head,
             const Output& output, sdk::Writer& sink, std::span<std::byte> buffer, Meter& meter)
        : call_(call),
          hub_(hub),
          input_(input),
          head_(head),
          output_(output),
          sink_(sink),
          buffer_(buffer),
          meter_(meter)
    {
        for (const Range& range : output.ranges) {
            total_ += range.end - range.begin;
        }
    }

    void run()
    {
        sink_.write(output_.layout.head);
        call_.progress(step_id, 0, total_);
        for (const Range& range : output_.ranges) {
            call_.throw_if_cancelled();
            ++meter_.requests;
            sdk::Reader reader =
                hub_.open(input_, head_.shards[range.shard], range.begin, range.end - range.begin);
            std::uint64_t at = range.begin;
            for (std::size_t number = range.first; number < range.last; ++number) {
                const SelectedTensor& tensor = output_.ordered[number];
                if (tensor.source.begin == tensor.source.end) {
                    continue;
                }
                skip(reader, tensor.source.begin - at);
                move(reader, tensor);
                at = tensor.source.end;
            }
        }
    }

private:
    // Fills the first `length` bytes of the buffer, however short the single reads are.
    std::span<std::byte> fill(sdk::Reader& reader, std::size_t length)
    {
        std::size_t have = 0;
        while (have < length) {
            call_.throw_if_cancelled();
            const std::size_t got = reader.read(buffer_.subspan(have, length - have));
            if (got == 0 || got > length - have) {
                throw sdk::Failure(SKW_E_NETWORK, {}, "the source ended inside of a tensor").retryable();
            }
            have += got;
        }
        meter_.bytes_read += length;
        done_ += length;
        call_.progress(step_id, done_, total_);
        return buffer_.first(length);
    }

    void skip(sdk::Reader& reader, std::uint64_t length)
    {
        while (length != 0) {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer_.size()));
            fill(reader, part);
            length -= part;
        }
    }

    void move(sdk::Reader& reader, const SelectedTensor& tensor)
    {
        Tally tally;
        for (std::uint64_t left = tensor.source.end - tensor.source.begin; left != 0;) {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
            const std::span<std::byte> bytes = fill(reader, part);
            sink_.write(std::span<const std::byte>(convert(bytes, tensor.action, tally)));
            left -= part;
        }
        judge(tensor, tally);
    }

    // In place: results are never longer than their sources and begin where these begin.
    static std::span<std::byte> convert(std::span<std::byte> bytes, Action action, Tally& tally)
    {
        switch (action) {
        case Action::copy: bf16_row_reference(bytes, bytes, tally); return bytes;
        case Action::from_f16: f16_row_to_bf16_reference(bytes, bytes, tally); return bytes;
        case Action::from_f32:
            f32_row_to_bf16_reference(bytes, bytes.first(bytes.size() / 2), tally);
            return bytes.first(bytes.size() / 2);
        case Action::keep: break;
        }
        return bytes;
    }

    void judge(const SelectedTensor& tensor, const Tally& tally) const
    {
        const std::string& file = head_.shards[tensor.source.shard];
        const std::string name = printable_name(tensor.source.name);
        if (tally.nan != 0) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file),
                               name + " holds " + std::to_string(tally.nan) +
                                   " value(s) that are not a number",
                               "a head with such weights only makes wrong guesses; look for a sound release");
        }
        if (tally.overflow != 0) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file),
                               name + " holds " + std::to_string(tally.overflow) +
                                   " finite value(s) beyond the range of BF16");
        }
        if (tally.inf_in_source != 0) {
            call_.warning(name + " holds " + std::to_string(tally.inf_in_source) +
                          " infinite value(s), kept as they are");
        }
    }

    const sdk::Call& call_;
    const sdk::Hub& hub_;
    const std::string& input_;
    const Head& head_;
    const Output& output_;
    sdk::Writer& sink_;
    std::span<std::byte> buffer_;
    Meter& meter_;
    std::uint64_t done_ = 0, total_ = 0;
};

} // namespace

void stream_tensors(const sdk::Call& call, const sdk::Hub& hub, const std::string& input, const Head& head,
                    const Output& output, sdk::Writer& sink, std::span<std::byte> buffer, Meter& meter)
{
    Streamer(call, hub, input, head, output, sink, buffer, meter).run();
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Ranges to bytes to elements, one band at a time.
#include "mtp/transfer/worker.hpp"

#include "safetensors/error.hpp"

#include <algorithm>

namespace skw::mtp {

void Account::add_request()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    ++meter_.requests;
}

void Account::add_bytes(std::uint64_t bytes)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    meter_.bytes_read += bytes;
    done_ += bytes;
    call_.progress(step_, done_, total_);
}

Worker::Worker(const Job& job)
    : job_(job),
      buffer_(static_cast<std::size_t>(std::min<std::uint64_t>(read_buffer_bytes, job.totals.fetch_bytes))),
      output_(static_cast<std::size_t>(job.totals.largest_output)),
      companions_(static_cast<std::size_t>(job.totals.largest_companions))
{
}

void Worker::run() noexcept
{
    constexpr std::uint64_t no_band = UINT64_MAX;
    std::uint64_t number = no_band;
    try {
        while (job_.line.claim(band_)) {
            number = band_.number;
            work_on(number);
            number = no_band;
        }
    } catch (const Stopped&) {
        return;
    } catch (...) {
        job_.line.fail(number);
    }
}

void Worker::work_on(std::uint64_t number)
{
    try {
        fetch();
    } catch (const sdk::Failure& failure) {
        // What is wrong with the data waits for what may be wrong before it, so that the same source always
        // gives the same error. Everything else ends the run now.
        if (failure.status() == SKW_E_BAD_INPUT) {
            job_.line.await_turn(number);
        }
        throw;
    }
    if (!job_.line.await_turn(number)) {
        throw Stopped();
    }
    write();
    job_.line.end_turn();
}

void Worker::check_wishes() const
{
    if (job_.line.is_stopped()) {
        throw Stopped();
    }
    job_.call.throw_if_cancelled();
}

void Worker::fetch()
{
    tallies_.assign(band_.pieces.size(), Tally{});
    for (const FetchRange& range : band_.ranges) {
        fetch_range(range);
    }
}

void Worker::fetch_range(const FetchRange& range)
{
    check_wishes();
    const std::string& file = job_.shards[range.shard];
    job_.account.add_request();
    sdk::Reader reader = job_.hub.open(job_.input, file, range.begin, range.end - range.begin);
    std::uint64_t at = range.begin;
    for (std::size_t number = range.first; number < range.last; ++number) {
        const Part& part = band_.parts[number];
        skip(reader, part.begin - at, file);
        if (part.weight) {
            take_weights(reader, part, file);
        } else {
            fill(reader,
                 std::span(companions_)
                     .subspan(static_cast<std::size_t>(part.companion_at),
                              static_cast<std::size_t>(part.end - part.begin)),
                 file);
        }
        at = part.end;
    }
}

void Worker::take_weights(sdk::Reader& reader, const Part& part, const std::string& file)
{
    const Piece& piece = band_.pieces[part.piece];
    const OutputTensor& tensor = job_.tensors[piece.tensor];
    const unsigned bits = stored_bits(tensor.stored), made = output_bytes(tensor);
    std::span<std::byte> out =
        std::span(output_).subspan(static_cast<std::size_t>(piece.output_at),
                                   static_cast<std::size_t>((piece.last - piece.first) * made));
    Tally& tally = tallies_[part.piece];
    if (is_copied(tensor)) {
        fill(reader, out, file);
        if (tensor.stored.storage.element == Element::f32) {
            count_f32(out, tally);
        }
        return;
    }
    PieceConverter converter(tensor, piece, companions_, job_.shards, job_.kernels, scratch_);
    // The size of the buffer is a multiple of every element's.
    for (std::uint64_t left = part.end - part.begin; left != 0;) {
        const std::span<std::byte> bytes =
            std::span(buffer_).first(static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size())));
        fill(reader, bytes, file);
        const std::size_t produced = bytes.size() * 8 / bits * made;
        converter.add(bytes, out.first(produced));
        out = out.subspan(produced);
        left -= bytes.size();
    }
    tally = converter.tally();
}

void Worker::skip(sdk::Reader& reader, std::uint64_t bytes, const std::string& file)
{
    while (bytes != 0) {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer_.size()));
        fill(reader, std::span(buffer_).first(part), file);
        bytes -= part;
    }
}

// Fills all of `into`, however short the single reads are.
void Worker::fill(sdk::Reader& reader, std::span<std::byte> into, const std::string& file)
{
    while (!into.empty()) {
        check_wishes();
        const std::size_t got = reader.read(into);
        if (got == 0 || got > into.size()) {
            throw sdk::Failure(SKW_E_NETWORK, safetensors::printable_name(file),
                               "the source ended inside of a tensor")
                .retryable();
        }
        into = into.subspan(got);
        job_.account.add_bytes(got);
    }
}

void Worker::write()
{
    for (std::size_t at = 0; at < band_.pieces.size(); ++at) {
        job_.judge.add(band_.pieces[at], tallies_[at]);
    }
    check_wishes();
    job_.sink.write(std::span<const std::byte>(output_).first(static_cast<std::size_t>(band_.output_bytes)));
}

} // namespace skw::mtp

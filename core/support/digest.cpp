// SPDX-License-Identifier: Apache-2.0
// Hashes of content, by OpenSSL.
#include "support/digest.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hex.hpp"

// The plain functions: those behind EVP_* ask OpenSSL 3 for its providers first, which takes a millisecond, and
// every start hashes the plugins. The compiled code behind both is the same.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <vector>

namespace skw {
namespace {

void require(int ok)
{
    if (ok != 1) {
        throw Error(ErrorCode::internal, "hash", "OpenSSL refused to hash");
    }
}

} // namespace

struct Sha256Stream::State {
    State() { require(SHA256_Init(&context)); }
    SHA256_CTX context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::add(std::span<const std::byte> bytes)
{
    require(SHA256_Update(&state_->context, bytes.data(), bytes.size()));
}

Sha256 Sha256Stream::finish()
{
    std::array<std::byte, Sha256::size> bytes{};
    require(SHA256_Final(reinterpret_cast<unsigned char*>(bytes.data()), &state_->context));
    return Sha256(bytes);
}

Sha256Stream Sha256Stream::fork() const
{
    Sha256Stream copy;
    *copy.state_ = *state_;
    return copy;
}

Sha256 sha256_of(std::string_view bytes)
{
    Sha256Stream stream;
    stream.add(std::as_bytes(std::span(bytes)));
    return stream.finish();
}

Sha256 read_sha256(const std::filesystem::path& file)
{
    Sha256Stream stream;
    File in = File::open_read(file);
    // Small enough to come from the heap each time: larger pieces are mapped, and each page of them is a fault.
    std::vector<std::byte> buffer(64 * 1024);
    while (const std::size_t got = in.read(buffer)) {
        stream.add(std::span(buffer).first(got));
    }
    return stream.finish();
}

struct BlobIdStream::State {
    State() { require(SHA1_Init(&context)); }
    SHA_CTX context;
};

BlobIdStream::BlobIdStream(std::uint64_t length) : state_(std::make_unique<State>())
{
    const std::string head = "blob " + std::to_string(length);
    add(std::as_bytes(std::span(head.c_str(), head.size() + 1))); // with its zero byte
}
BlobIdStream::~BlobIdStream() = default;
BlobIdStream::BlobIdStream(BlobIdStream&&) noexcept = default;
BlobIdStream& BlobIdStream::operator=(BlobIdStream&&) noexcept = default;

void BlobIdStream::add(std::span<const std::byte> bytes)
{
    require(SHA1_Update(&state_->context, bytes.data(), bytes.size()));
}

std::string BlobIdStream::finish()
{
    std::array<std::byte, 20> bytes{};
    require(SHA1_Final(reinterpret_cast<unsigned char*>(bytes.data()), &state_->context));
    return to_hex(bytes);
}

std::string git_blob_id(std::string_view content)
{
    BlobIdStream stream(content.size());
    stream.add(std::as_bytes(std::span(content)));
    return stream.finish();
}

} // namespace skw

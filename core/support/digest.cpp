// SPDX-License-Identifier: Apache-2.0
// Hashes of content, by OpenSSL.
#include "support/digest.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hex.hpp"

#include <openssl/evp.h>

#include <array>
#include <vector>

namespace skw {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

void require(int ok)
{
    if (ok != 1) {
        throw Error(ErrorCode::internal, "hash", "OpenSSL refused to hash");
    }
}

Context start(const char* algorithm)
{
    // Looked up once per algorithm: OpenSSL 3 walks its providers at each look-up.
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    Context context(EVP_MD_CTX_new());
    require(context != nullptr &&
            EVP_DigestInit_ex(context.get(), algorithm == std::string_view("SHA1") ? sha1 : sha256, nullptr));
    return context;
}

} // namespace

struct Sha256Stream::State {
    Context context = start("SHA2-256");
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::add(std::span<const std::byte> bytes)
{
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Sha256 Sha256Stream::finish()
{
    std::array<std::byte, Sha256::size> bytes{};
    require(
        EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr));
    return Sha256(bytes);
}

Sha256Stream Sha256Stream::fork() const
{
    Sha256Stream copy;
    require(EVP_MD_CTX_copy_ex(copy.state_->context.get(), state_->context.get()));
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
    Context context = start("SHA1");
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
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

std::string BlobIdStream::finish()
{
    std::array<std::byte, 20> bytes{};
    require(
        EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr));
    return to_hex(bytes);
}

std::string git_blob_id(std::string_view content)
{
    BlobIdStream stream(content.size());
    stream.add(std::as_bytes(std::span(content)));
    return stream.finish();
}

} // namespace skw

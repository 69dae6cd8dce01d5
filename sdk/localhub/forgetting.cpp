// SPDX-License-Identifier: Apache-2.0
// Parts may come in any order; those that came too early wait on the disk.
#include "localhub/forgetting.hpp"

#include "localhub/refusal.hpp"

namespace skw::localhub {
namespace {

namespace fs = std::filesystem;

void add_file(Sha256Stream& hash, const fs::path& path)
{
    File file = File::open_read(path);
    std::vector<std::byte> block(256u << 10);
    while (const std::size_t got = file.read(block)) {
        hash.add(std::span(block).first(got));
    }
}

} // namespace

std::shared_ptr<ForgettingUploads::State> ForgettingUploads::state_of(const std::string& id)
{
    const std::lock_guard lock(mutex_);
    auto& state = states_[id];
    if (!state) {
        state = std::make_shared<State>();
    }
    return state;
}

std::string ForgettingUploads::take(const fs::path& uploads, const Upload& upload, std::uint64_t part,
                                    IncomingPart& incoming)
{
    const std::shared_ptr<State> state = state_of(upload.id);
    const std::lock_guard lock(state->mutex);
    const std::string etag = incoming.keep(false);
    if (const auto before = state->taken.find(part); before != state->taken.end()) { // sent again
        fs::remove(find_part(uploads, upload.id, part));
        if (before->second != etag) {
            throw Refusal(400, "Part " + std::to_string(part) + " was sent before with other content.",
                          "BadDigest");
        }
        return etag;
    }
    for (std::uint64_t next = state->taken.size() + 1; next <= upload.parts(); ++next) {
        const fs::path path = find_part(uploads, upload.id, next);
        if (path.empty()) {
            break;
        }
        add_file(state->hash, path);
        state->taken[next] = path.extension().string().substr(1);
        fs::remove(path);
    }
    return etag;
}

void ForgettingUploads::finish(const fs::path& uploads, const Upload& upload,
                               const std::map<std::uint64_t, std::string>& etags, const Objects& objects)
{
    const std::shared_ptr<State> state = state_of(upload.id);
    const auto end = [&] {
        const std::lock_guard lock(mutex_);
        states_.erase(upload.id);
    };
    complete_upload(uploads, upload, [&](const fs::path&) {
        const std::lock_guard lock(state->mutex);
        for (std::uint64_t part = 1; part <= upload.parts(); ++part) {
            const auto etag = etags.find(part);
            const auto taken = state->taken.find(part);
            if (etag == etags.end() || taken == state->taken.end() || etag->second != taken->second) {
                throw Refusal(400, "Part " + std::to_string(part) + " is missing, or has another ETag.");
            }
        }
        if (state->hash.finish().hex() != upload.oid) {
            end();
            throw Refusal(400, "The content does not have the SHA-256 that was announced.", "BadDigest");
        }
        objects.note_forgotten(upload.oid, upload.size);
    });
    end();
}

} // namespace skw::localhub

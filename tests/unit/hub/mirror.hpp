// SPDX-License-Identifier: Apache-2.0
// A source repo and a target on one local Hub, and a client whose traffic is that of one commit.
#pragma once

#include "fixture.hpp"
#include "hub/session.hpp"

#include <tuple>

namespace skw::test {

using namespace skw::hub;

inline constexpr std::size_t basic_bytes = 1'500'000, large_bytes = 7'345'678; // in one PUT; in eight parts

// A source repo and an empty target. Above 2 MiB an object goes in parts of 1 MiB.
struct Mirror : LocalHub {
    Mirror() : LocalHub(1000, 2u << 20, 1u << 20) { client->create_repo(repo); }

    // The files stand in the source; additions that bring them to the target without the Hub's own copy.
    std::vector<Addition> source(const std::vector<std::string>& contents)
    {
        client->create_repo(source_repo);
        CommitRequest request{source_repo, client->read_repo(source_repo).head, "files", "", {}, {}};
        for (std::size_t i = 0; i < contents.size(); ++i) {
            request.additions.push_back(
                text_addition("model-" + std::to_string(i) + ".safetensors", contents[i]));
        }
        const auto outcome = client->commit(request);
        const Tree tree = client->read_tree(source_repo, std::get<Committed>(outcome).commit);
        std::vector<Addition> out;
        for (const Addition& addition : request.additions) {
            RemoteContent remote{source_repo, tree.commit, *tree.find(addition.path.text())};
            remote.file.storage_hash.reset();
            out.push_back(Addition{addition.path, remote, addition.size, addition.sha256});
        }
        server->forget_requests();
        return out;
    }

    void set_source(const std::string& settings)
    {
        Session session(quick_settings(server->endpoint()), {});
        session.send(session.put(api_path(source_repo, "/settings"), settings), "settings");
    }
    // The same files with the storage hashes that the listing tells now.
    std::vector<Addition> with_hashes(std::vector<Addition> files)
    {
        const Tree tree = client->read_tree(source_repo, client->read_repo(source_repo).head);
        for (Addition& file : files) {
            std::get<RemoteContent>(file.content).file = *tree.find(file.path.text());
        }
        return files;
    }

    // By a client of its own, whose traffic is that of the commit alone.
    Committed commit(const std::vector<Addition>& additions, const UploadProgress& progress = {})
    {
        CommitRequest wanted = request(additions);
        server->forget_requests();
        Settings settings = quick_settings(server->endpoint());
        Client mover(settings, stop.get_token());
        CommitEvents events;
        events.progress = progress;
        events.note = [&](std::string_view line) { notes.emplace_back(line); };
        events.file = [&](std::string_view path, std::uint64_t sent, std::uint64_t size) {
            told.emplace_back(path, sent, size);
        };
        const auto outcome = mover.commit(wanted, events);
        moved = mover.traffic();
        return std::get<Committed>(outcome);
    }

    // Bytes of content that the store gave and took.
    std::uint64_t given() const { return sum("GET", &localhub::Request::reply_bytes); }
    std::uint64_t taken() const { return sum("PUT", &localhub::Request::body_bytes); }
    std::uint64_t sum(const std::string& method, std::uint64_t localhub::Request::*bytes) const
    {
        std::uint64_t total = 0;
        for (const auto& one : server->requests()) {
            const bool content = one.target.starts_with("/objects/") || one.target.starts_with("/parts/");
            total += content && one.method == method ? one.*bytes : 0;
        }
        return total;
    }
    bool arrived(const std::string& name, const std::string& content)
    {
        const Tree tree = client->read_tree(repo, head());
        return read(tree, name, 0, content.size()) == content;
    }

    RepoId source_repo = *RepoId::parse("maker/model");
    std::vector<std::string> notes;
    std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> told; // path, sent bytes, size
    Traffic moved;
};

} // namespace skw::test

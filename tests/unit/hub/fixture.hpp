// SPDX-License-Identifier: Apache-2.0
// A local Hub on port 0 with a client for it, and short ways to say what tests say often.
#pragma once

#include "hub/client.hpp"

#include "localhub/server.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skw::test {

inline hub::Settings quick_settings(const std::string& endpoint)
{
    hub::Settings settings;
    settings.endpoint = endpoint;
    settings.token = Secret("hf_testtokenoftheunittests");
    settings.connect_timeout = std::chrono::seconds(10);
    settings.idle_timeout = std::chrono::seconds(20);
    settings.call_timeout = std::chrono::seconds(60);
    settings.first_pause = std::chrono::milliseconds(1);
    return settings;
}

inline std::optional<Error> error_of(const std::function<void()>& call)
{
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

// That the call throws this code, and says this somewhere.
inline bool fails_with(ErrorCode code, const std::string& text, const std::function<void()>& call)
{
    const auto error = error_of(call);
    return error && error->code() == code &&
           (std::string(error->what()) + " " + std::string(error->hint())).find(text) != std::string::npos;
}

inline hub::Addition text_addition(const std::string& path, std::string content)
{
    hub::Addition addition{*RepoPath::parse(path), content, content.size(), sha256_of(content)};
    return addition;
}

// Bytes without a pattern that a shifted range could hide in.
inline std::string noise(std::size_t size, unsigned seed = 1)
{
    std::string out(size, '\0');
    for (char& c : out) {
        seed = seed * 1664525u + 1013904223u;
        c = static_cast<char>(seed >> 24);
    }
    return out;
}

struct LocalHub {
    explicit LocalHub(std::size_t page_size = 1000, std::uint64_t multipart_threshold = 64u << 20,
                      std::uint64_t part_size = 1u << 20)
    {
        options.root = folder.path() / "hub";
        options.page_size = page_size;
        options.multipart_threshold = multipart_threshold;
        options.part_size = part_size;
        restart();
    }

    // The same repos, another port, no faults.
    void restart()
    {
        server.reset();
        server = std::make_unique<localhub::Server>(options);
        client = std::make_unique<hub::Client>(quick_settings(server->endpoint()), stop.get_token());
    }

    void once(const std::string& method, const std::string& part, const std::string& name,
              std::uint64_t number = 0, int times = 1, int after = 0)
    {
        localhub::Fault fault;
        fault.method = method;
        fault.path_part = part;
        fault.name = name;
        fault.number = number;
        fault.times = times;
        fault.after = after;
        server->ask_fault(fault);
    }

    // Requests whose method and target fit.
    int count(const std::string& method, const std::string& part) const
    {
        int n = 0;
        for (const auto& request : server->requests()) {
            n += request.method == method && request.target.find(part) != std::string::npos ? 1 : 0;
        }
        return n;
    }

    CommitId head() { return client->read_repo(repo).head; }

    hub::CommitRequest request(std::vector<hub::Addition> additions)
    {
        hub::CommitRequest out{repo, head(), "a test", "", std::move(additions), {}};
        return out;
    }

    // A repo with these files; its listing.
    hub::Tree publish(std::vector<hub::Addition> additions)
    {
        client->create_repo(repo);
        const auto outcome = client->commit(request(std::move(additions)));
        return client->read_tree(repo, std::get<hub::Committed>(outcome).commit);
    }

    std::string read(const hub::Tree& tree, const std::string& path, std::uint64_t offset, std::size_t length)
    {
        std::string out(length, '\0');
        client->read_range(tree.repo, tree.commit, *tree.find(path), offset,
                           std::as_writable_bytes(std::span(out)));
        return out;
    }

    TempFolder folder;
    localhub::ServerOptions options;
    std::unique_ptr<localhub::Server> server;
    std::stop_source stop;
    std::unique_ptr<hub::Client> client;
    RepoId repo = *RepoId::parse("acme/qwen-mtp");
};

} // namespace skw::test

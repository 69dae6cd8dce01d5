// SPDX-License-Identifier: Apache-2.0
// The inputs of a plan, pinned to commits of the Hub.
#pragma once

#include "hub/client.hpp"
#include "plugin/host.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

// One input of a plan: a repo at one commit, and the files that the plan's patterns select.
struct PinnedInput {
    std::string id;
    hub::RepoInfo info;
    hub::Tree tree;
    std::vector<hub::RemoteFile> license_files; // whatever the patterns are
};

// Resolves the revision once and lists the repo at that commit.
PinnedInput pin_input(hub::Client& hub, const json::object& input);

// plugin::Sources over the Hub: every byte is read at the pinned commit.
class HubSources : public plugin::Sources {
public:
    HubSources(hub::Client& hub, const std::vector<PinnedInput>& inputs) : hub_(&hub), inputs_(&inputs) {}

    std::vector<plugin::SourceFile> list(std::string_view input) override;
    std::unique_ptr<plugin::ByteStream> open(std::string_view input, std::string_view path,
                                             std::uint64_t offset, std::uint64_t length) override;
    void read_at(std::string_view input, std::string_view path, std::uint64_t offset,
                 std::span<std::byte> into) override;

private:
    struct Found {
        const PinnedInput* input;
        const hub::RemoteFile* file;
    };
    const PinnedInput& find_input(std::string_view id) const;
    Found find_file(std::string_view id, std::string_view path) const;

    hub::Client* hub_;
    const std::vector<PinnedInput>* inputs_;
};

} // namespace skw::publish

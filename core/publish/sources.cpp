// SPDX-License-Identifier: Apache-2.0
// The inputs of a plan, pinned to commits of the Hub.
#include "publish/sources.hpp"

#include "plugin/rights.hpp"
#include "publish/license_files.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <iterator>

namespace skw::publish {
namespace {

class StreamOverHub : public plugin::ByteStream {
public:
    explicit StreamOverHub(std::unique_ptr<hub::RangeStream> stream) : stream_(std::move(stream)) {}
    std::size_t read(std::span<std::byte> into) override { return stream_->read(into); }

private:
    std::unique_ptr<hub::RangeStream> stream_;
};

} // namespace

PinnedInput pin_input(hub::Client& hub, const json::object& input)
{
    const std::string name(input.at("repo").as_string());
    const std::optional<RepoId> repo = RepoId::parse(name);
    if (!repo) {
        throw Error(ErrorCode::bad_input, name, "is not a repository name of the form owner/name");
    }
    hub::RepoInfo info = hub.read_repo(*repo);
    hub::Tree tree = hub.read_tree(*repo, info.head);
    std::vector<hub::RemoteFile> license_files;
    std::copy_if(tree.files.begin(), tree.files.end(), std::back_inserter(license_files),
                 [](const hub::RemoteFile& file) { return is_license_file(file.path.text()); });
    // As in an execution, where a plan without patterns selects every file.
    const json::value* const patterns = input.if_contains("patterns");
    if (patterns != nullptr && patterns->is_array() && !patterns->get_array().empty()) {
        std::erase_if(tree.files, [&](const hub::RemoteFile& file) {
            return std::ranges::none_of(patterns->get_array(), [&](const json::value& pattern) {
                return plugin::matches(std::string_view(pattern.as_string()), file.path.text());
            });
        });
    }
    return {std::string(input.at("id").as_string()), std::move(info), std::move(tree),
            std::move(license_files)};
}

const PinnedInput& HubSources::find_input(std::string_view id) const
{
    const auto found = std::find_if(inputs_->begin(), inputs_->end(),
                                    [&](const PinnedInput& input) { return input.id == id; });
    if (found == inputs_->end()) {
        throw Error(ErrorCode::contract, "", "the input " + python_repr(id) + " is not in the plan");
    }
    return *found;
}

HubSources::Found HubSources::find_file(std::string_view id, std::string_view path) const
{
    const PinnedInput& input = find_input(id);
    const hub::RemoteFile* file = input.tree.find(path);
    if (file == nullptr) {
        throw Error(ErrorCode::not_found,
                    input.tree.repo.text() + "@" + std::string(input.tree.commit.text().substr(0, 12)),
                    "has no file " + python_repr(path));
    }
    return {&input, file};
}

std::vector<plugin::SourceFile> HubSources::list(std::string_view input)
{
    std::vector<plugin::SourceFile> files;
    for (const hub::RemoteFile& file : find_input(input).tree.files) {
        files.push_back({file.path.text(), file.size, file.sha256, file.blob_id});
    }
    return files;
}

std::unique_ptr<plugin::ByteStream> HubSources::open(std::string_view input, std::string_view path,
                                                     std::uint64_t offset, std::uint64_t length)
{
    const Found found = find_file(input, path);
    const hub::Tree& tree = found.input->tree;
    return std::make_unique<StreamOverHub>(
        hub_->open_range(tree.repo, tree.commit, *found.file, offset, length));
}

void HubSources::read_at(std::string_view input, std::string_view path, std::uint64_t offset,
                         std::span<std::byte> into)
{
    const Found found = find_file(input, path);
    const hub::Tree& tree = found.input->tree;
    hub_->read_range(tree.repo, tree.commit, *found.file, offset, into);
}

} // namespace skw::publish

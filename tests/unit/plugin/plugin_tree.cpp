// SPDX-License-Identifier: Apache-2.0
// Helpers of the plugin tests.
#include "unit/plugin/plugin_tree.hpp"

#include "plugin/manifest.hpp"
#include "support/digest.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>

namespace skw::plugin::testing {

namespace fs = std::filesystem;

json::object make_manifest(std::string_view id, std::string_view kind, std::string_view content)
{
    const std::string platform(host_platform());
    const std::size_t first = platform.find('-');
    const std::size_t last = platform.rfind('-');
    return {{"schema", "skw.plugin-manifest/1"},
            {"id", id},
            {"name", "A fixture"},
            {"version", "1.0.0"},
            {"license", "Apache-2.0"},
            {"abi", {{"major", 1}, {"minor", 0}, {"min_host_minor", 0}}},
            {"kinds", json::array{{{"name", kind}, {"title", "A fixture"}}}},
            {"artifacts", json::array{{{"os", platform.substr(0, first)},
                                       {"arch", platform.substr(first + 1, last - first - 1)},
                                       {"libc", platform.substr(last + 1)},
                                       {"library", "plugin.so"},
                                       {"size", content.size()},
                                       {"sha256", sha256_of(content).hex()}}}},
            {"needs", {{"tools", json::array()}, {"network", false}}}};
}

fs::path PluginTree::add(std::string_view fixture, std::string_view id, std::string_view kind,
                         const std::function<void(json::object&)>& edit, std::string_view folder_name)
{
    const std::string real_id = id.empty() ? "test." + std::string(fixture) : std::string(id);
    const fs::path folder = root() / (folder_name.empty() ? real_id : std::string(folder_name));
    fs::create_directories(folder);
    const std::string library =
        read_file(fs::path(SKW_FIXTURES) / (std::string(fixture) + ".so"), 256u << 20);
    write_file_atomically(folder / "plugin.so", library);
    json::object manifest = make_manifest(real_id, kind.empty() ? fixture : kind, library);
    if (edit) {
        edit(manifest);
    }
    write_file_atomically(folder / manifest_name, pretty_json(manifest));
    return folder;
}

Inventory PluginTree::discover(std::string_view source) const
{
    return plugin::discover({Place{.folder = root(), .source = std::string(source)}});
}

Candidate PluginTree::candidate(std::string_view id) const
{
    const Inventory inventory = discover();
    const Candidate* found = inventory.find(id);
    BOOST_REQUIRE(found != nullptr);
    BOOST_REQUIRE_MESSAGE(found->usable(), found->reason);
    return *found;
}

namespace {

class MemoryStream final : public ByteStream {
public:
    MemoryStream(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
    std::size_t read(std::span<std::byte> into) override
    {
        const std::size_t size = std::min({into.size(), piece_, bytes_.size() - done_});
        std::memcpy(into.data(), bytes_.data() + done_, size);
        done_ += size;
        return size;
    }

private:
    std::string bytes_;
    std::size_t piece_, done_ = 0;
};

} // namespace

std::vector<SourceFile> MemorySources::list(std::string_view input)
{
    BOOST_TEST_REQUIRE(input == "source");
    std::vector<SourceFile> listing;
    for (const auto& [path, content] : files) {
        listing.insert(listing.begin(),
                       {.path = path, .size = content.size(), .sha256 = std::nullopt, .blob_id = {}});
    }
    return listing;
}

std::unique_ptr<ByteStream> MemorySources::open(std::string_view, std::string_view path, std::uint64_t offset,
                                                std::uint64_t length)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    ++opened;
    return std::make_unique<MemoryStream>(files.at(std::string(path)).substr(offset, length), piece);
}

void MemorySources::read_at(std::string_view, std::string_view path, std::uint64_t offset,
                            std::span<std::byte> into)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    std::memcpy(into.data(), files.at(std::string(path)).data() + offset, into.size());
}

void Record::log(int level, std::string_view text)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    lines.emplace_back(level, text);
}

void Record::progress(std::string_view step, std::uint64_t, std::uint64_t)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    steps.emplace_back(step);
    if (on_progress) {
        on_progress();
    }
}

json::value make_plan(std::string_view kind, std::string_view doing, json::value size,
                      json::value scratch_bytes)
{
    return {{"schema", "skw.plan/1"},
            {"kind", kind},
            {"do", doing},
            {"configured", true},
            {"summary", json::array()},
            {"inputs", json::array{{{"id", "source"},
                                    {"repo", "acme/source"},
                                    {"revision", "0123456789012345678901234567890123456789"},
                                    {"patterns", json::array{"*.bin"}}}}},
            {"outputs", json::array{{{"id", "one"},
                                     {"repo", "acme/target"},
                                     {"path", "one.bin"},
                                     {"media_type", "application/octet-stream"},
                                     {"file", "one.bin"},
                                     {"size", std::move(size)}}}},
            {"target", {{"repo", "acme/target"}, {"commit_message", "Add one"}}},
            {"steps", json::array{{{"id", "copy"},
                                   {"title", "copy"},
                                   {"kind", "make"},
                                   {"inputs", json::array{"source"}},
                                   {"outputs", json::array{"one"}},
                                   {"scratch_bytes", std::move(scratch_bytes)}}}},
            {"card",
             {{"artifact_type", "t"},
              {"source_repo", "acme/source"},
              {"target_model", "acme/source"},
              {"about", "a"},
              {"usage", "u"}}},
            {"tools", json::array()}};
}

std::vector<std::string> tree_of(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        names.push_back(fs::relative(entry.path(), folder).native());
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace skw::plugin::testing

// SPDX-License-Identifier: Apache-2.0
// A fresh folder with files, and the catalogue or the complaint that comes out of it.
#pragma once

#include "catalog/catalog.hpp"
#include "sample_rules.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace skw::tests {

struct Folder {
    TempFolder temp;
    SampleRules rules;
    catalog::LoadRequest request;

    Folder()
    {
        request.builtin_file = std::string(SKW_SOURCE_DIR) + "/catalog/foxlight.yaml";
        request.working_folder = temp.path();
    }

    std::string path(const std::string& name) const { return (temp.path() / name).string(); }
    std::string write(const std::string& name, std::string_view content) const
    {
        std::filesystem::create_directories((temp.path() / name).parent_path());
        std::ofstream(path(name), std::ios::binary) << content;
        return path(name);
    }
    catalog::Catalog read() const { return catalog::read_catalog(request, rules); }

    // The complaint of a manifest read with --manifest, "" if there is none.
    std::string manifest_error(std::string_view content)
    {
        request.config.clear();
        request.manifest = write("m.yaml", content);
        return error();
    }
    // The same of a configuration given with --config.
    std::string config_error(std::string_view content)
    {
        request.manifest.clear();
        request.config = write("c.yaml", content);
        return error();
    }
    // The folder's own path is cut off, so that texts can be compared byte for byte.
    std::string error() const
    {
        try {
            read();
        } catch (const Error& error) {
            std::string text = error.what();
            const std::string prefix = temp.path().string() + "/";
            for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
                text.erase(at, prefix.size());
            }
            return text;
        }
        return {};
    }
};

// A valid entry as members of a YAML mapping; a later member with the same key replaces an earlier one.
inline std::string entry(const std::string& more = {}, const std::string& key = "a")
{
    return "  - {key: " + key +
           ", source_model: o/m, quant: q4k, tier: smoke, slices: [full], output_name: " + key +
           ".vindex, hf_repo: acme/" + key + (more.empty() ? "" : ", ") + more + "}\n";
}

} // namespace skw::tests

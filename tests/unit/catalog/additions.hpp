// SPDX-License-Identifier: Apache-2.0
// A folder with a built-in catalog of its own, so that additions may be written to it.
#pragma once

#include "catalog/addition.hpp"

#include "folder.hpp"

#include <sys/stat.h>

#include <string>

namespace skw::tests {

struct Additions : Folder {
    Additions()
    {
        request.builtin_file = write("share/foxlight.yaml", read_file(request.builtin_file, 1u << 20));
        request.overlay_file = path("home/.config/skulk-weights/foxlight.yaml");
    }

    std::string content(const std::string& name) const { return read_file(path(name), 1u << 20); }
    catalog::Place place(const std::string& to = {}) const
    {
        return catalog::choose_place(request, to.empty() ? "" : path(to), rules);
    }
    static catalog::Detected model(const std::string& id)
    {
        catalog::Detected detected;
        detected.id = id;
        detected.quant = "q4k";
        detected.tier = "smoke";
        detected.bases.chain = {id};
        return detected;
    }
    catalog::Addition addition(const std::string& id, const std::string& to = {}) const
    {
        catalog::Place chosen = place(to);
        catalog::NewEntry entry = catalog::make_entry(model(id), chosen.owner);
        return {std::move(chosen), std::move(entry), rules};
    }
    void configure(const std::string& more = {})
    {
        request.config = write("skulk-weights.yaml", "catalogs:\n  - path: ./ops.yaml\n    namespace: ops\n"
                                                     "    hf_owner: acme\n" +
                                                         more);
    }
    mode_t mode(const std::string& name) const
    {
        struct stat info {};
        return ::stat(path(name).c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
    }
};

} // namespace skw::tests

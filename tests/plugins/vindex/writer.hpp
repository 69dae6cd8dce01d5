// SPDX-License-Identifier: Apache-2.0
// Writes the vindex of a sample model as LARQL would, so that a test can damage it and see what is said.
#pragma once

#include "sample_model.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>

namespace skw::test {

// kquant: the later spelling of the file names.
Bytes make_vindex(const SampleModel& model, const std::string& repo = "acme/model", bool kquant = false);
// The vindex of sample_of(kind, tied), made once.
const Bytes& vindex_of(Kind kind, const std::string& repo = "acme/model", bool tied = true);
// The slice expert-server of it.
Bytes make_slice(const Bytes& full);

// Changes a JSON file of the folder in place.
void change_object(Bytes& files, const std::string& path, void (*change)(boost::json::object&));
void change_list(Bytes& files, const std::string& path, void (*change)(boost::json::array&));
// Makes the checksums of index.json fit the files again.
void sum_again(Bytes& files);

std::string sha256_of(const std::string& bytes);
void write_files(const std::filesystem::path& folder, const Bytes& files);

} // namespace skw::test

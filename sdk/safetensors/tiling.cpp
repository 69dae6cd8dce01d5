// SPDX-License-Identifier: Apache-2.0
// The checks of tensors against each other.
#include "safetensors/tiling.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

namespace skw::safetensors {

namespace {

void check_names(const std::vector<Tensor>& tensors)
{
    std::vector<std::string_view> names;
    names.reserve(tensors.size());
    for (const Tensor& tensor : tensors) {
        names.push_back(tensor.name);
    }
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
        throw Error(Reason::duplicate_name, std::string(*twice), "stands twice");
    }
}

// tensors are sorted by their offsets and must follow each other from 0 to data_bytes.
void check_tiling(const std::vector<Tensor>& tensors, std::uint64_t data_bytes)
{
    std::uint64_t at = 0;
    for (const Tensor& tensor : tensors) {
        if (tensor.begin < at) {
            throw Error(Reason::overlap, tensor.name,
                        "begins at " + std::to_string(tensor.begin) + ", inside of the tensor before it");
        }
        if (tensor.end > data_bytes) {
            throw Error(Reason::beyond_file, tensor.name,
                        "ends at " + std::to_string(tensor.end) + ", but the file holds " +
                            std::to_string(data_bytes) + " bytes of data");
        }
        if (tensor.begin > at) {
            throw Error(Reason::hole, tensor.name,
                        "begins at " + std::to_string(tensor.begin) + ", but the data before it end at " +
                            std::to_string(at));
        }
        at = tensor.end;
    }
    if (at != data_bytes) {
        throw Error(Reason::trailing_bytes, {},
                    std::to_string(data_bytes - at) + " bytes stand behind the last tensor");
    }
}

} // namespace

void sort_and_check(std::vector<Tensor>& tensors, std::uint64_t data_bytes)
{
    check_names(tensors);
    std::ranges::sort(tensors, [](const Tensor& left, const Tensor& right) {
        return std::tie(left.begin, left.end, left.name) < std::tie(right.begin, right.end, right.name);
    });
    check_tiling(tensors, data_bytes);
}

} // namespace skw::safetensors

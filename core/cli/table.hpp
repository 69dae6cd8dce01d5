// SPDX-License-Identifier: Apache-2.0
// Rows in columns of equal width.
#pragma once

#include <string>
#include <vector>

namespace skw::cli {

class Table {
public:
    explicit Table(std::vector<std::string> heads) { rows_.push_back(std::move(heads)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string text() const; // "" cells become "-"; columns of amounts end in one place

private:
    std::vector<std::vector<std::string>> rows_;
};

} // namespace skw::cli

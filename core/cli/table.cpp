// SPDX-License-Identifier: Apache-2.0
// Rows in columns of equal width.
#include "cli/table.hpp"

#include <algorithm>

namespace skw::cli {

std::string Table::text() const
{
    std::vector<std::size_t> widths(rows_.front().size(), 1);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string cell = row[i].empty() ? "-" : row[i];
            line += cell + std::string(widths[i] - cell.size() + 2, ' ');
        }
        out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

} // namespace skw::cli

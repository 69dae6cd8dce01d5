// SPDX-License-Identifier: Apache-2.0
// Rows in columns of equal width.
#include "cli/table.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

// Digits, perhaps in groups of thousands.
bool is_amount(std::string_view cell)
{
    return !cell.empty() && cell.find_first_not_of("0123456789,") == std::string_view::npos;
}

} // namespace

std::string Table::text() const
{
    std::vector<std::size_t> widths(rows_.front().size(), 1);
    std::vector<bool> amounts(rows_.front().size(), rows_.size() > 1); // whether a column holds nothing else
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
            amounts[i] = amounts[i] && (&row == &rows_.front() || row[i].empty() || is_amount(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string cell = row[i].empty() ? "-" : row[i];
            const std::string fill(widths[i] - cell.size(), ' ');
            line += (amounts[i] ? fill + cell : cell + fill) + "  ";
        }
        out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

} // namespace skw::cli

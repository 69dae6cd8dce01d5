// SPDX-License-Identifier: Apache-2.0
// Reads, decodes, compares.
#include "vindex/sample_rows.hpp"

#include "vindex/floats.hpp"
#include "vindex/json_fields.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <vector>

namespace skw::vindex {
namespace {

constexpr double q4_limit = 0.25, q6_limit = 0.10; // of the row's own root mean square
constexpr double least_error = 1e-5;               // below this the F16 scales of the blocks give out

[[noreturn]] void refuse(const std::string& file, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, file, std::move(text));
}

double root_mean_square(double sum, std::size_t count)
{
    return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(count, 1)));
}

std::string percent(double part)
{
    char text[48];
    std::snprintf(text, sizeof text, "%.0f %%", std::min(part, 1e6) * 100);
    return text;
}

} // namespace

void SampleRows::compare_f16(const LocalFile& file, std::uint64_t offset, const SourceTensor& tensor,
                             std::uint64_t row) const
{
    const std::vector<float> wanted = source_.row(tensor, row);
    if (wanted.size() != hidden_) {
        refuse(file.shown(), "the rows of the source's tensor '" + shown(tensor.tensor.name) + "' have " +
                                 std::to_string(wanted.size()) + " elements, hidden_size is " +
                                 std::to_string(hidden_));
    }
    std::vector<std::byte> bytes(wanted.size() * 2);
    file.read_exactly(offset, bytes);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto found = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[2 * i]) |
                                                      std::to_integer<unsigned>(bytes[2 * i + 1]) << 8);
        const bool both_odd = std::isnan(wanted[i]) && std::isnan(f32_from_f16(found));
        if (found != f16_from_f32(wanted[i]) && !both_odd) {
            refuse(file.shown(), "row " + std::to_string(row) + " of '" + shown(tensor.tensor.name) +
                                     "' differs from the source at element " + std::to_string(i));
        }
    }
}

void SampleRows::compare_packed(const LocalFile& file, const Matrix& matrix, std::uint64_t row,
                                const SourceTensor& tensor, std::uint64_t source_row) const
{
    const std::vector<float> wanted = source_.row(tensor, source_row);
    if (padded(wanted.size()) != matrix.columns) {
        refuse(file.shown(), matrix.name + " has " + std::to_string(matrix.columns) +
                                 " columns, the source's rows have " + std::to_string(wanted.size()));
    }
    const std::uint64_t row_bytes = matrix.columns / block_elements * quant_block_bytes(matrix.quant);
    std::vector<std::byte> blocks(static_cast<std::size_t>(row_bytes));
    file.read_exactly(plus(matrix.offset, times(row, row_bytes)), blocks);
    std::vector<float> found(static_cast<std::size_t>(matrix.columns));
    decode_blocks(matrix.quant, blocks, found);
    double error = 0, own = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        error += std::pow(static_cast<double>(found[i]) - static_cast<double>(wanted[i]), 2);
        own += std::pow(static_cast<double>(wanted[i]), 2);
    }
    error = root_mean_square(error, wanted.size());
    own = root_mean_square(own, wanted.size());
    const double limit = matrix.quant == Quant::q4_k ? q4_limit : q6_limit;
    // Written so that an error that is not a number is refused as well.
    if (!(error <= std::max(least_error, limit * own))) {
        refuse(file.shown(), matrix.name + ", row " + std::to_string(row) + ", differs from the source's '" +
                                 shown(tensor.tensor.name) + "': the error is " + percent(error / own) +
                                 " of its values, at most " + percent(limit) + " are the format's own");
    }
}

void SampleRows::compare_ends(const LocalFile& file, const Matrix& matrix, const SourceTensor& tensor) const
{
    if (tensor.rows() != matrix.rows) {
        refuse(file.shown(), matrix.name + " has " + std::to_string(matrix.rows) + " rows, the source's '" +
                                 shown(tensor.tensor.name) + "' has " + std::to_string(tensor.rows()));
    }
    for (const std::uint64_t row : {std::uint64_t{0}, matrix.rows - 1}) {
        compare_packed(file, matrix, row, tensor, row);
    }
}

void SampleRows::compare_vector(const LocalFile& file, std::uint64_t offset, const SourceTensor& tensor) const
{
    const std::vector<float> wanted = source_.row(tensor, 0);
    std::vector<std::byte> bytes(wanted.size() * 4);
    file.read_exactly(offset, bytes);
    bool same = true, one_more = true;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        std::uint32_t bits = 0;
        for (std::size_t byte = 4; byte-- > 0;) {
            bits = bits << 8 | std::to_integer<std::uint32_t>(bytes[4 * i + byte]);
        }
        const auto found = std::bit_cast<float>(bits);
        same = same && found == wanted[i];
        one_more = one_more && found == wanted[i] + 1.0f;
    }
    if (!same && !one_more) {
        refuse(file.shown(), "'" + shown(tensor.tensor.name) + "' differs from the source");
    }
}

} // namespace skw::vindex

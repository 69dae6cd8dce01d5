// SPDX-License-Identifier: Apache-2.0
// Single rows of a vindex file against rows of the source's tensors.
//
// F16 rows are the source's values, so they must be equal. What is in Q4_K or Q6_K has lost precision: for
// weights that look like noise a good encoder's root mean square error is about 8 % of the row's own (Q4_K)
// and 2 % (Q6_K), a coarse one's twice that, while another row or other bytes come to 140 %. The limits lie
// in between: 25 % and 10 %.
#pragma once

#include "vindex/kquant.hpp"
#include "vindex/local_files.hpp"
#include "vindex/source.hpp"

#include <cstdint>
#include <string>

namespace skw::vindex {

// A matrix inside of a vindex file: rows of whole blocks.
struct Matrix {
    std::string name; // for people
    Quant quant = Quant::q4_k;
    std::uint64_t offset = 0, rows = 0, columns = 0; // columns with the filling
};

// All throw Failure(SKW_E_BAD_INPUT) that names the file, the row and the source's tensor.
class SampleRows {
public:
    // source must outlive it.
    SampleRows(const Source& source, std::uint64_t hidden) : source_(source), hidden_(hidden) {}

    // The F16 row at `offset` against one row of the tensor: equal to the bit.
    void compare_f16(const LocalFile& file, std::uint64_t offset, const SourceTensor& tensor,
                     std::uint64_t row) const;
    // One row of a matrix against one row of a tensor.
    void compare_packed(const LocalFile& file, const Matrix& matrix, std::uint64_t row,
                        const SourceTensor& tensor, std::uint64_t source_row) const;
    // First and last row of a matrix that is the whole tensor.
    void compare_ends(const LocalFile& file, const Matrix& matrix, const SourceTensor& tensor) const;
    // A vector of F32 against a tensor of one dimension: its values, or its values plus one, which is how
    // some families mean their norms.
    void compare_vector(const LocalFile& file, std::uint64_t offset, const SourceTensor& tensor) const;

private:
    const Source& source_;
    std::uint64_t hidden_;
};

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// Which row of the table of storage formats a weight fits, and if none does, why.
#include "mtp/storage/formats.hpp"

#include "mtp/storage/geometry.hpp"

#include "safetensors/error.hpp"

#include <optional>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::Dtype;
using safetensors::dtype_name;
using safetensors::printable_name;
using safetensors::tensor_bytes;

constexpr Set unscaled = set_of(Dtype::bf16, Dtype::f16, Dtype::f32, Dtype::i16, Dtype::i32, Dtype::i64);

std::string described(const SourceTensor& tensor)
{
    return std::string(dtype_name(tensor.dtype)) + " " + shape_text(tensor.shape);
}

// "weight_scale" of "mtp.x.weight_scale": short, and the same for all experts.
std::string short_name(const SourceTensor& tensor)
{
    return printable_name(last_component(tensor.name));
}

std::string named(const SourceTensor& companion)
{
    return described(companion) + " (" + short_name(companion) + ")";
}

// "is stored as F8_E4M3 [256, 300] with scales F32 [2, 3] (weight_scale_inv)"
std::string with_scales(const Candidate& given)
{
    return " is stored as " + described(*given.weight) + " with scales " + named(*given.scale);
}

// The weight's shape once unpacked; nullopt: impossible.
std::optional<std::vector<std::uint64_t>> logical_shape(const StorageFormat& row, const Candidate& given)
{
    std::vector<std::uint64_t> shape = given.weight->shape;
    if (row.element != Element::fp4) {
        return shape;
    }
    std::uint64_t bytes = 1;
    if (given.marking == Marking::blocks) { // [.., G, 16] is [.., 16 G]
        if (shape.size() < 2 || shape.back() != 16) {
            return std::nullopt;
        }
        bytes = 16;
        shape.pop_back();
    }
    if (shape.empty() || __builtin_mul_overflow(shape.back(), bytes * 2, &shape.back())) {
        return std::nullopt;
    }
    return shape;
}

std::optional<Fit> fit_of(const StorageFormat& row, const TextConfig& config, Shape weight, Shape scale)
{
    if (row.lie == Lie::groups) {
        return fit_groups(weight, scale, row.width);
    }
    const std::optional<Fit> fit = fit_by_shape(weight, scale, config.block);
    return fit && row.lie == Lie::one_value && !fit->is_one_value() ? std::nullopt : fit;
}

std::string_view scale_text(Dtype dtype)
{
    switch (dtype) {
    case Dtype::u8:
    case Dtype::f8_e8m0: return "E8M0";
    case Dtype::f8_e4m3: return "E4M3";
    default: return dtype_name(dtype);
    }
}

std::string format_text(const StorageFormat& row, const Candidate& given, const std::optional<Fit>& fit)
{
    std::string out(dtype_name(given.weight->dtype));
    if (row.element == Element::fp4) {
        out += row.second == Second::none ? "-FP4" : "-NVFP4";
    }
    if (given.zero != nullptr) {
        out += "+zero";
    }
    if (fit) {
        out += "/" + fit_text(*fit) + "/" + std::string(scale_text(given.scale->dtype));
    }
    if (row.second != Second::none) {
        out += row.second == Second::multiplied ? "*F32" : ":F32";
    }
    return out;
}

Grid grid_of(const SourceTensor& tensor, const Fit& fit)
{
    return {tensor, fit.block_rows, fit.block_columns, fit.one_for_all};
}

// Walks the rows and remembers how far the best of them came, for the complaint.
class Matcher {
public:
    Matcher(const Candidate& given, const TextConfig& config) : given_(given), config_(config) {}

    std::variant<StoredTensor, Complaint> run()
    {
        for (const SourceTensor* one : {given_.weight, given_.scale, given_.second, given_.zero}) {
            if (one != nullptr && !tensor_bytes(one->dtype, one->shape)) {
                return Complaint{SKW_E_BAD_INPUT,
                                 " has more elements than 64 bits can count: " + described(*one)};
            }
        }
        for (const StorageFormat& row : storage_formats()) {
            if (std::optional<StoredTensor> stored = try_row(row)) {
                return std::move(*stored);
            }
        }
        return complaint_;
    }

private:
    enum Stage : unsigned { nothing, dtype, scale, second, zero, geometry, zero_geometry, size };

    // Keeps the complaint of the row that came furthest. Always gives nothing.
    std::optional<StoredTensor> stop(Stage stage, skw_status status, std::string text)
    {
        if (stage > furthest_) {
            furthest_ = stage;
            complaint_ = {status, std::move(text)};
        }
        return std::nullopt;
    }

    std::optional<StoredTensor> try_row(const StorageFormat& row)
    {
        const SourceTensor& weight = *given_.weight;
        if (!holds(row.dtypes, weight.dtype) || !holds(row.markings, given_.marking)) {
            return stop(dtype, SKW_E_UNSUPPORTED, " is stored as " + described(weight));
        }
        if (!holds(row.names, given_.scale_name) ||
            (given_.scale != nullptr && !holds(row.scale_dtypes, given_.scale->dtype))) {
            return stop(scale, SKW_E_UNSUPPORTED, unfit_scale());
        }
        if (!second_fits(row) || !zero_fits(row)) {
            return std::nullopt;
        }
        std::optional<std::vector<std::uint64_t>> logical = logical_shape(row, given_);
        std::optional<Fit> fit;
        if (row.lie != Lie::none) {
            if (logical) {
                fit = fit_of(row, config_, *logical, given_.scale->shape);
            }
            if (!fit) {
                return stop(geometry, SKW_E_UNSUPPORTED, with_scales(given_) + unfit_geometry(row));
            }
        }
        return build(row, std::move(*logical), fit);
    }

    std::string unfit_scale() const
    {
        if (given_.scale != nullptr && holds(unscaled, given_.weight->dtype)) {
            return with_scales(given_) + "; values of this dtype have no scale, so one of the two is wrong";
        }
        if (given_.scale == nullptr) {
            return " is stored as " + std::string(dtype_name(given_.weight->dtype)) + " without a scale";
        }
        return with_scales(given_) +
               "; no known format has scales of this dtype and name beside such a weight";
    }

    bool second_fits(const StorageFormat& row)
    {
        if (given_.second == nullptr) {
            if (row.second != Second::none) {
                stop(second, SKW_E_BAD_INPUT,
                     with_scales(given_) +
                         ", but without the second scale of NVFP4 (weight_scale_2 or weight_global_scale)");
                return false;
            }
            return true;
        }
        const std::string start =
            given_.scale != nullptr ? with_scales(given_) : " is stored as " + described(*given_.weight);
        if (row.second == Second::none) {
            stop(second, SKW_E_BAD_INPUT,
                 start + ", yet beside a second scale " + named(*given_.second) + ", which only NVFP4 has");
            return false;
        }
        if ((row.second == Second::divisor) != given_.divide) {
            return false; // the row for the other one says what there is to say
        }
        if (given_.second->dtype != Dtype::f32 || element_count(given_.second->shape) != 1) {
            stop(geometry, SKW_E_UNSUPPORTED,
                 start + " and a second scale " + named(*given_.second) + ", which is not one F32 value");
            return false;
        }
        return true;
    }

    bool zero_fits(const StorageFormat& row)
    {
        if (given_.zero == nullptr || (row.may_have_zero && given_.zero->dtype == Dtype::i8)) {
            return true;
        }
        stop(zero, SKW_E_UNSUPPORTED,
             " is stored as " + described(*given_.weight) + " with zero points " + named(*given_.zero) +
                 "; only I8 weights with I8 zero points are known");
        return false;
    }

    std::string unfit_geometry(const StorageFormat& row) const
    {
        if (row.lie == Lie::groups) {
            return ", which are not one for each " + std::to_string(row.width) + " values of a row";
        }
        std::string out = ", which are neither one value, nor one a row, nor groups of a row, nor ";
        if (config_.block) {
            return out + "one for each block of " + std::to_string((*config_.block)[0]) + "x" +
                   std::to_string((*config_.block)[1]) + ", as config.json has it";
        }
        return out + "a grid of one usual block size alone; config.json gives no weight_block_size";
    }

    std::optional<StoredTensor> build(const StorageFormat& row, std::vector<std::uint64_t> logical,
                                      const std::optional<Fit>& fit)
    {
        // F32 is the widest that is written.
        if (row.element != Element::table && !tensor_bytes(Dtype::f32, logical)) {
            return stop(size, SKW_E_BAD_INPUT,
                        " is stored as " + described(*given_.weight) +
                            ", too large for any file once unpacked");
        }
        StoredTensor out;
        out.source = *given_.weight;
        out.shape = std::move(logical);
        out.storage.id = row.id;
        out.storage.element = row.element;
        if (fit) {
            out.storage.scale = grid_of(*given_.scale, *fit);
        }
        if (given_.zero != nullptr) {
            const std::optional<Fit> lie = fit_of(row, config_, out.shape, given_.zero->shape);
            if (lie != fit) {
                return stop(zero_geometry, SKW_E_UNSUPPORTED,
                            with_scales(given_) + " and zero points " + named(*given_.zero) +
                                ", which do not lie like the scales");
            }
            out.storage.zero = grid_of(*given_.zero, *lie);
        }
        if (given_.second != nullptr) {
            out.storage.global = *given_.second;
            out.storage.divide_by_global = given_.divide;
        }
        out.storage.format = format_text(row, given_, fit);
        return out;
    }

    const Candidate& given_;
    const TextConfig& config_;
    unsigned furthest_ = nothing;
    Complaint complaint_{SKW_E_UNSUPPORTED, ""};
};

} // namespace

std::variant<StoredTensor, Complaint> match_format(const Candidate& candidate, const TextConfig& config)
{
    return Matcher(candidate, config).run();
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The table of MTP families that skulk-hub has a sample of. A new one is a function and a row.
#pragma once

#include "localhub/families/builder.hpp"

#include <span>

namespace skw::localhub {

struct SampleFamily {
    const char* name;    // of the sample
    const char* repo;    // the one it follows, or one below "lab" where none is released in this storage
    const char* summary; // one line
    Checkpoint (*make)(const FamilyOptions&);
    bool real = false;    // FamilyOptions::real is understood
    bool experts = false; // FamilyOptions::experts is understood
};
std::span<const SampleFamily> sample_families();

// "quantization_config" of FP8 in blocks, as DeepSeek writes it.
json::object fp8_config(std::uint64_t block = 128);
// The same member of compressed-tensors: its format, and "weights" of its one group.
json::object compressed_config(std::string_view format, json::object weights);

// One function a family; the files are named after the laboratories.
Checkpoint make_deepseek_v3(const FamilyOptions& options);
Checkpoint make_deepseek_v32(const FamilyOptions& options);
Checkpoint make_kimi_k3(const FamilyOptions& options);
Checkpoint make_dots3_note(const FamilyOptions& options);
Checkpoint make_glm5(const FamilyOptions& options);
Checkpoint make_glm5_next(const FamilyOptions& options);
Checkpoint make_openpangu(const FamilyOptions& options);
Checkpoint make_deepseek_v4(const FamilyOptions& options);
Checkpoint make_deepseek_v4_base(const FamilyOptions& options);
Checkpoint make_dspark(const FamilyOptions& options);
Checkpoint make_glm(const FamilyOptions& options);
Checkpoint make_glm_fp8(const FamilyOptions& options);
Checkpoint make_hy3(const FamilyOptions& options);
Checkpoint make_bailing(const FamilyOptions& options);
Checkpoint make_step35(const FamilyOptions& options);
Checkpoint make_mimo(const FamilyOptions& options);
Checkpoint make_mimo_v2(const FamilyOptions& options);
Checkpoint make_ernie(const FamilyOptions& options);
Checkpoint make_longcat(const FamilyOptions& options);
Checkpoint make_hy_v4(const FamilyOptions& options);
Checkpoint make_inkling(const FamilyOptions& options);
Checkpoint make_nemotron(const FamilyOptions& options);
Checkpoint make_minimax(const FamilyOptions& options);
Checkpoint make_exaone(const FamilyOptions& options);
Checkpoint make_qwen3_next(const FamilyOptions& options);
Checkpoint make_qwen_flash_next(const FamilyOptions& options);
Checkpoint make_intern_s2(const FamilyOptions& options);
Checkpoint make_qwen_fp8(const FamilyOptions& options);
Checkpoint make_qwen_fp8_tensor(const FamilyOptions& options);
Checkpoint make_qwen_e5m2(const FamilyOptions& options);
Checkpoint make_qwen_mxfp8(const FamilyOptions& options);
Checkpoint make_qwen_int8(const FamilyOptions& options);
Checkpoint make_qwen_nvfp4(const FamilyOptions& options);
Checkpoint make_qwen_nvfp4_ct(const FamilyOptions& options);
Checkpoint make_qwen_mxfp4(const FamilyOptions& options);
Checkpoint make_qwen_mxfp4_ct(const FamilyOptions& options);
Checkpoint make_qwen_gptq(const FamilyOptions& options);
Checkpoint make_qwen_mlx(const FamilyOptions& options);

} // namespace skw::localhub

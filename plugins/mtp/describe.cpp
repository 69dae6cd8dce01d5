// SPDX-License-Identifier: Apache-2.0
// The self-description, kept as the JSON it is.
#include "mtp/describe.hpp"

#include "shared/documents.hpp"

namespace skw::mtp {

boost::json::value describe_kind()
{
    return builtin::read_document(R"json({
  "schema": "skw.describe/1",
  "kinds": [{
    "name": "mtp",
    "title": "MTP sidecar",
    "summary": "The Multi-Token-Prediction heads of a checkpoint as one BF16 file, read by byte range.",
    "entry_schema": {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "type": "object",
      "properties": {
        "mtp_source_repo": {
          "$ref": "#/$defs/repo", "description": "the checkpoint that ships the heads"},
        "mtp_sidecar_repo": {
          "$ref": "#/$defs/repo", "description": "where mtp.safetensors goes; the owner of hf_repo"},
        "mtp_base_model_relation": {
          "enum": ["adapter", "finetune", "merge", "quantized", null],
          "description": "what the card says as base_model_relation; nothing when absent"},
        "mtp_names": {
          "enum": ["stored", "mtp", null],
          "description": "mtp: model.layers.{N+i}.* is renamed to mtp.{i}.*; stored when absent"},
        "mtp_keep_f32": {
          "enum": ["routing", "none", "all", null],
          "description": "which F32 tensors stay F32; routing when absent"},
        "mtp_shared_copies": {
          "enum": ["keep", "omit", null],
          "description": "omit: copies of the base model's embedding and head are left out; keep when absent"},
        "mtp_accept": {
          "anyOf": [{"$ref": "#/$defs/accepted"}, {"type": "array", "items": {"$ref": "#/$defs/accepted"}},
                    {"type": "null"}],
          "description": "takes what is refused otherwise"},
        "assistant_model_repo": {
          "$ref": "#/$defs/repo", "description": "a separate draft model; excludes the other two"}
      },
      "dependentRequired": {
        "mtp_source_repo": ["mtp_sidecar_repo"],
        "mtp_sidecar_repo": ["mtp_source_repo"]
      },
      "$defs": {
        "accepted": {"enum": ["dspark", "unknown-block", "fewer-layers", "non-finite"]},
        "repo": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"}}
    },
    "config_schema": {"type": "object"},
    "services_used": ["skw.hub/1"],
    "tools_used": [],
    "examples": [{
      "mtp_source_repo": "Qwen/Qwen3.5-9B-Base",
      "mtp_sidecar_repo": "FoxlightAI/qwen3-5-9b-base-mtp"
    }]
  }]
})json");
}

} // namespace skw::mtp

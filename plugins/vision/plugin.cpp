// SPDX-License-Identifier: Apache-2.0
// The vision plugin: mirrors of vision encoders for checkpoints that come without one.
#include "shared/documents.hpp"
#include "vision/execute.hpp"
#include "vision/plan.hpp"
#include "vision/rules.hpp"

#include <skw/plugin.hpp>

#include <string>
#include <string_view>

namespace skw::vision {
namespace {

constexpr std::string_view description = R"({
  "schema": "skw.describe/1",
  "kinds": [{
    "name": "vision",
    "title": "Vision sidecar",
    "summary": "A mirror of the vision encoder for a checkpoint that omits it.",
    "entry_schema": {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Catalog fields of a vision sidecar",
      "type": "object",
      "properties": {
        "vision_source_repo": {
          "title": "Source repository",
          "description": "The Hub repository that holds the vision encoder.",
          "type": ["string", "null"],
          "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
        },
        "vision_sidecar_repo": {
          "title": "Sidecar repository",
          "description": "Where the mirror goes; its owner is the owner of hf_repo.",
          "type": ["string", "null"],
          "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
        },
        "vision_base_model_relation": {
          "title": "Relation to the base model",
          "description": "What the card says as base_model_relation; nothing when absent.",
          "enum": ["adapter", "finetune", "merge", "quantized", null]
        }
      }
    },
    "config_schema": {"type": "object"},
    "services_used": ["skw.hub/1"],
    "tools_used": [],
    "examples": [{
      "key": "example",
      "source_model": "acme/model",
      "tier": "smoke",
      "hf_repo": "acme/model-vindex",
      "vision_source_repo": "lab/model-vision-encoder",
      "vision_sidecar_repo": "acme/model-vision"
    }]
  }]
})";

class Plugin {
public:
    static constexpr std::string_view kind = "vision";

    static std::string_view describe() { return description; }
    boost::json::value validate(sdk::Call&, const boost::json::value& entry)
    {
        return check_entry(entry.as_object());
    }
    boost::json::value plan(sdk::Call&, const boost::json::value& request) { return make_plan(request); }
    boost::json::value execute(sdk::Call& call, const boost::json::value& plan) { return mirror(call, plan); }
};

} // namespace
} // namespace skw::vision

SKW_EXPORT_PLUGIN(skw::vision::Plugin)

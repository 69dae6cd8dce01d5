// SPDX-License-Identifier: Apache-2.0
// The vindex plugin: LARQL retrieval indexes of whole models.
#include "shared/documents.hpp"
#include "vindex/doctor.hpp"
#include "vindex/execute.hpp"
#include "vindex/inspect.hpp"
#include "vindex/plan.hpp"
#include "vindex/rules.hpp"

#include <skw/plugin.hpp>

#include <string>
#include <string_view>

namespace skw::vindex {
namespace {

constexpr std::string_view description = R"({
  "schema": "skw.describe/1",
  "kinds": [{
    "name": "vindex",
    "title": "LARQL vindex",
    "summary": "A LARQL retrieval index of the source model, extracted and uploaded by larql.",
    "entry_schema": {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Catalog fields of a vindex",
      "type": "object",
      "required": ["quant", "slices", "output_name"],
      "properties": {
        "quant": {"title": "Quantization", "description": "How the index is quantized.", "enum": ["q4k"]},
        "slices": {
          "title": "Slices",
          "description": "full alone for the whole index, or the parts to publish.",
          "oneOf": [
            {"type": "array", "minItems": 1, "items": {"const": "expert-server"}},
            {"type": "array", "minItems": 1, "maxItems": 1, "items": {"const": "full"}}
          ]
        },
        "output_name": {
          "title": "Folder name",
          "description": "Name of the folder below the scratch root that larql writes.",
          "type": "string",
          "maxLength": 255,
          "pattern": "^[^./\\\\\\-\\u0000-\\u001f\\u007f][^/\\\\\\u0000-\\u001f\\u007f]*\\.vindex$"
        }
      }
    },
    "config_schema": {"type": "object"},
    "services_used": ["skw.hub/1", "skw.scratch/1", "skw.process/1", "skw.card/1", "skw.probe/1"],
    "tools_used": ["larql"],
    "examples": [{
      "key": "example",
      "source_model": "acme/model",
      "tier": "smoke",
      "hf_repo": "acme/model-vindex",
      "quant": "q4k",
      "slices": ["full"],
      "output_name": "model.vindex"
    }]
  }]
})";

class Plugin {
public:
    static constexpr std::string_view kind = "vindex";

    static std::string_view describe() { return description; }
    boost::json::value validate(sdk::Call&, const boost::json::value& entry)
    {
        return check_entry(entry.as_object());
    }
    boost::json::value plan(sdk::Call&, const boost::json::value& request) { return make_plan(request); }
    boost::json::value execute(sdk::Call& call, const boost::json::value& plan)
    {
        return execute_plan(call, plan);
    }
    boost::json::value doctor(sdk::Call& call, const boost::json::value& request)
    {
        return check_machine(call, request);
    }
    boost::json::value inspect(sdk::Call& call, const boost::json::value& request)
    {
        return inspect_source(call, request);
    }
};

} // namespace
} // namespace skw::vindex

SKW_EXPORT_PLUGIN(skw::vindex::Plugin)

// SPDX-License-Identifier: Apache-2.0
// docs/mtp-sidecars.md against the tables it describes.
#include "mtp/storage/formats.hpp"

#include "mtp/checkpoint/companion_names.hpp"
#include "mtp/storage/precision.hpp"
#include "mtp/storage/refusals.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

using namespace skw::mtp;

namespace {

std::string page()
{
    std::ifstream in(SKW_SOURCE_DIR "/docs/mtp-sidecars.md", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_storage_document)

BOOST_AUTO_TEST_CASE(every_format_has_its_row)
{
    const std::string text = page();
    for (const StorageFormat& row : storage_formats()) {
        BOOST_TEST(text.find("\n| " + std::string(row.id) + " | ") != std::string::npos, row.id);
    }
}

BOOST_AUTO_TEST_CASE(every_marker_and_every_kept_parameter_is_named)
{
    const std::string text = page();
    for (const ForeignPacking& packing : foreign_packings()) {
        for (const std::string_view marker : packing.markers) {
            BOOST_TEST(text.find("`" + std::string(marker) + "`") != std::string::npos, marker);
        }
    }
    for (const KeptParameter& row : kept_parameters()) {
        BOOST_TEST(text.find("`" + std::string(row.pattern) + "`") != std::string::npos, row.pattern);
    }
}

BOOST_AUTO_TEST_CASE(every_calibration_value_and_every_auxiliary_is_named)
{
    const std::string text = page();
    for (const CalibrationName& row : calibration_names()) {
        BOOST_TEST(text.find("`" + std::string(row.last) + "`") != std::string::npos, row.last);
    }
    for (const char* name :
         {"pre_quant_scale", "smooth_scale", "smooth_factor", "*lora_a", "*lora_b", "*svdquant*"}) {
        BOOST_TEST(text.find("`" + std::string(name) + "`") != std::string::npos, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()

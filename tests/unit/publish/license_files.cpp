// SPDX-License-Identifier: Apache-2.0
// The files that carry a source's terms are found under the names that people give them.
#include "publish/license_files.hpp"

#include <boost/test/unit_test.hpp>

using skw::publish::is_license_file;

BOOST_AUTO_TEST_SUITE(publish_license_files)

BOOST_AUTO_TEST_CASE(the_usual_names_are_found)
{
    for (const char* path :
         {"LICENSE", "LICENSE.md", "License.txt", "LICENCE", "NOTICE", "notice.txt", "COPYING",
          "USE_POLICY.md", "LICENSE-CODE", "LICENSE_MODEL.pdf", "LICENSE-2.0.txt"}) {
        BOOST_TEST(is_license_file(path), path);
    }
}

BOOST_AUTO_TEST_CASE(other_files_are_not)
{
    for (const char* path :
         {"", "README.md", "licenses.json", "LICENSE.json", "LICENSED", "sub/LICENSE", "NOTICES.bin",
          "notice.py", "policy_config.txt", "policy.safetensors", "LICENSE.md.exe"}) {
        BOOST_TEST(!is_license_file(path), path);
    }
}

BOOST_AUTO_TEST_SUITE_END()

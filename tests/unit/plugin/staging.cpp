// SPDX-License-Identifier: Apache-2.0
// An output that could not be written is never finished as if it had been.
#include "plugin/staging.hpp"

#include "support/error.hpp"
#include "unit/plugin/plugin_tree.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <vector>

namespace skw::plugin {
namespace {

// No file of this process may grow beyond so many bytes while this lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit lower = before_;
        lower.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &lower);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_staging)

// What was hashed and what lies in the file differ then: trying again must not make a receipt for it.
BOOST_AUTO_TEST_CASE(an_output_is_of_no_use_after_a_write_that_failed)
{
    for (const std::size_t block : {std::size_t{64} << 10, std::size_t{4} << 20}) {
        TempFolder folder;
        Rights rights;
        rights.outputs.emplace("one", PlannedOutput{*RepoPath::parse("one.bin"), "one.bin", {}});
        Staging staging(folder.path(), rights);
        const auto output = staging.open("one");
        const std::vector<std::byte> bytes(block);
        output->write(bytes);
        {
            const FileSizeLimit limit(block + 1024);
            BOOST_CHECK_THROW(output->write(bytes), Error);
        }
        BOOST_TEST((testing::error_of([&] { output->write(bytes); }).code() == ErrorCode::io));
        BOOST_TEST((testing::error_of([&] { output->finish(); }).code() == ErrorCode::io));
        BOOST_CHECK_THROW(staging.complete(), Error);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Which kernel set is taken, and that the one asked for is the one that runs.
#include "kernels/rows.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

// SKW_KERNELS for the life of the object; what was there before comes back.
class Forced {
public:
    explicit Forced(const char* value)
    {
        const char* given = std::getenv("SKW_KERNELS");
        had_ = given != nullptr;
        before_ = had_ ? given : "";
        value == nullptr ? unsetenv("SKW_KERNELS") : setenv("SKW_KERNELS", value, 1);
    }
    Forced(const Forced&) = delete;
    Forced& operator=(const Forced&) = delete;
    ~Forced() { had_ ? setenv("SKW_KERNELS", before_.c_str(), 1) : unsetenv("SKW_KERNELS"); }

private:
    bool had_ = false;
    std::string before_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_kernels_choose)

BOOST_AUTO_TEST_CASE(the_sets_end_with_the_reference_and_share_no_function)
{
    BOOST_TEST(all_kernels().back()->name == "reference");
    BOOST_TEST(all_kernels().back()->runs_here());
#if defined(__x86_64__) || defined(__AARCH64EL__)
    BOOST_TEST(all_kernels().size() > 1u);
#endif
    std::set<std::string_view> names;
    std::set<PlainRow> plain;
    std::set<ScaledRow> scaled;
    std::set<ZeroedRow> zeroed;
    for (const Kernels* set : all_kernels()) {
        names.insert(set->name);
        plain.insert({set->bf16, set->f16, set->f32});
        scaled.insert({set->e4m3, set->e5m2, set->i8, set->fp4});
        zeroed.insert(set->i8_zero);
    }
    const std::size_t count = all_kernels().size();
    BOOST_TEST(names.size() == count);
    BOOST_TEST(plain.size() == 3 * count);
    BOOST_TEST(scaled.size() == 4 * count);
    BOOST_TEST(zeroed.size() == count);
}

BOOST_AUTO_TEST_CASE(without_a_wish_the_first_that_runs_here_is_taken)
{
    for (const char* nothing : {static_cast<const char*>(nullptr), ""}) {
        const Forced wish(nothing);
        BOOST_TEST(&choose_kernels() == running().front());
    }
}

BOOST_AUTO_TEST_CASE(the_set_that_is_asked_for_is_the_set_that_is_taken)
{
    for (const Kernels* set : running()) {
        const Forced wish(std::string(set->name).c_str());
        BOOST_TEST(&choose_kernels() == set);
        BOOST_TEST_MESSAGE("forced and taken: " << choose_kernels().name);
    }
}

BOOST_AUTO_TEST_CASE(a_set_that_does_not_exist_or_run_here_is_refused_with_the_ones_that_do)
{
    std::vector<std::string> absent{"sse9", "AVX2", "reference ", "avx2,reference"};
#if defined(__x86_64__)
    absent.emplace_back("neon");
#else
    absent.emplace_back("avx2");
#endif
    for (const Kernels* set : all_kernels()) {
        if (!set->runs_here()) {
            absent.emplace_back(set->name);
        }
    }
    for (const std::string& name : absent) {
        const Forced wish(name.c_str());
        BOOST_CHECK_EXCEPTION(choose_kernels(), skw::sdk::Failure, [](const skw::sdk::Failure& failure) {
            return failure.status() == SKW_E_BAD_INPUT && failure.place() == "SKW_KERNELS" &&
                   failure.hint().ends_with(", reference");
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()

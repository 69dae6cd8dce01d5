// SPDX-License-Identifier: Apache-2.0
// A plan holds only as long as every source, the target and what would be done are as they were.
#include "publish/pins.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using skw::publish::Facts;
using skw::publish::Pins;

skw::CommitId commit(char digit)
{
    return skw::CommitId::parse(std::string(40, digit)).value();
}

Facts facts(char source, std::optional<char> head)
{
    const skw::RepoId repo = skw::RepoId::parse("lab/model").value();
    skw::publish::TargetState target{skw::RepoId::parse("acme/a").value(), {}, false, {}, {}};
    if (head) {
        target.head = commit(*head);
    }
    return {{{"source", {repo, commit(source), {}, {}, false, false}, {repo, commit(source), {}}, {}}},
            std::move(target),
            {}};
}

// What is said of these pins against these facts; "" = they hold.
std::string complaint(const Pins& pins, const Facts& now)
{
    try {
        skw::publish::require_pins(pins, now, "mtp");
        return "";
    } catch (const skw::Error& error) {
        BOOST_TEST((error.code() == skw::ErrorCode::stale_plan));
        BOOST_TEST(skw::exit_code_of(error.code()) == 6);
        BOOST_TEST(error.hint() == "make a new plan with --plan-out, and review it");
        return error.what();
    }
}

skw::json::object plan(const char* message)
{
    return skw::json::object{{"target", {{"commit_message", message}}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_pins)

BOOST_AUTO_TEST_CASE(what_has_not_changed_holds)
{
    BOOST_TEST(complaint(pins_of(facts('1', '2'), {}), facts('1', '2')) == "");
    BOOST_TEST(complaint(pins_of(facts('1', {}), {}), facts('1', {})) == "");
}

BOOST_AUTO_TEST_CASE(a_source_at_another_commit_is_named_with_both)
{
    BOOST_TEST(complaint(pins_of(facts('1', '2'), {}), facts('3', '2')) ==
               "mtp: the source hf://lab/model has changed since the plan was made: it was at 111111111111 "
               "and is at "
               "333333333333");
}

BOOST_AUTO_TEST_CASE(a_source_that_the_plan_does_not_know_is_a_change)
{
    Pins pins = pins_of(facts('1', '2'), {});
    pins.revisions.clear();
    BOOST_TEST(complaint(pins, facts('1', '2')).find("the plan does not read it and is at 1111") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_target_that_moved_appeared_or_vanished_is_a_change)
{
    const std::string begin = "mtp: the target hf://acme/a has changed since the plan was made: it was ";
    BOOST_TEST(complaint(pins_of(facts('1', '2'), {}), facts('1', '3')) ==
               begin + "at 222222222222 and is at 333333333333");
    BOOST_TEST(complaint(pins_of(facts('1', {}), {}), facts('1', '3')) ==
               begin + "not there and is at 333333333333");
    BOOST_TEST(complaint(pins_of(facts('1', '2'), {}), facts('1', {})) ==
               begin + "at 222222222222 and is not there");
}

BOOST_AUTO_TEST_CASE(another_plan_of_the_plugin_is_a_change_unless_this_run_has_left_nothing_to_do)
{
    Pins pins = pins_of(facts('1', '2'), plan("Add"));
    BOOST_CHECK_NO_THROW(require_same_plan(pins, plan("Add"), "mtp"));
    BOOST_CHECK_EXCEPTION(require_same_plan(pins, plan("Other"), "mtp"), skw::Error,
                          [](const skw::Error& error) { return error.code() == skw::ErrorCode::stale_plan; });
    skw::json::object done = plan("Other");
    done["up_to_date"] = skw::json::object{};
    BOOST_CHECK_THROW(require_same_plan(pins, done, "mtp"), skw::Error);
    pins.may_be_done = true;
    BOOST_CHECK_NO_THROW(require_same_plan(pins, done, "mtp"));
    BOOST_CHECK_THROW(require_same_plan(pins, plan("Other"), "mtp"), skw::Error);
}

BOOST_AUTO_TEST_SUITE_END()

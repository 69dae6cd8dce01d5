// SPDX-License-Identifier: Apache-2.0
// Blocks and the queue they pass through.
#include "hub/feed.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;

BOOST_AUTO_TEST_SUITE(hub_feed)

BOOST_AUTO_TEST_CASE(a_share_makes_no_more_blocks_than_its_number)
{
    BlockShare share(2);
    std::stop_source stop;
    std::optional<Block> first = share.take(stop.get_token());
    const std::optional<Block> second = share.take(stop.get_token());
    BOOST_REQUIRE(first);
    const void* const memory = first->space().data();
    first.reset();
    std::optional<Block> third = share.take(stop.get_token());
    BOOST_REQUIRE(third);
    BOOST_TEST((third->space().data() == memory)); // used again
    stop.request_stop();
    BOOST_TEST(!share.take(stop.get_token()).has_value());
}

BOOST_AUTO_TEST_CASE(a_queue_gives_blocks_in_order_and_then_its_problem)
{
    BlockShare share(3);
    PartQueue queue;
    int told = 0;
    const auto ready = [&] { ++told; };
    BOOST_TEST(!queue.touched());
    BOOST_TEST(!queue.take(ready).block.has_value());
    BOOST_TEST(queue.touched());
    for (const char mark : {'a', 'b'}) {
        Block block = *share.take({});
        block.space()[0] = static_cast<std::byte>(mark);
        block.hold(1);
        BOOST_TEST(queue.push(std::move(block)));
    }
    queue.fail("no more");
    BOOST_TEST(told == 1); // once for each time that nothing was there
    BOOST_TEST((queue.take(ready).block->content()[0] == std::byte{'a'}));
    BOOST_TEST((queue.take(ready).block->content()[0] == std::byte{'b'}));
    BOOST_TEST(queue.take(ready).problem == "no more");
    queue.end();
    BOOST_TEST(!queue.push(*share.take({})));
}

BOOST_AUTO_TEST_SUITE_END()

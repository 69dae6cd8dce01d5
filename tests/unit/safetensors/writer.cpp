// SPDX-License-Identifier: Apache-2.0
// The layout of a written file: order, alignment, padding, and refusals instead of unreadable files.
#include "safetensors/writer.hpp"

#include <boost/test/unit_test.hpp>

#include <span>
#include <string>
#include <vector>

using namespace skw::safetensors;

namespace {

Header read_back(const Layout& layout)
{
    const auto length = header_length(std::as_bytes(std::span(layout.head)), layout.file_size);
    BOOST_TEST_REQUIRE(length == layout.head.size() - 8);
    return parse_header(std::string_view(layout.head).substr(8), layout.file_size);
}

Reason reason_of(std::vector<TensorSpec> specs, const std::map<std::string, std::string>& metadata = {})
{
    try {
        make_header(std::move(specs), metadata);
    } catch (const Error& error) {
        return error.reason();
    }
    throw std::logic_error("it was accepted");
}

} // namespace

BOOST_AUTO_TEST_SUITE(safetensors_writer)

BOOST_AUTO_TEST_CASE(wider_elements_come_first_then_names_and_nothing_lies_between)
{
    const Layout layout = make_header({{"b", Dtype::bf16, {3}},
                                       {"a", Dtype::bf16, {2, 2}},
                                       {"t", Dtype::i64, {2}},
                                       {"f", Dtype::f32, {}},
                                       {"u", Dtype::u8, {5}}},
                                      {{"format", "pt"}});
    std::string order;
    std::uint64_t end = 0;
    for (const Tensor& tensor : layout.tensors) {
        order += tensor.name;
        BOOST_TEST(tensor.begin == end);
        BOOST_TEST(tensor.begin * 8 % dtype_bits(tensor.dtype) == 0u);
        end = tensor.end;
    }
    BOOST_TEST(order == "tfabu");
    BOOST_TEST(layout.file_size == layout.head.size() + end);
}

BOOST_AUTO_TEST_CASE(the_reader_finds_what_was_written)
{
    const std::map<std::string, std::string> metadata{{"format", "pt"}, {"q\"\\\n\x01", "\xc3\xa9"}};
    const Layout layout =
        make_header({{"x\"\t\xe2\x82\xac", Dtype::f16, {7, 1}}, {"y", Dtype::f4, {4}}}, metadata);
    const Header header = read_back(layout);
    BOOST_TEST((header.tensors == layout.tensors));
    BOOST_TEST((header.metadata == metadata));
}

BOOST_AUTO_TEST_CASE(the_json_begins_with_a_brace_and_is_padded_behind_to_a_multiple_of_8)
{
    for (std::size_t length = 1; length < 20; ++length) {
        const Layout layout = make_header({{std::string(length, 'n'), Dtype::bf16, {1}}}, {});
        BOOST_TEST(layout.head.size() % 8 == 0u);
        BOOST_TEST(layout.head[8] == '{');
        BOOST_TEST(layout.head.find_last_not_of(' ') + 8 >= layout.head.size());
        BOOST_TEST(layout.file_size == layout.head.size() + 2);
    }
}

BOOST_AUTO_TEST_CASE(the_order_of_the_input_changes_no_byte)
{
    const Layout one =
        make_header({{"a", Dtype::bf16, {1}}, {"b", Dtype::f32, {1}}, {"c", Dtype::bf16, {}}}, {});
    const Layout two =
        make_header({{"c", Dtype::bf16, {}}, {"a", Dtype::bf16, {1}}, {"b", Dtype::f32, {1}}}, {});
    BOOST_TEST(one.head == two.head);
}

BOOST_AUTO_TEST_CASE(no_tensors_make_the_smallest_file)
{
    const Layout layout = make_header({}, {});
    BOOST_TEST(layout.head == std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
    BOOST_TEST(layout.file_size == 16u);
}

BOOST_AUTO_TEST_CASE(what_no_reader_would_take_is_not_written)
{
    BOOST_TEST((reason_of({{"a", Dtype::u8, {1}}, {"a", Dtype::f32, {1}}}) == Reason::duplicate_name));
    BOOST_TEST((reason_of({{"a\xff", Dtype::u8, {1}}}) == Reason::bad_utf8));
    BOOST_TEST((reason_of({{"__metadata__", Dtype::u8, {1}}}) == Reason::bad_metadata));
    BOOST_TEST((reason_of({{"a", Dtype::f4, {3}}}) == Reason::partial_byte));
    BOOST_TEST((reason_of({{"a", Dtype::u64, {1ull << 61}}}) == Reason::overflow));
    BOOST_TEST((reason_of({{"a", Dtype::u8, {~0ull}}, {"b", Dtype::u8, {1}}}) == Reason::overflow));
    BOOST_TEST((reason_of({{"a", Dtype::u8, {~0ull}}}) == Reason::overflow));
    BOOST_TEST((reason_of({{"a", Dtype::u8, std::vector<std::uint64_t>(65, 1)}}) == Reason::bad_shape));
    BOOST_TEST((reason_of({{"a", Dtype::u8, {}}}, {{"k\xff", "v"}}) == Reason::bad_utf8));
}

BOOST_AUTO_TEST_SUITE_END()

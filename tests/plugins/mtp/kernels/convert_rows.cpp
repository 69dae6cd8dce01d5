// SPDX-License-Identifier: Apache-2.0
// Converts rows that it reads on stdin and writes them to stdout, for checks against others' arithmetic.
#include "kernels/rows.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

const Format& find_format(const std::string& name)
{
    for (const Format* format : formats) {
        if (format->name == name) {
            return *format;
        }
    }
    throw skw::sdk::Failure(SKW_E_BAD_INPUT, "convert_rows", "no such format: " + name);
}

void read(char* into, std::size_t size)
{
    if (!std::cin.read(into, static_cast<std::streamsize>(size))) {
        throw skw::sdk::Failure(SKW_E_BAD_INPUT, "convert_rows", "the input ends early");
    }
}

std::vector<float> read_floats(std::size_t count)
{
    std::vector<float> values(count);
    read(reinterpret_cast<char*>(values.data()), count * sizeof(float));
    return values;
}

// One request: a line "FORMAT WIDTH ROWS COLUMNS", then the codes of all rows; then, if it is scaled, FP32
// for each WIDTH elements of each row; then as many zero points if it has them.
void answer(const Kernels& kernels, const std::string& line)
{
    std::istringstream words(line);
    std::string name;
    std::size_t width = 0, rows = 0, columns = 0;
    if (!(words >> name >> width >> rows >> columns) || width == 0) {
        throw skw::sdk::Failure(SKW_E_BAD_INPUT, "convert_rows", "not a request: " + line);
    }
    const Format& format = find_format(name);
    std::vector<std::byte> codes(format.bytes(rows * columns)), out(2 * rows * columns);
    read(reinterpret_cast<char*>(codes.data()), codes.size());
    const std::size_t per_row = format.needs_scales() ? (columns + width - 1) / width : 0;
    const std::vector<float> scales = read_floats(rows * per_row);
    const std::vector<float> zeros = read_floats(&format == &i8_zero ? rows * per_row : 0);
    Tally tally;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto of_row = [&](const std::vector<float>& all) {
            const auto first = std::min(all.size(), row * per_row);
            return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(first),
                                      all.begin() +
                                          static_cast<std::ptrdiff_t>(std::min(all.size(), first + per_row)));
        };
        const std::size_t bytes = format.bytes(columns);
        convert(kernels, format, std::span(codes).subspan(row * bytes, bytes),
                {of_row(scales), of_row(zeros), width},
                std::span(out).subspan(row * columns * 2, columns * 2), tally);
    }
    std::cout << kernels.name << ' ' << tally.nan << ' ' << tally.inf_in_source << ' ' << tally.overflow
              << '\n';
    std::cout.write(reinterpret_cast<const char*>(out.data()), static_cast<std::streamsize>(out.size()));
}

} // namespace

// convert_rows --list: the sets that run here. convert_rows: answers requests until the input ends, each with
// a line "KERNELS NAN INF-IN-SOURCE OVERFLOW" and the rows as BF16; SKW_KERNELS says by which set.
int main(int argc, char** argv)
{
    std::ios::sync_with_stdio(false);
    try {
        if (argc > 1 && std::string_view(argv[1]) == "--list") {
            for (const Kernels* set : running()) {
                std::cout << set->name << '\n';
            }
            return 0;
        }
        const Kernels& kernels = choose_kernels();
        for (std::string line; std::getline(std::cin, line);) {
            answer(kernels, line);
        }
        return std::cout.flush() ? 0 : 1;
    } catch (const skw::sdk::Failure& failure) {
        std::cerr << failure.place() << ": " << failure.message() << "; " << failure.hint() << '\n';
        return 1;
    }
}

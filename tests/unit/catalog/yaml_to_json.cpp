// SPDX-License-Identifier: Apache-2.0
// Reads YAML documents divided by NUL bytes and prints one line of JSON for each: {"value":..} or
// {"error":..}. "quick": the quick reader took it; "differs": what the other reader says, if not the same.
#include "both_readers.hpp"

#include <iostream>
#include <iterator>

int main()
{
    const std::string all{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\0', at), all.size());
        const skw::tests::BothReaders both(all.substr(at, end - at));
        skw::json::object line = both.usual;
        line.erase("positions");
        if (both.usual != both.library) {
            line["differs"] = both.library;
        }
        line["quick"] = both.quick;
        std::cout << skw::canonical_json(line) << '\n';
        at = end + 1;
    }
}

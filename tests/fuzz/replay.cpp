// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over a folder of inputs, whole and cut short, so that any compiler repeats old finds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes)
{
    // A copy of exactly this size, so that a sanitizer sees a read behind the end.
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

} // namespace

int main(int count, char** arguments)
{
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    for (int at = 1; at < count; ++at) {
        for (const fs::directory_entry& entry : fs::directory_iterator(arguments[at])) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::size_t runs = 0;
    for (const fs::path& path : files) {
        std::ifstream file(path, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        if (!file) {
            std::cerr << "cannot read " << path.filename() << '\n';
            return 1;
        }
        run(bytes);
        const std::size_t step = 1 + bytes.size() / 512;
        for (std::size_t length = 0; length < bytes.size(); length += step) {
            run(bytes.substr(0, length));
            ++runs;
        }
        ++runs;
    }
    std::cout << files.size() << " inputs, " << runs << " runs\n";
    return files.empty() ? 1 : 0; // an empty corpus tests nothing
}

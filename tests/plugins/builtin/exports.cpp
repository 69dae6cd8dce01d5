// SPDX-License-Identifier: Apache-2.0
// What a plugin's file shows to the world, read from its dynamic symbol table.
#include "plugins/builtin/builtin.hpp"

#include "support/files.hpp"

#include <elf.h>

#include <cstring>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

template<class Record>
Record record_at(const std::string& file, std::uint64_t offset)
{
    BOOST_REQUIRE(offset <= file.size() && file.size() - offset >= sizeof(Record));
    Record record;
    std::memcpy(&record, file.data() + offset, sizeof record);
    return record;
}

// Names of the defined symbols of .dynsym that others can bind to.
std::vector<std::string> exported_names(const fs::path& library)
{
    const std::string file = read_file(library, 256u << 20);
    const auto head = record_at<Elf64_Ehdr>(file, 0);
    std::vector<std::string> names;
    for (unsigned index = 0; index < head.e_shnum; ++index) {
        const auto section = record_at<Elf64_Shdr>(file, head.e_shoff + index * sizeof(Elf64_Shdr));
        if (section.sh_type != SHT_DYNSYM) {
            continue;
        }
        const auto strings = record_at<Elf64_Shdr>(file, head.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
        for (std::uint64_t at = 0; at < section.sh_size; at += sizeof(Elf64_Sym)) {
            const auto symbol = record_at<Elf64_Sym>(file, section.sh_offset + at);
            if (symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL) {
                names.emplace_back(file.data() + strings.sh_offset + symbol.st_name);
            }
        }
    }
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_exports)

BOOST_AUTO_TEST_CASE(a_built_in_plugin_exports_its_entry_function_and_nothing_else)
{
    const std::vector<std::string> expected = {"skw_plugin_entry_v1"};
    std::size_t seen = 0;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(SKW_PLUGINS)) {
        if (entry.path().extension() == ".so") {
            BOOST_TEST_CONTEXT(entry.path().filename())
            {
                BOOST_TEST(exported_names(entry.path()) == expected, boost::test_tools::per_element());
            }
            ++seen;
        }
    }
    BOOST_TEST(seen >= 2u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

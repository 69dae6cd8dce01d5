// SPDX-License-Identifier: Apache-2.0
// Writes a sample checkpoint's shards and the sidecar made of it into a folder, for readers of others.
#include "checkpoint.hpp"
#include "fake_host.hpp"

#include <fstream>
#include <iostream>
#include <random>
#include <string>

namespace {

using skw::safetensors::Dtype;

// Any finite bits: conversions are compared, so every exponent should occur.
void randomise(skw::test::TestTensor& tensor, std::mt19937& random)
{
    for (std::size_t at = 0; at < tensor.bytes.size(); ++at) {
        tensor.bytes[at] = static_cast<char>(random() & 0xff);
    }
    const std::size_t width = skw::safetensors::dtype_bits(tensor.dtype) / 8;
    for (std::size_t at = width - 1; tensor.dtype != Dtype::i64 && at < tensor.bytes.size(); at += width) {
        // The top exponent bit off keeps values finite in every dtype.
        tensor.bytes[at] = static_cast<char>(tensor.bytes[at] & '\xbf');
    }
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::cerr << "usage: plugin_mtp_sample FOLDER\n";
        return 2;
    }
    std::mt19937 random(7);
    auto head = skw::test::qwen_head();
    head.push_back(skw::test::make_tensor("mtp.layers.0.tid2eid", {3, 5}, Dtype::i64));
    head.push_back(skw::test::make_tensor("mtp.layers.0.wide.weight", {300, 2000}, Dtype::f32));
    head.push_back(skw::test::make_tensor("mtp.layers.0.half.weight", {300, 2000}, Dtype::f16));
    for (auto& tensor : head) {
        randomise(tensor, random);
    }
    skw::test::FakeHost host;
    host.files = skw::test::qwen_repo(head);
    const auto outcome = host.execute(skw::test::pinned_plan());
    if (outcome.status != SKW_OK) {
        std::cerr << outcome.message << '\n';
        return 1;
    }
    host.files["mtp.safetensors"] = host.output;
    for (const auto& [name, bytes] : host.files) {
        if (name.ends_with(".safetensors") && name.find('/') == std::string::npos) {
            std::ofstream file(std::string(arguments[1]) + "/" + name, std::ios::binary);
            file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
            file.close();
            if (!file) {
                std::cerr << "cannot write " << name << '\n';
                return 1;
            }
        }
    }
    return 0;
}

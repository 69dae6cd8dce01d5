// SPDX-License-Identifier: Apache-2.0
// Base64, by OpenSSL.
#include "hub/base64.hpp"

#include <openssl/evp.h>

namespace skw::hub {

std::string to_base64(std::string_view bytes)
{
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // OpenSSL adds a NUL
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

} // namespace skw::hub

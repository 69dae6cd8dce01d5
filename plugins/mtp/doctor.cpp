// SPDX-License-Identifier: Apache-2.0
// The kernels that convert rows here, and a SKW_KERNELS that names none.
#include "mtp/doctor.hpp"

#include "mtp/kernels/kernels.hpp"
#include "shared/checks.hpp"

#include <skw/failure.hpp>

#include <string>
#include <utility>

namespace skw::mtp {

boost::json::value check_machine()
{
    builtin::Checks checks;
    try {
        checks.ok("kernels", "tensors are converted by the " + std::string(choose_kernels().name) + " kernels");
    } catch (const sdk::Failure& failure) {
        checks.fail("kernels", failure.place() + " " + failure.message(), failure.hint());
    }
    return std::move(checks).document();
}

} // namespace skw::mtp

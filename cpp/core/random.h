#pragma once

#include <cstdint>

namespace cne {

/// 64 bits from the kernel's generator (getrandom), for identifiers that nobody shall guess.
/// Throws IoError.
uint64_t random_uint64();

}  // namespace cne

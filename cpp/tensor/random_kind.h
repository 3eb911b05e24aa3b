#pragma once

#include <cstdint>

namespace cne::tensor {

/// What the numbers of a key are: both words of a block (a key again), bits of an unsigned integer
/// type, floats of [0, 1), or floats of the normal distribution with mean 0 and deviation 1.
enum class RandomKind : uint8_t { kKeys, kBits, kUniform, kNormal };

}  // namespace cne::tensor

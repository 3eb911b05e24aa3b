#pragma once

#include <cstdint>

#include "core/hash.h"

namespace cne::gbdt {

/// What random numbers are drawn for: draws for different things do not depend on each other.
enum class Draw : uint64_t {
  kRows = 1,
  kTreeFeatures,
  kLevelFeatures,
  kNodeFeatures,
  kThresholds,
  kRowWeights,
  kDropRound,
  kDropTree,
  kPermutation,
  kQuantize,
  kQuery,
  kSplitNoise,
};

/// Mixes a draw and what it is for (round, tree, node) into a key for random_unit.
inline uint64_t random_key(uint64_t seed, Draw draw, uint64_t a, uint64_t b = 0) {
  constexpr uint64_t kStep = 0x9e3779b97f4a7c15ULL;
  const uint64_t start = hash_u64(seed + kStep * static_cast<uint64_t>(draw));
  return hash_u64(hash_u64(start ^ (a * kStep)) + b * kStep + 1);
}

/// A number in [0, 1) that depends on its key and index alone: any thread may draw any of them.
inline double random_unit(uint64_t key, uint64_t index) {
  return static_cast<double>(hash_u64(key + index + 1) >> 11) * 0x1p-53;
}

}  // namespace cne::gbdt

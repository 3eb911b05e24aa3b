#pragma once

#include "../cuda/tensor/fused.cuh"

// What kernels that find their places by indices are made of (cpp/tensor/cuda_gather,
// cuda_scatter).

namespace cne::tensor {

/// What becomes of an index out of bounds, as IndexMode has it.
enum Indices { kChecked, kClip, kSkip };

/// A start of a block as a place from 0 to `last`.
template <typename Index>
inline int64_t start_of(Index given, int64_t last) {
  if (given > 0 && static_cast<uint64_t>(given) > static_cast<uint64_t>(last)) return last;
  return given < 0 ? 0 : static_cast<int64_t>(given);
}

/// An index as a place of its axis. One that leads nowhere clears `is_there`, and raises the fault
/// where it should not have.
template <Indices kMode, typename Index>
inline int64_t place_of(Index given, int64_t extent, bool& is_there, int32_t* fault) {
  const int64_t index = given;
  if constexpr (kMode == kClip) return index < 0 ? 0 : index >= extent ? extent - 1 : index;
  if (index >= 0 && index < extent) return index;
  if constexpr (kMode == kChecked) {
    if (index < 0 && index >= -extent) return index + extent;
    *fault = 1;
  }
  is_there = false;
  return 0;
}

}  // namespace cne::tensor

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

/// Puts an integer of 4 or 8 bytes to one that other threads put theirs to as well: which one comes
/// first makes no difference.
template <typename Join, typename T>
inline void join_at_once(T& to, T value) {
  constexpr bool kIsLong = sizeof(T) == 8;
  using Word = std::conditional_t<kIsLong, unsigned long long, unsigned int>;
  using Signed = std::conditional_t<kIsLong, long long, int>;
  using Number = std::conditional_t<std::is_signed_v<T>, Signed, Word>;
  auto* const word = reinterpret_cast<Word*>(&to);
  auto* const number = reinterpret_cast<Number*>(&to);
  if constexpr (std::is_same_v<Join, Sum>) {
    atomicAdd(word, static_cast<Word>(value));
  } else if constexpr (std::is_same_v<Join, Max>) {
    atomicMax(number, static_cast<Number>(value));
  } else if constexpr (std::is_same_v<Join, Min>) {
    atomicMin(number, static_cast<Number>(value));
  } else {
    Word seen = *word;
    for (;;) {
      const auto joined = static_cast<Word>(Join::join(static_cast<T>(seen), value));
      const Word before = atomicCAS(word, seen, joined);
      if (before == seen) return;
      seen = before;
    }
  }
}

}  // namespace cne::tensor

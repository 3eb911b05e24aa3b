#pragma once

#include <bit>
#include <complex>
#include <cstdint>
#include <type_traits>

#include "tensor/element_dispatch.h"

namespace cne::tensor {

// Stored elements as unsigned words in the same order, so that words are what is sorted.

template <typename T>
using SortWord =
    std::conditional_t<sizeof(T) == 1, uint8_t,
                       std::conditional_t<sizeof(T) == 2, uint16_t,
                                          std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;

template <typename T>
constexpr bool kIsStoredFloat =
    std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <typename T>
constexpr bool kIsStoredComplex =
    std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>;

template <typename Word>
constexpr Word kTopBit = static_cast<Word>(Word{1} << (8 * sizeof(Word) - 1));

/// In the order of the numbers, -0 just before 0. Of a NaN it means nothing.
template <typename T>
CNE_HD SortWord<T> to_sort_word(T value) {
  using Word = SortWord<T>;
  const auto bits = std::bit_cast<Word>(value);
  if constexpr (kIsStoredFloat<T>) {
    const Word flip = bits & kTopBit<Word> ? static_cast<Word>(~Word{0}) : kTopBit<Word>;
    return bits ^ flip;
  } else if constexpr (std::is_signed_v<T>) {
    return bits ^ kTopBit<Word>;
  } else {
    return bits;
  }
}
template <typename T>
CNE_HD T from_sort_word(SortWord<T> word) {
  using Word = SortWord<T>;
  Word bits = word;
  if constexpr (kIsStoredFloat<T>)
    bits ^= word & kTopBit<Word> ? kTopBit<Word> : static_cast<Word>(~Word{0});
  else if constexpr (std::is_signed_v<T>)
    bits ^= kTopBit<Word>;
  return std::bit_cast<T>(bits);
}

template <typename T>
CNE_HD bool is_nan(T value) {
  if constexpr (kIsStoredComplex<T>)
    return value != value;
  else if constexpr (std::is_floating_point_v<T>)
    return value != value;
  else if constexpr (kIsStoredFloat<T>)
    return is_nan(to_float(value));
  else
    return false;
}

template <typename T>
CNE_HD bool is_negative_zero(T value) {
  if constexpr (kIsStoredFloat<T>)
    return std::bit_cast<SortWord<T>>(value) == kTopBit<SortWord<T>>;
  else
    return false;
}

/// As to_sort_word, but 0 and -0 are the same.
template <typename T>
CNE_HD SortWord<T> to_equal_word(T value) {
  const SortWord<T> word = to_sort_word(value);
  return is_negative_zero(value) ? static_cast<SortWord<T>>(word + 1) : word;
}

}  // namespace cne::tensor

#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "tensor/sort_key.h"

namespace cne::tensor {

// Rows of stored elements as words in their order (sort_key.h), many at a time.

enum class WordKind : uint8_t { kUnsigned, kSigned, kFloat };

/// What the bits of an element mean; `infinity` are those of an infinite float.
template <typename Word>
struct WordForm {
  WordKind kind;
  Word infinity;
};

template <typename T>
constexpr WordForm<SortWord<T>> word_form() {
  using Word = SortWord<T>;
  if constexpr (std::is_same_v<T, Half>)
    return {WordKind::kFloat, 0x7c00};
  else if constexpr (std::is_same_v<T, BFloat16>)
    return {WordKind::kFloat, 0x7f80};
  else if constexpr (kIsStoredFloat<T>)
    return {WordKind::kFloat, std::bit_cast<Word>(std::numeric_limits<T>::infinity())};
  else
    return {std::is_signed_v<T> ? WordKind::kSigned : WordKind::kUnsigned, 0};
}

/// Whether `a` comes before `b`, of which neither is a NaN; of complex numbers by the real part
/// first.
template <typename T>
bool goes_before(T a, T b, bool descending) {
  if constexpr (kIsStoredComplex<T>) {
    const bool by_imag = a.real() == b.real();
    const auto x = by_imag ? a.imag() : a.real();
    const auto y = by_imag ? b.imag() : b.real();
    return descending ? x > y : x < y;
  } else {
    return descending ? to_equal_word(a) > to_equal_word(b) : to_equal_word(a) < to_equal_word(b);
  }
}

/// Bits become words as to_sort_word has it, with those of `flip` turned over; in place.
void to_words(WordKind kind, uint8_t* bits, int64_t n, uint8_t flip);
void to_words(WordKind kind, uint16_t* bits, int64_t n, uint16_t flip);
void to_words(WordKind kind, uint32_t* bits, int64_t n, uint32_t flip);
void to_words(WordKind kind, uint64_t* bits, int64_t n, uint64_t flip);
/// And back.
void from_words(WordKind kind, uint8_t* words, int64_t n, uint8_t flip);
void from_words(WordKind kind, uint16_t* words, int64_t n, uint16_t flip);
void from_words(WordKind kind, uint32_t* words, int64_t n, uint32_t flip);
void from_words(WordKind kind, uint64_t* words, int64_t n, uint64_t flip);

/// Whether floats have a NaN or a -0 among them, which words do not tell apart or put in order.
bool has_special(WordForm<uint8_t> form, const uint8_t* bits, int64_t n);
bool has_special(WordForm<uint16_t> form, const uint16_t* bits, int64_t n);
bool has_special(WordForm<uint32_t> form, const uint32_t* bits, int64_t n);
bool has_special(WordForm<uint64_t> form, const uint64_t* bits, int64_t n);

/// Words of which those of 0 and -0 are equal, with the bits of `flip` turned over, and those of
/// NaN are the largest.
void to_places(WordForm<uint8_t> form, const uint8_t* bits, int64_t n, uint8_t flip,
               uint8_t* words);
void to_places(WordForm<uint16_t> form, const uint16_t* bits, int64_t n, uint16_t flip,
               uint16_t* words);
void to_places(WordForm<uint32_t> form, const uint32_t* bits, int64_t n, uint32_t flip,
               uint32_t* words);
void to_places(WordForm<uint64_t> form, const uint64_t* bits, int64_t n, uint64_t flip,
               uint64_t* words);

}  // namespace cne::tensor

#include "tensor/row_words.h"

#include "core/simd.h"

namespace cne::tensor {

namespace {

/// All bits if the top bit of `bits` is set, else none.
template <typename Word>
[[gnu::always_inline]] inline Word sign_mask(Word bits) {
  return static_cast<Word>(0 - (bits >> (8 * sizeof(Word) - 1)));
}

template <typename Word, typename F>
[[gnu::always_inline]] inline void each_word(const Word* from, int64_t n, Word* to, F f) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = f(from[i]);
}

template <typename Word>
[[gnu::always_inline]] inline void words_of(WordKind kind, Word* bits, int64_t n, Word flip) {
  if (kind == WordKind::kFloat)
    return each_word(bits, n, bits, [flip](Word each) {
      return static_cast<Word>(each ^ flip ^ (sign_mask(each) | kTopBit<Word>));
    });
  if (kind == WordKind::kSigned) flip ^= kTopBit<Word>;
  if (flip != 0)
    each_word(bits, n, bits, [flip](Word each) { return static_cast<Word>(each ^ flip); });
}

template <typename Word>
[[gnu::always_inline]] inline void bits_of(WordKind kind, Word* words, int64_t n, Word flip) {
  if (kind != WordKind::kFloat) return words_of(kind, words, n, flip);
  each_word(words, n, words, [flip](Word each) {
    const auto word = static_cast<Word>(each ^ flip);
    return static_cast<Word>(word ^ (static_cast<Word>(~sign_mask(word)) | kTopBit<Word>));
  });
}

template <typename Word>
[[gnu::always_inline]] inline bool any_special(WordForm<Word> form, const Word* bits, int64_t n) {
  constexpr Word kTop = kTopBit<Word>;
  Word any = 0;  // as wide as a word, so that vectors hold both
  for (int64_t i = 0; i < n; ++i) {
    const bool is_nan = static_cast<Word>(bits[i] & ~kTop) > form.infinity;
    any |= static_cast<Word>(is_nan | (bits[i] == kTop));
  }
  return any != 0;
}

template <typename Word>
[[gnu::always_inline]] inline void places_of(WordForm<Word> form, const Word* bits, int64_t n,
                                             Word flip, Word* words) {
  constexpr Word kTop = kTopBit<Word>;
  if (form.kind != WordKind::kFloat) {
    const auto turned = static_cast<Word>(flip ^ (form.kind == WordKind::kSigned ? kTop : 0));
    return each_word(bits, n, words,
                     [turned](Word each) { return static_cast<Word>(each ^ turned); });
  }
  each_word(bits, n, words, [flip, form](Word each) {
    const auto word = static_cast<Word>(each ^ (sign_mask(each) | kTop));
    const auto place = static_cast<Word>((each == kTop ? kTop : word) ^ flip);
    const bool is_nan = static_cast<Word>(each & ~kTop) > form.infinity;
    return is_nan ? static_cast<Word>(~Word{0}) : place;
  });
}

}  // namespace

CNE_MULTIVERSION void to_words(WordKind kind, uint8_t* bits, int64_t n, uint8_t flip) {
  words_of(kind, bits, n, flip);
}
CNE_MULTIVERSION void to_words(WordKind kind, uint16_t* bits, int64_t n, uint16_t flip) {
  words_of(kind, bits, n, flip);
}
CNE_MULTIVERSION void to_words(WordKind kind, uint32_t* bits, int64_t n, uint32_t flip) {
  words_of(kind, bits, n, flip);
}
CNE_MULTIVERSION void to_words(WordKind kind, uint64_t* bits, int64_t n, uint64_t flip) {
  words_of(kind, bits, n, flip);
}

CNE_MULTIVERSION void from_words(WordKind kind, uint8_t* words, int64_t n, uint8_t flip) {
  bits_of(kind, words, n, flip);
}
CNE_MULTIVERSION void from_words(WordKind kind, uint16_t* words, int64_t n, uint16_t flip) {
  bits_of(kind, words, n, flip);
}
CNE_MULTIVERSION void from_words(WordKind kind, uint32_t* words, int64_t n, uint32_t flip) {
  bits_of(kind, words, n, flip);
}
CNE_MULTIVERSION void from_words(WordKind kind, uint64_t* words, int64_t n, uint64_t flip) {
  bits_of(kind, words, n, flip);
}

CNE_MULTIVERSION bool has_special(WordForm<uint8_t> form, const uint8_t* bits, int64_t n) {
  return any_special(form, bits, n);
}
CNE_MULTIVERSION bool has_special(WordForm<uint16_t> form, const uint16_t* bits, int64_t n) {
  return any_special(form, bits, n);
}
CNE_MULTIVERSION bool has_special(WordForm<uint32_t> form, const uint32_t* bits, int64_t n) {
  return any_special(form, bits, n);
}
CNE_MULTIVERSION bool has_special(WordForm<uint64_t> form, const uint64_t* bits, int64_t n) {
  return any_special(form, bits, n);
}

CNE_MULTIVERSION void to_places(WordForm<uint8_t> form, const uint8_t* bits, int64_t n,
                                uint8_t flip, uint8_t* words) {
  places_of(form, bits, n, flip, words);
}
CNE_MULTIVERSION void to_places(WordForm<uint16_t> form, const uint16_t* bits, int64_t n,
                                uint16_t flip, uint16_t* words) {
  places_of(form, bits, n, flip, words);
}
CNE_MULTIVERSION void to_places(WordForm<uint32_t> form, const uint32_t* bits, int64_t n,
                                uint32_t flip, uint32_t* words) {
  places_of(form, bits, n, flip, words);
}
CNE_MULTIVERSION void to_places(WordForm<uint64_t> form, const uint64_t* bits, int64_t n,
                                uint64_t flip, uint64_t* words) {
  places_of(form, bits, n, flip, words);
}

}  // namespace cne::tensor

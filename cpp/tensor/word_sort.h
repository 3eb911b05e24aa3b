#pragma once

#include <cstdint>

namespace cne::tensor {

/// Sorts unsigned words, the smallest first, within one thread. Short ones are counted; others are
/// sorted with AVX-512 by vectors, else digit by digit.
void sort_words(uint8_t* words, int64_t n);
void sort_words(uint16_t* words, int64_t n);
void sort_words(uint32_t* words, int64_t n);
void sort_words(uint64_t* words, int64_t n);

/// The same on several threads where there are many words.
void sort_words_in_parallel(uint8_t* words, int64_t n);
void sort_words_in_parallel(uint16_t* words, int64_t n);
void sort_words_in_parallel(uint32_t* words, int64_t n);
void sort_words_in_parallel(uint64_t* words, int64_t n);

// The two ways. `sort_words_by_vectors` only where `has_vector_sort` says so.
bool has_vector_sort();
void sort_words_by_vectors(uint32_t* words, int64_t n);
void sort_words_by_vectors(uint64_t* words, int64_t n);
/// Moves the larger words behind the others and says how many the others are: 1 or more, and all if
/// the larger ones are not worth the while.
int64_t part_words_by_vectors(uint32_t* words, int64_t n);
int64_t part_words_by_vectors(uint64_t* words, int64_t n);
void sort_words_by_digits(uint32_t* words, int64_t n);
void sort_words_by_digits(uint64_t* words, int64_t n);

}  // namespace cne::tensor

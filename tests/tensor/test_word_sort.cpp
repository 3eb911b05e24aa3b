// Sorted words against std::sort, by both ways, of any length and many kinds.

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/parallel.h"
#include "layouts.h"
#include "tensor/word_sort.h"

using namespace cne::tensor;
using cne::tensor::testing::next_random;

namespace {

template <typename Word>
std::vector<std::vector<Word>> kinds(int64_t n) {
  std::vector<std::vector<Word>> out;
  uint64_t state = static_cast<uint64_t>(n);
  for (const uint64_t bound : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{10}}) {
    std::vector<Word> words(static_cast<size_t>(n));
    for (Word& word : words) {
      const uint64_t random = next_random(state);
      word = static_cast<Word>(bound == 0 ? random : random % bound);
    }
    out.push_back(words);
    for (Word& word : words) word = static_cast<Word>(~word);  // many of the largest
    out.push_back(words);
  }
  std::sort(out[0].begin(), out[0].end());
  out.push_back(out[1]);
  std::sort(out.back().rbegin(), out.back().rend());
  std::vector<Word> up_and_down(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i)
    up_and_down[static_cast<size_t>(i)] = static_cast<Word>(std::min(i, n - i));
  out.push_back(up_and_down);
  return out;
}

template <typename Word>
void check(void (*sort)(Word*, int64_t), int64_t n) {
  for (std::vector<Word>& words : kinds<Word>(n)) {
    std::vector<Word> expected = words;
    std::sort(expected.begin(), expected.end());
    sort(words.data(), n);
    CHECK(words == expected);
  }
}

template <typename Word>
void check_all(void (*sort)(Word*, int64_t)) {
  for (int64_t n = 0; n < 300; ++n) check(sort, n);
  for (const int64_t n : {511, 512, 1000, 4096, 20'000}) check(sort, n);
}

}  // namespace

TEST_CASE("word_sort: by digits, by vectors and by counts") {
  check_all<uint32_t>(sort_words_by_digits);
  check_all<uint64_t>(sort_words_by_digits);
  check_all<uint8_t>(sort_words);
  check_all<uint16_t>(sort_words);
  if (!has_vector_sort()) return;
  check_all<uint32_t>(sort_words_by_vectors);
  check_all<uint64_t>(sort_words_by_vectors);
}

TEST_CASE("word_sort: on any number of threads") {
  const int usual = cne::num_threads();
  for (const int threads : {2, 3}) {
    cne::set_num_threads(threads);
    check<uint16_t>(sort_words_in_parallel, 200'001);
    check<uint32_t>(sort_words_in_parallel, 300'001);
    check<uint64_t>(sort_words_in_parallel, 200'001);
  }
  cne::set_num_threads(usual);
}

#pragma once

#include <cstdint>

#include "core/kernel.h"
#include "tensor/element.h"
#include "tensor/sort_key.h"

namespace cne::tensor {

/// The k largest (or smallest) elements of rows and their places, in the order of top_k
/// (tensor/top_k.h): the first one first, of equal ones those that come first, NaNs last.
///
/// A block does a row. Elements are words in their order, and the word and the place of the last
/// chosen one are found byte by byte from the top, with a histogram of those that begin alike,
/// until what begins alike is just what is missing; mostly after 2 or 3 bytes, so rows are read 3
/// to 4 times, from the second cache when they fit. The chosen ones are gathered in any order and
/// then sorted by word and place in shared memory, which makes one order of them.
template <typename T>
struct TopKRows {
  static constexpr const char* kName = "top_k";
  static constexpr int kThreads = 256;  // as many as values of a byte
  static constexpr int kMost = 1024;    // of k
  static constexpr int kWordBytes = sizeof(T);
  static constexpr int kPlaceBytes = 4;
  using Word = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

  const T* rows;  // (count, length), in order
  int64_t count;
  int64_t length;  // below 2^32
  int k;           // at most kMost and length
  bool largest;
  T* values;        // (count, k)
  int64_t* places;  // alike

  struct Shared {
    uint32_t bins[2][kThreads];
    Word words[kMost];
    uint32_t at[kMost];
    Word word;  // what is known of the last chosen one
    uint32_t place;
    uint32_t left[2];  // to be chosen of those that begin alike, before and after a step
    uint32_t is_done;
    uint32_t found;
  };

  Grid grid() const { return {k == 0 ? 0 : count, 1}; }
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* const shared = block.template shared<Shared>();
    const T* const row = rows + block.x() * length;
    block.each([&](int t) {
      if (t == 0) {
        shared->word = 0;
        shared->place = 0;
        shared->left[0] = static_cast<uint32_t>(k);
        shared->is_done = 0;
        shared->found = 0;
      }
    });
    int steps = 0;
    while (steps < kWordBytes + kPlaceBytes && shared->is_done == 0)
      narrow(block, shared, row, steps++);
    gather(block, shared, row, steps);
    sort(block, shared);
    block.each([&](int t) {
      for (int i = t; i < k; i += kThreads) {
        values[block.x() * k + i] = row[shared->at[i]];
        places[block.x() * k + i] = shared->at[i];
      }
    });
  }

 private:
  CNE_BODY Word word_of(T value) const {
    using Narrow = SortWord<T>;
    const auto flip = largest ? static_cast<Narrow>(~Narrow{0}) : Narrow{0};
    return is_nan(value) ? static_cast<Narrow>(~Narrow{0})
                         : static_cast<Narrow>(to_equal_word(value) ^ flip);
  }
  /// The order of what is known after `steps` bytes to what is known of the last chosen one: below,
  /// at, or above 0.
  CNE_BODY static int order(Word word, uint32_t place, const Shared* shared, int steps) {
    if (steps == 0) return 0;
    const int down = steps < kWordBytes ? 8 * (kWordBytes - steps) : 0;
    const Word own = word >> down;
    const Word other = shared->word >> down;
    if (own != other) return own < other ? -1 : 1;
    if (steps <= kWordBytes) return 0;
    const int places_down = 8 * (kWordBytes + kPlaceBytes - steps);
    const uint32_t at = place >> places_down;
    const uint32_t other_at = shared->place >> places_down;
    return at == other_at ? 0 : at < other_at ? -1 : 1;
  }

  /// One more byte of the last chosen one.
  template <typename Block>
  CNE_BODY void narrow(Block& block, Shared* shared, const T* row, int step) const {
    const bool is_place = step >= kWordBytes;
    const int down = 8 * ((is_place ? kWordBytes + kPlaceBytes : kWordBytes) - 1 - step);
    block.each([&](int t) { shared->bins[0][t] = 0; });
    block.each([&](int t) {
      for (int64_t i = t; i < length; i += kThreads) {
        const Word word = word_of(row[i]);
        const auto place = static_cast<uint32_t>(i);
        if (order(word, place, shared, step) != 0) continue;
        const auto byte = static_cast<int>((is_place ? Word{place >> down} : word >> down) & 255);
        Block::add(&shared->bins[0][byte], uint32_t{1});
      }
    });
    int from = 0;
    for (int by = 1; by < kThreads; by *= 2, from ^= 1)
      block.each([&](int t) {
        shared->bins[from ^ 1][t] =
            shared->bins[from][t] + (t >= by ? shared->bins[from][t - by] : 0);
      });
    block.each([&](int t) {
      const uint32_t before = t == 0 ? 0 : shared->bins[from][t - 1];
      const uint32_t until = shared->bins[from][t];
      const uint32_t left = shared->left[step % 2];
      if (before >= left || until < left) return;
      shared->left[(step + 1) % 2] = left - before;
      if (is_place)
        shared->place |= static_cast<uint32_t>(t) << down;
      else
        shared->word |= static_cast<Word>(t) << down;
      shared->is_done = until == left ? 1 : 0;
    });
  }

  template <typename Block>
  CNE_BODY void gather(Block& block, Shared* shared, const T* row, int steps) const {
    block.each([&](int t) {
      for (int i = t; i < kMost; i += kThreads) {
        shared->words[i] = ~Word{0};
        shared->at[i] = ~uint32_t{0};
      }
    });
    block.each([&](int t) {
      for (int64_t i = t; i < length; i += kThreads) {
        const Word word = word_of(row[i]);
        const auto place = static_cast<uint32_t>(i);
        if (order(word, place, shared, steps) > 0) continue;
        const uint32_t to = Block::add(&shared->found, uint32_t{1});
        shared->words[to] = word;
        shared->at[to] = place;
      }
    });
  }

  /// Batcher's bitonic sorter over the next power of two.
  template <typename Block>
  CNE_BODY void sort(Block& block, Shared* shared) const {
    int size = 1;
    while (size < k) size *= 2;
    for (int run = 2; run <= size; run *= 2)
      for (int by = run / 2; by > 0; by /= 2)
        block.each([&](int t) {
          for (int i = t; i < size / 2; i += kThreads) {
            const int a = 2 * i - (i & (by - 1));
            const int b = a + by;
            const Word first = shared->words[a];
            const Word second = shared->words[b];
            const bool is_behind = first != second ? first > second : shared->at[a] > shared->at[b];
            if (is_behind != ((a & run) == 0)) continue;
            shared->words[a] = second;
            shared->words[b] = first;
            const uint32_t place = shared->at[a];
            shared->at[a] = shared->at[b];
            shared->at[b] = place;
          }
        });
  }
};

/// Of rows (count, length) in order, of any floats, int32 or int64. Throws TypeError for another
/// type, ArgumentError for a k beyond the length or 1,024.
void device_top_k(Device device, Element element, const void* rows, int64_t count, int64_t length,
                  int64_t k, bool largest, void* values, int64_t* places);

}  // namespace cne::tensor

#include "frame/sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "frame/dispatch.h"

namespace cne::frame {

namespace {

/// Numbers as unsigned words in the same order: -0 and 0 have one word, NaN has the largest.
template <typename T>
uint64_t ordered_word(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return UINT64_MAX;
    const auto bits = std::bit_cast<uint64_t>(static_cast<double>(value) + 0.0);  // -0 + 0 is 0
    return bits >> 63 ? ~bits : bits | (uint64_t{1} << 63);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ (uint64_t{1} << 63);
  } else {
    return static_cast<uint64_t>(value);
  }
}

struct Item {
  uint64_t word;
  int64_t row;
};

constexpr int64_t kPiece = 1 << 17;  // rows that one task sorts

/// Sorts [0, n) of `items` by word, stable, with `spare` of the same size; the result is in
/// `items`. Bytes that all words share are passed over.
void radix_sort(Item* items, Item* spare, int64_t n) {
  if (n < 64) {
    std::stable_sort(items, items + n,
                     [](const Item& a, const Item& b) { return a.word < b.word; });
    return;
  }
  uint64_t all = ~uint64_t{0};
  uint64_t any = 0;
  bool sorted = true;
  for (int64_t i = 0; i < n; ++i) {
    all &= items[i].word;
    any |= items[i].word;
    sorted &= i == 0 || items[i - 1].word <= items[i].word;
  }
  if (sorted) return;
  const uint64_t differs = all ^ any;
  Item* from = items;
  Item* to = spare;
  constexpr int kBits = 11;
  constexpr uint64_t kMask = (1 << kBits) - 1;
  for (int shift = 0; shift < 64; shift += kBits) {
    if (((differs >> shift) & kMask) == 0) continue;
    std::array<int64_t, kMask + 1> at{};
    for (int64_t i = 0; i < n; ++i) ++at[(from[i].word >> shift) & kMask];
    int64_t sum = 0;
    for (int64_t& count : at) sum += std::exchange(count, sum);
    for (int64_t i = 0; i < n; ++i) to[at[(from[i].word >> shift) & kMask]++] = from[i];
    std::swap(from, to);
  }
  if (from != items) std::memcpy(items, from, static_cast<size_t>(n) * sizeof(Item));
}

/// Merges sorted neighbours of `width` until one run is left. Stable: the left run wins ties.
void merge_runs(std::vector<Item>& items, std::vector<Item>& spare, int64_t width) {
  const auto n = static_cast<int64_t>(items.size());
  for (; width < n; width *= 2) {
    const int64_t pairs = (n + 2 * width - 1) / (2 * width);
    parallel_tasks(pairs, [&](int64_t pair, int) {
      const int64_t begin = pair * 2 * width;
      const int64_t middle = std::min(n, begin + width);
      const int64_t end = std::min(n, middle + width);
      std::merge(items.begin() + begin, items.begin() + middle, items.begin() + middle,
                 items.begin() + end, spare.begin() + begin,
                 [](const Item& a, const Item& b) { return a.word < b.word; });
    });
    items.swap(spare);
  }
}

/// Pieces are sorted side by side, then merged.
void sort_items(std::vector<Item>& items) {
  const auto n = static_cast<int64_t>(items.size());
  std::vector<Item> spare(items.size());
  parallel_for(n, kPiece, [&](int64_t begin, int64_t end) {
    radix_sort(items.data() + begin, spare.data() + begin, end - begin);
  });
  merge_runs(items, spare, kPiece);
}

/// The first eight bytes, the first one highest.
uint64_t text_prefix(std::string_view text) {
  uint64_t word = 0;
  std::memcpy(&word, text.data() ? text.data() : "", std::min<size_t>(8, text.size()));
  return __builtin_bswap64(word);
}

/// Where prefixes are equal, the texts decide.
void sort_equal_prefixes(std::vector<Item>& items, const StringView& text, bool descending) {
  for (size_t begin = 0; begin < items.size();) {
    size_t end = begin + 1;
    while (end < items.size() && items[end].word == items[begin].word) ++end;
    if (end - begin > 1)
      std::stable_sort(items.begin() + static_cast<int64_t>(begin),
                       items.begin() + static_cast<int64_t>(end),
                       [&](const Item& a, const Item& b) {
                         return descending ? text[a.row] > text[b.row] : text[a.row] < text[b.row];
                       });
    begin = end;
  }
}

void fill_words(const SortKey& key, std::vector<Item>& items) {
  const uint64_t flip = key.descending ? ~uint64_t{0} : 0;
  const auto fill = [&](const auto& word) {
    parallel_for(static_cast<int64_t>(items.size()), kPiece, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        Item& item = items[static_cast<size_t>(i)];
        item.word = word(item.row);
      }
    });
  };
  if (is_binary_like(key.column.type().id)) {
    const StringView text = key.column.strings();
    fill([&](int64_t row) { return text_prefix(text[row]) ^ flip; });
    return;
  }
  const bool floating = is_floating(key.column.type().id);
  visit_reader(key.column, [&](auto read) {
    fill([&](int64_t row) {
      const uint64_t word = ordered_word(read(row));
      return floating && word == UINT64_MAX ? word : word ^ flip;
    });
  });
}

/// Sorts the rows by one key, keeping the order of equal ones; nulls go to the end.
void sort_by(const SortKey& key, std::vector<int64_t>& rows) {
  std::vector<Item> items;
  items.reserve(rows.size());
  std::vector<int64_t> nulls;
  if (key.column.may_have_nulls()) {
    for (const int64_t row : rows) {
      if (key.column.is_valid(row))
        items.push_back({0, row});
      else
        nulls.push_back(row);
    }
  } else {
    for (const int64_t row : rows) items.push_back({0, row});
  }
  fill_words(key, items);
  sort_items(items);
  if (is_binary_like(key.column.type().id))
    sort_equal_prefixes(items, key.column.strings(), key.descending);
  for (size_t i = 0; i < items.size(); ++i) rows[i] = items[i].row;
  std::copy(nulls.begin(), nulls.end(), rows.begin() + static_cast<int64_t>(items.size()));
}

}  // namespace

std::vector<int64_t> sort_rows(const std::vector<SortKey>& keys, int64_t n, const char* function) {
  for (const SortKey& key : keys)
    if (is_nested(key.column.type().id))
      throw TypeError(
          message(function, ": values of type ", to_string(key.column.type()), " have no order"));
  std::vector<int64_t> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  for (size_t i = keys.size(); i-- > 0;) sort_by(keys[i], rows);
  return rows;
}

}  // namespace cne::frame

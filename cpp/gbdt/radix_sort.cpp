#include "gbdt/radix_sort.h"

#include <algorithm>
#include <array>
#include <bit>

namespace cne::gbdt {

namespace {

constexpr int kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;
constexpr size_t kFew = 256;  // below, comparing is faster

/// Flips the bits so that unsigned numbers are in the order of the floats.
template <typename Key, typename T>
Key to_key(T value) {
  const Key bits = std::bit_cast<Key>(value);
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  return bits & kSign ? ~bits : bits | kSign;
}

template <typename Key, typename T>
T from_key(Key key) {
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  return std::bit_cast<T>(key & kSign ? key ^ kSign : ~key);
}

template <typename Key, typename T>
void sort_by_digits(std::vector<T>& values) {
  if (values.size() < kFew) {
    std::sort(values.begin(), values.end());
    return;
  }
  constexpr int kPasses = (8 * sizeof(Key) + kDigitBits - 1) / kDigitBits;
  std::vector<Key> keys(values.size());
  std::vector<Key> other(values.size());
  std::vector<std::array<uint32_t, kDigits>> counts(kPasses);
  for (size_t i = 0; i < values.size(); ++i) {
    keys[i] = to_key<Key>(values[i]);
    for (int p = 0; p < kPasses; ++p) ++counts[p][(keys[i] >> (p * kDigitBits)) & (kDigits - 1)];
  }
  for (int p = 0; p < kPasses; ++p) {
    const int shift = p * kDigitBits;
    std::array<uint32_t, kDigits>& at = counts[p];
    if (at[(keys[0] >> shift) & (kDigits - 1)] == keys.size()) continue;
    uint32_t total = 0;
    for (uint32_t& count : at) {
      const uint32_t own = count;
      count = total;
      total += own;
    }
    for (const Key key : keys) other[at[(key >> shift) & (kDigits - 1)]++] = key;
    keys.swap(other);
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] = from_key<Key, T>(keys[i]);
}

}  // namespace

void radix_sort(std::vector<float>& values) { sort_by_digits<uint32_t>(values); }
void radix_sort(std::vector<double>& values) { sort_by_digits<uint64_t>(values); }

}  // namespace cne::gbdt

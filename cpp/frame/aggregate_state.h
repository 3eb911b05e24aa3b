#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

namespace cne::frame::state {

using Int128 = __int128;

/// The parts of an aggregate's state: plain bytes, all zero when nothing has been added.
struct Count {
  int64_t count;
  void merge(const Count& from) { count += from.count; }
};

struct Sum {
  uint64_t low;
  int64_t high;
  int64_t count;
  Int128 get() const { return (static_cast<Int128>(high) << 64) | low; }
  void add(Int128 value) {
    const Int128 sum = get() + value;
    low = static_cast<uint64_t>(sum);
    high = static_cast<int64_t>(sum >> 64);
  }
  void merge(const Sum& from) {
    add(from.get());
    count += from.count;
  }
};

struct FloatSum {
  double sum;
  int64_t count;
  void merge(const FloatSum& from) {
    sum += from.sum;
    count += from.count;
  }
};

/// Welford 1962 for one value, Chan, Golub and LeVeque 1979 for a merge.
struct Moments {
  int64_t count;
  double mean;
  double squares;
  void add(double value) {
    ++count;
    const double delta = value - mean;
    mean += delta / static_cast<double>(count);
    squares += delta * (value - mean);
  }
  void merge(const Moments& from) {
    if (from.count == 0) return;
    if (count == 0) {
      *this = from;
      return;
    }
    const auto a = static_cast<double>(count);
    const auto b = static_cast<double>(from.count);
    const double delta = from.mean - mean;
    mean += delta * (b / (a + b));
    squares += from.squares + delta * delta * (a * b / (a + b));
    count += from.count;
  }
};

template <typename T>
T from_bits(uint64_t bits) {
  T out;
  std::memcpy(&out, &bits, sizeof(T));
  return out;
}
template <typename T>
uint64_t to_bits(T value) {
  uint64_t out = 0;
  std::memcpy(&out, &value, sizeof(T));
  return out;
}

/// Whether `value` replaces `kept` as the smallest (largest); NaN loses to everything.
template <bool kMin, typename T>
bool beats(T value, T kept) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(kept)) return !std::isnan(value);
  return kMin ? value < kept : value > kept;
}

struct Extreme {
  uint64_t bits;
  int64_t present;
  template <bool kMin, typename T>
  void add(T value) {
    if (present && !beats<kMin>(value, from_bits<T>(bits))) return;
    bits = to_bits(value);
    present = 1;
  }
};

/// Whether an update at `order` replaces the kept first (last) value.
template <bool kFirst>
bool replaces(int64_t order, int64_t kept) {
  return kFirst ? order < kept : order >= kept;
}

struct Edge {
  uint64_t bits;
  int64_t order;
  int64_t present;
  template <bool kFirst, typename T>
  void add(T value, int64_t at) {
    if (present && !replaces<kFirst>(at, order)) return;
    bits = to_bits(value);
    order = at;
    present = 1;
  }
};

/// A text that the state owns; `data` is null when there is none.
struct Text {
  int64_t order;
  char* data;
  uint32_t size;
  uint32_t capacity;

  std::string_view view() const { return {data, size}; }
  void set(std::string_view text, int64_t at) {
    if (data == nullptr || text.size() > capacity) {
      const size_t room = text.size() < 16 ? 16 : text.size() + text.size() / 2;
      auto* grown = static_cast<char*>(std::realloc(data, room));
      if (grown == nullptr) throw std::bad_alloc();
      data = grown;
      capacity = static_cast<uint32_t>(room);
    }
    if (!text.empty()) std::memcpy(data, text.data(), text.size());
    size = static_cast<uint32_t>(text.size());
    order = at;
  }
  template <bool kMin>
  void add_extreme(std::string_view text) {
    if (data == nullptr || (kMin ? text < view() : text > view())) set(text, 0);
  }
  template <bool kFirst>
  void add_edge(std::string_view text, int64_t at) {
    if (data == nullptr || replaces<kFirst>(at, order)) set(text, at);
  }
  void destroy() {
    std::free(data);
    data = nullptr;
  }
};

}  // namespace cne::frame::state

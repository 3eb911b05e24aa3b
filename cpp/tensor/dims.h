#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace cne::tensor {

/// The most axes that an array may have.
inline constexpr int kMaxRank = 16;

[[noreturn]] void throw_too_many_axes();

/// A few integers by axis: a shape, strides, a choice of axes. A value without memory of its own.
class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<int64_t> values) {
    for (const int64_t value : values) push_back(value);
  }
  /// `count` times the same.
  static Dims filled(int count, int64_t value) {
    Dims out;
    for (int i = 0; i < count; ++i) out.push_back(value);
    return out;
  }
  /// first, first + 1, ...
  static Dims range(int64_t first, int64_t end) {
    Dims out;
    for (int64_t i = first; i < end; ++i) out.push_back(i);
    return out;
  }

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t operator[](int i) const { return values_[static_cast<size_t>(i)]; }
  int64_t& operator[](int i) { return values_[static_cast<size_t>(i)]; }
  const int64_t* begin() const { return values_.data(); }
  const int64_t* end() const { return values_.data() + size_; }
  int64_t* begin() { return values_.data(); }
  int64_t* end() { return values_.data() + size_; }
  int64_t back() const { return values_[static_cast<size_t>(size_ - 1)]; }

  /// Throws ShapeError when there are kMaxRank already.
  void push_back(int64_t value) {
    if (size_ == kMaxRank) throw_too_many_axes();
    values_[static_cast<size_t>(size_++)] = value;
  }
  void insert(int at, int64_t value) {
    push_back(value);
    std::rotate(begin() + at, end() - 1, end());
  }
  void erase(int at) {
    std::copy(begin() + at + 1, end(), begin() + at);
    --size_;
  }
  bool contains(int64_t value) const { return std::find(begin(), end(), value) != end(); }
  bool operator==(const Dims& other) const {
    return size_ == other.size_ && std::equal(begin(), end(), other.begin());
  }

 private:
  std::array<int64_t, kMaxRank> values_;  // those behind size_ mean nothing
  int size_ = 0;
};

/// The product: 1 without axes. Whether it overflows was checked when the array was made.
inline int64_t product(const Dims& dims) {
  int64_t out = 1;
  for (const int64_t value : dims) out *= value;
  return out;
}

/// As Python writes a tuple: "()", "(3,)", "(2, 5)".
std::string to_string(const Dims& dims);

}  // namespace cne::tensor

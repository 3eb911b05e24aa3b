#pragma once

#include <cstdint>

#include "tensor/array.h"

namespace cne::tensor {

/// Reads the elements of an array, as if it had been broadcast to a shape, in the order of that
/// shape's rows. The array must outlive it.
class TileReader {
 public:
  TileReader(const Array& array, const Dims& shape);

  /// Whether the elements lie in this order: `direct` gives them without a copy.
  bool is_direct() const { return is_direct_; }
  const uint8_t* direct(int64_t position) const {
    return base_ + position * static_cast<int64_t>(width_);
  }
  /// Elements from a position on that lie one behind the other, or are one and the same.
  struct Run {
    const uint8_t* at;
    int64_t count;
    bool is_one;
  };
  Run run(int64_t position) const;
  /// The `count` elements from `position` on, copied to `scratch` if need be.
  const void* read(int64_t position, int64_t count, void* scratch) const;

 private:
  void gather(int64_t position, int64_t count, uint8_t* to) const;

  const uint8_t* base_;
  size_t width_;
  bool is_direct_;
  // The axes, those that can be walked as one put together.
  Dims shape_;
  Dims strides_;
};

}  // namespace cne::tensor

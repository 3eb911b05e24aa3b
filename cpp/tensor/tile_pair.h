#pragma once

#include <cstdint>
#include <optional>

#include "tensor/elementwise_tile.h"

namespace cne::tensor {

// Two operations of floats as one loop over a tile, for fused kernels: a tile less is written and
// read. Every element is what the two give one after the other, bit for bit.

/// Two operations of arithmetic: x = a op b, then x op c, either turned around.
class TilePair {
 public:
  enum class Op : uint8_t { kAdd, kSubtract, kSubtractFrom, kMultiply };
  /// What an operation is for a value that is its first or its second input; none if it is another.
  static std::optional<Op> op_of(ElementOp op, bool is_second);

  TilePair() = default;
  /// `b` and `c` may be one element for all.
  TilePair(Element element, Op first, bool b_is_one, Op second, bool c_is_one)
      : element_(element), first_(first), second_(second) {
    ones_ = (b_is_one ? 1 : 0) + (c_is_one ? 2 : 0);
  }
  /// `in` has a, b and c; the output may be one of them that is no single element.
  void operator()(const void* const* in, void* out, int64_t n) const;

 private:
  Element element_ = Element::kFloat32;
  Op first_ = Op::kAdd;
  Op second_ = Op::kAdd;
  int ones_ = 0;
};

/// A comparison and a choice by it: a op b ? c : d, all of one type.
class TileChoice {
 public:
  enum class Op : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual };
  /// What an operation is that has `a` as its first or its second input; none if it is another.
  static std::optional<Op> op_of(ElementOp op, bool is_second);

  TileChoice() = default;
  /// All but `a` may be one element for all.
  TileChoice(Element element, Op op, bool b_is_one, bool c_is_one, bool d_is_one)
      : element_(element), op_(op) {
    ones_ = (b_is_one ? 1 : 0) + (c_is_one ? 2 : 0) + (d_is_one ? 4 : 0);
  }
  void operator()(const void* const* in, void* out, int64_t n) const;

 private:
  Element element_ = Element::kFloat32;
  Op op_ = Op::kLess;
  int ones_ = 0;
};

}  // namespace cne::tensor

#pragma once

#include "core/column.h"
#include "frame/bits.h"

namespace cne::frame {

/// An input of a kernel: a column, or one element that stands for all rows.
struct Operand {
  Column column;
  bool scalar = false;

  bool null_scalar() const { return scalar && !column.is_valid(0); }
};

/// `out[i] = f(a[i], b[i])` for n rows, with a loop of its own for each mix of scalars.
template <typename T, typename Out, typename F>
void for_pairs(const Operand& a, const Operand& b, int64_t n, Out* out, const F& f) {
  const T* x = a.column.values<T>();
  const T* y = b.column.values<T>();
  if (a.scalar) {
    const T v = x[0];
    for (int64_t i = 0; i < n; ++i) out[i] = f(v, y[i]);
  } else if (b.scalar) {
    const T v = y[0];
    for (int64_t i = 0; i < n; ++i) out[i] = f(x[i], v);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i] = f(x[i], y[i]);
  }
}

/// The rows that are valid on both sides; an empty buffer when all are. `n` is the number of rows.
inline Buffer both_valid(const Operand& a, const Operand& b, int64_t n) {
  if (a.null_scalar() || b.null_scalar()) return Buffer::zeros(bitmap_bytes(n));
  const bool in_a = !a.scalar && a.column.may_have_nulls();
  const bool in_b = !b.scalar && b.column.may_have_nulls();
  if (!in_a && !in_b) return Buffer();
  if (!in_b) return validity_from_zero(a.column);
  if (!in_a) return validity_from_zero(b.column);
  return make_bitmap(n, [&](int64_t at, int64_t count) {
    return valid_bits(a.column, at, count) & valid_bits(b.column, at, count);
  });
}

}  // namespace cne::frame

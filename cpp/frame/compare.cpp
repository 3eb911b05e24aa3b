#include "frame/compare.h"

#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "frame/dispatch.h"
#include "frame/hash_table.h"

namespace cne::frame {

namespace {

/// Bits of `test(a[i], b[i])`; `Get` reads an element of a side.
template <typename GetA, typename GetB, typename Test>
Buffer compare_bits(int64_t n, const GetA& a, const GetB& b, const Test& test) {
  return make_bitmap(n, [&](int64_t at, int64_t count) {
    return pack_bits(at, count, [&](int64_t i) { return test(a(i), b(i)); });
  });
}

template <typename GetA, typename GetB>
Buffer compare_by(ExprOp op, int64_t n, const GetA& a, const GetB& b) {
  using V = std::decay_t<decltype(a(0))>;
  switch (op) {
    case ExprOp::kEqual:
      return compare_bits(n, a, b, [](const V& x, const V& y) { return x == y; });
    case ExprOp::kNotEqual:
      return compare_bits(n, a, b, [](const V& x, const V& y) { return x != y; });
    case ExprOp::kLess:
      return compare_bits(n, a, b, [](const V& x, const V& y) { return x < y; });
    case ExprOp::kLessEqual:
      return compare_bits(n, a, b, [](const V& x, const V& y) { return x <= y; });
    case ExprOp::kGreater:
      return compare_bits(n, a, b, [](const V& x, const V& y) { return x > y; });
    default:
      return compare_bits(n, a, b, [](const V& x, const V& y) { return x >= y; });
  }
}

struct TextReader {
  StringView text;
  std::string_view operator()(int64_t i) const { return text[i]; }
};

ExprOp mirrored(ExprOp op) {
  switch (op) {
    case ExprOp::kLess:
      return ExprOp::kGreater;
    case ExprOp::kLessEqual:
      return ExprOp::kGreaterEqual;
    case ExprOp::kGreater:
      return ExprOp::kLess;
    case ExprOp::kGreaterEqual:
      return ExprOp::kLessEqual;
    default:
      return op;
  }
}

/// Element readers for the mixes of columns and scalars; a scalar on the left changes sides.
template <typename Reader>
Buffer compare_readers(ExprOp op, const Operand& a, const Operand& b, int64_t n, const Reader& x,
                       const Reader& y) {
  if (a.scalar) return compare_readers(mirrored(op), b, Operand{a.column, true}, n, y, x);
  if (!b.scalar) return compare_by(op, n, x, y);
  const auto value = y(0);
  return compare_by(op, n, x, [&](int64_t) { return value; });
}

}  // namespace

Column compare(ExprOp op, const Operand& a, const Operand& b, int64_t n) {
  if (a.scalar && b.scalar) {
    // One comparison, repeated: the left side is read as a column of one row.
    const Column one = compare(op, Operand{a.column, false}, b, 1);
    const uint64_t word = one.bit(0) ? ~uint64_t{0} : 0;
    return Column(DType::kBool, n, make_bitmap(n, [&](int64_t, int64_t) { return word; }),
                  one.is_valid(0) ? Buffer() : Buffer::zeros(bitmap_bytes(n)));
  }
  Buffer validity = both_valid(a, b, n);
  if (a.null_scalar() || b.null_scalar()) return Column::nulls(DType::kBool, n);
  Buffer bits;
  if (is_binary_like(a.column.type().id)) {
    bits = compare_readers(op, a, b, n, TextReader{a.column.strings()},
                           TextReader{b.column.strings()});
  } else if (a.column.type().id == DType::kBool) {
    bits = compare_readers(op, a, b, n, BoolReader(a.column), BoolReader(b.column));
  } else {
    bits = visit_fixed(a.column.type().id, [&](auto tag) {
      using Reader = FixedReader<decltype(tag)>;
      return compare_readers(op, a, b, n, Reader(a.column), Reader(b.column));
    });
  }
  return Column(DType::kBool, n, std::move(bits), std::move(validity));
}

Column is_nan(const Column& input) {
  const int64_t n = input.length();
  Buffer bits;
  if (is_floating(input.type().id))
    bits = visit_fixed(input.type().id, [&](auto tag) {
      const auto* values = input.values<decltype(tag)>();
      return make_bitmap(n, [&](int64_t at, int64_t count) {
        return pack_bits(at, count, [&](int64_t i) { return values[i] != values[i]; });
      });
    });
  else
    bits = Buffer::zeros(bitmap_bytes(n));
  return Column(DType::kBool, n, std::move(bits), validity_from_zero(input));
}

Column is_in(const Column& input, const Column& values) {
  KeyTable table({values.type()}, "is_in");
  std::vector<uint32_t> ids(static_cast<size_t>(std::max(values.length(), input.length())));
  table.ids({values}, 0, values.length(), ids.data());
  table.find({input}, 0, input.length(), ids.data());
  Buffer bits = make_bitmap(input.length(), [&](int64_t at, int64_t n) {
    return pack_bits(at, n,
                     [&](int64_t i) { return ids[static_cast<size_t>(i)] != KeyTable::kAbsent; });
  });
  return Column(DType::kBool, input.length(), std::move(bits), validity_from_zero(input));
}

}  // namespace cne::frame

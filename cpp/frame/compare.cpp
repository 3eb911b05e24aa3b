#include "frame/compare.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "frame/dispatch.h"
#include "frame/gather.h"
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

/// The comparisons; integers of different sign by their values.
template <typename A, typename B>
constexpr bool kMixed = std::is_integral_v<A> && std::is_integral_v<B> && !std::is_same_v<A, B>;
template <typename A, typename B>
bool is_equal(const A& x, const B& y) {
  if constexpr (kMixed<A, B>)
    return std::cmp_equal(x, y);
  else
    return x == y;
}
template <typename A, typename B>
bool is_less(const A& x, const B& y) {
  if constexpr (kMixed<A, B>)
    return std::cmp_less(x, y);
  else
    return x < y;
}
template <typename A, typename B>
bool is_less_equal(const A& x, const B& y) {
  if constexpr (kMixed<A, B>)
    return std::cmp_less_equal(x, y);
  else
    return x <= y;
}

template <typename GetA, typename GetB>
Buffer compare_by(ExprOp op, int64_t n, const GetA& a, const GetB& b) {
  using A = std::decay_t<decltype(a(0))>;
  using B = std::decay_t<decltype(b(0))>;
  switch (op) {
    case ExprOp::kEqual:
      return compare_bits(n, a, b, [](const A& x, const B& y) { return is_equal(x, y); });
    case ExprOp::kNotEqual:
      return compare_bits(n, a, b, [](const A& x, const B& y) { return !is_equal(x, y); });
    case ExprOp::kLess:
      return compare_bits(n, a, b, [](const A& x, const B& y) { return is_less(x, y); });
    case ExprOp::kLessEqual:
      return compare_bits(n, a, b, [](const A& x, const B& y) { return is_less_equal(x, y); });
    case ExprOp::kGreater:
      return compare_bits(n, a, b, [](const A& x, const B& y) { return is_less(y, x); });
    default:
      return compare_bits(n, a, b, [](const A& x, const B& y) { return is_less_equal(y, x); });
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
template <typename ReaderA, typename ReaderB>
Buffer compare_readers(ExprOp op, const Operand& a, const Operand& b, int64_t n, const ReaderA& x,
                       const ReaderB& y) {
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
  } else if (a.column.type().id == DType::kUInt64 && b.column.type().id == DType::kInt64) {
    bits = compare_readers(op, a, b, n, FixedReader<uint64_t>(a.column),
                           FixedReader<int64_t>(b.column));
  } else if (a.column.type().id == DType::kInt64 && b.column.type().id == DType::kUInt64) {
    bits = compare_readers(op, a, b, n, FixedReader<int64_t>(a.column),
                           FixedReader<uint64_t>(b.column));
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
  // Nulls and NaN are keys of the table, but equal to nothing here.
  const Column nan = is_nan(values);
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < values.length(); ++i)
    if (values.is_valid(i) && !nan.bit(i)) rows.push_back(i);
  const auto count = static_cast<int64_t>(rows.size());
  KeyTable table({values.type()}, "is_in");
  std::vector<uint32_t> ids(static_cast<size_t>(std::max(count, input.length())));
  table.ids({gather(values, rows.data(), count)}, 0, count, ids.data());
  table.find({input}, 0, input.length(), ids.data());
  Buffer bits = make_bitmap(input.length(), [&](int64_t at, int64_t n) {
    return pack_bits(at, n,
                     [&](int64_t i) { return ids[static_cast<size_t>(i)] != KeyTable::kAbsent; });
  });
  return Column(DType::kBool, input.length(), std::move(bits), validity_from_zero(input));
}

}  // namespace cne::frame

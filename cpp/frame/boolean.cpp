#include "frame/boolean.h"

#include <utility>

namespace cne::frame {

namespace {

/// 64 elements of a side as two words: where it is certainly true, and certainly false.
struct Word {
  uint64_t yes;
  uint64_t no;
};

Word word_at(const Operand& side, int64_t at, int64_t n) {
  const uint64_t all = n == 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  if (side.scalar) {
    if (!side.column.is_valid(0)) return {0, 0};
    return side.column.bit(0) ? Word{all, 0} : Word{0, all};
  }
  const uint64_t valid = valid_bits(side.column, at, n);
  const uint64_t value = value_bits(side.column, at, n);
  return {valid & value, valid & ~value};
}

Word combine(ExprOp op, Word a, Word b) {
  switch (op) {
    case ExprOp::kAnd:
      return {a.yes & b.yes, a.no | b.no};
    case ExprOp::kOr:
      return {a.yes | b.yes, a.no & b.no};
    default:
      return {(a.yes & b.no) | (a.no & b.yes), (a.yes & b.yes) | (a.no & b.no)};
  }
}

}  // namespace

Column logic(ExprOp op, const Operand& a, const Operand& b, int64_t n) {
  const bool nulls = a.column.may_have_nulls() || b.column.may_have_nulls();
  Buffer values = make_bitmap(n, [&](int64_t at, int64_t count) {
    return combine(op, word_at(a, at, count), word_at(b, at, count)).yes;
  });
  Buffer validity;
  if (nulls)
    validity = make_bitmap(n, [&](int64_t at, int64_t count) {
      const Word word = combine(op, word_at(a, at, count), word_at(b, at, count));
      return word.yes | word.no;
    });
  return Column(DType::kBool, n, std::move(values), std::move(validity));
}

Column logical_not(const Column& input) {
  Buffer values =
      make_bitmap(input.length(), [&](int64_t at, int64_t n) { return ~value_bits(input, at, n); });
  return Column(DType::kBool, input.length(), std::move(values), validity_from_zero(input));
}

Column is_null(const Column& input, bool negated) {
  const uint64_t flip = negated ? 0 : ~uint64_t{0};
  return Column(DType::kBool, input.length(),
                make_bitmap(input.length(), [&](int64_t at, int64_t n) {
                  return valid_bits(input, at, n) ^ flip;
                }));
}

}  // namespace cne::frame

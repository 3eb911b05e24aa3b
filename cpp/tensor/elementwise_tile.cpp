#include "tensor/elementwise_tile.h"

#include <algorithm>
#include <complex>
#include <utility>

namespace cne::tensor {

namespace {

void run(ElementOp op, Element element, const void* const* in, Sides sides, void* out, int64_t n) {
  switch (kind_of(element)) {
    case ElementKind::kFloat:
      return run_float_tile(op, element, in, sides, out, n);
    case ElementKind::kComplex:
      return run_complex_tile(op, element, in, sides, out, n);
    default:
      return run_integer_tile(op, element, in, sides, out, n);
  }
}

bool is_commutative(ElementOp op) {
  switch (op) {
    case ElementOp::kAdd:
    case ElementOp::kMultiply:
    case ElementOp::kMaximum:
    case ElementOp::kMinimum:
    case ElementOp::kAnd:
    case ElementOp::kOr:
    case ElementOp::kXor:
    case ElementOp::kEqual:
    case ElementOp::kNotEqual:
      return true;
    default:
      return false;
  }
}

/// Whether there is a loop with one element on that side; other operations cost more than a tile of
/// copies of it.
bool has_loop(ElementOp op, Sides sides) {
  switch (op) {
    case ElementOp::kSubtract:
    case ElementOp::kDivide:
      return true;
    case ElementOp::kLess:
    case ElementOp::kLessEqual:
    case ElementOp::kShiftLeft:
    case ElementOp::kShiftRight:
      return sides == Sides::kSecondIsOne;
    default:
      return is_commutative(op);
  }
}

/// a > b is b < a, and one element comes second where it may: fewer loops. Whether the inputs have
/// to be exchanged for what op and sides are then.
bool turn(ElementOp& op, Sides& sides) {
  const bool is_greater = op == ElementOp::kGreater || op == ElementOp::kGreaterEqual;
  if (!is_greater && (sides != Sides::kFirstIsOne || !is_commutative(op))) return false;
  if (op == ElementOp::kGreater) op = ElementOp::kLess;
  if (op == ElementOp::kGreaterEqual) op = ElementOp::kLessEqual;
  if (sides != Sides::kArrays)
    sides = sides == Sides::kFirstIsOne ? Sides::kSecondIsOne : Sides::kFirstIsOne;
  return true;
}

template <typename T>
void run_with_copies(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                     int64_t n) {
  T copies[kTile];
  const int one = sides == Sides::kFirstIsOne ? 0 : 1;
  std::fill_n(copies, std::min(n, kTile), *static_cast<const T*>(in[one]));
  const auto width = static_cast<int64_t>(size_of(result_of(op, element)));
  for (int64_t at = 0; at < n; at += kTile) {
    const void* const array = static_cast<const T*>(in[1 - one]) + at;
    const void* const both[] = {one == 0 ? copies : array, one == 0 ? array : copies};
    run(op, element, both, Sides::kArrays, static_cast<uint8_t*>(out) + at * width,
        std::min(kTile, n - at));
  }
}

void run_with_copies(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                     int64_t n) {
  switch (size_of(element)) {
    case 1:
      return run_with_copies<uint8_t>(op, element, in, sides, out, n);
    case 2:
      return run_with_copies<uint16_t>(op, element, in, sides, out, n);
    case 4:
      return run_with_copies<uint32_t>(op, element, in, sides, out, n);
    case 8:
      return run_with_copies<uint64_t>(op, element, in, sides, out, n);
    default:
      return run_with_copies<std::complex<double>>(op, element, in, sides, out, n);
  }
}

using Family = bool (*)(ElementOp, Element, const void* const*, Sides, void*, int64_t);

/// The family of functions of floats that an operation is in.
Family float_family_of(ElementOp op) {
  static constexpr Family kFamilies[] = {
      run_arithmetic_tile,
      [](ElementOp op, Element element, const void* const* in, Sides, void* out, int64_t n) {
        return run_exponential_tile(op, element, in, out, n);
      },
      [](ElementOp op, Element element, const void* const* in, Sides, void* out, int64_t n) {
        return run_logarithm_tile(op, element, in, out, n);
      },
      [](ElementOp op, Element element, const void* const* in, Sides, void* out, int64_t n) {
        return run_angle_tile(op, element, in, out, n);
      },
      [](ElementOp op, Element element, const void* const* in, Sides, void* out, int64_t n) {
        return run_power_tile(op, element, in, out, n);
      }};
  float none = 0;
  const void* const in[] = {&none, &none};
  for (const Family each : kFamilies)
    if (each(op, Element::kFloat32, in, Sides::kArrays, &none, 0)) return each;
  return
      [](ElementOp op, Element element, const void* const* in, Sides sides, void* out, int64_t n) {
        run_float_tile(op, element, in, sides, out, n);
        return true;
      };
}

}  // namespace

bool takes_one(ElementOp op, Sides sides) {
  turn(op, sides);
  return sides == Sides::kArrays || has_loop(op, sides);
}

void run_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
              int64_t n) {
  if (arity(op) == 1) return run(op, element, in, Sides::kArrays, out, n);
  const void* both[] = {in[0], in[1]};
  if (turn(op, sides)) std::swap(both[0], both[1]);
  if (sides == Sides::kArrays || has_loop(op, sides))
    run(op, element, both, sides, out, n);
  else
    run_with_copies(op, element, both, sides, out, n);
}

TileRun::TileRun(ElementOp op, Element element, Sides sides)
    : op_(op), element_(element), sides_(sides) {
  is_turned_ = turn(op_, sides_);
  if (sides_ != Sides::kArrays && !has_loop(op_, sides_)) {
    run_ = [](ElementOp op, Element element, const void* const* in, Sides sides, void* out,
              int64_t n) {
      run_with_copies(op, element, in, sides, out, n);
      return true;
    };
  } else if (kind_of(element) != ElementKind::kFloat) {
    run_ = [](ElementOp op, Element element, const void* const* in, Sides sides, void* out,
              int64_t n) {
      run(op, element, in, sides, out, n);
      return true;
    };
  } else {
    run_ = float_family_of(op_);
  }
}

}  // namespace cne::tensor

#include <cassert>
#include <cmath>
#include <type_traits>

#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_tile.h"
#include "tensor/polygamma.h"

namespace cne::tensor {

namespace {

/// What the C library computes, one by one.
template <typename T>
void by_library(ElementOp op, const void* const* in, void* out, int64_t n) {
  switch (op) {
    case ElementOp::kLgamma:
      return each<T, T>(in, out, n, [](T a) {
        int sign = 0;  // lgamma itself writes a global one
        if constexpr (std::is_same_v<T, float>)
          return lgammaf_r(a, &sign);
        else
          return lgamma_r(a, &sign);
      });
    case ElementOp::kDigamma:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(digamma(a)); });
    case ElementOp::kNextAfter:
      return pairs<T, T>(in, out, n, [](T a, T b) { return std::nextafter(a, b); });
    case ElementOp::kPolygamma:
      return pairs<T, T>(in, out, n,
                         [](T order, T a) { return static_cast<T>(polygamma(order, a)); });
    default:
      assert(false);  // `takes` said no
  }
}

}  // namespace

void run_float_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                    int64_t n) {
  if (run_arithmetic_tile(op, element, in, sides, out, n) ||
      run_exponential_tile(op, element, in, out, n) ||
      run_logarithm_tile(op, element, in, out, n) || run_angle_tile(op, element, in, out, n) ||
      run_power_tile(op, element, in, out, n))
    return;
  element == Element::kFloat32 ? by_library<float>(op, in, out, n)
                               : by_library<double>(op, in, out, n);
}

}  // namespace cne::tensor

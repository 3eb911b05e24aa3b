#include "tensor/rank_reduce.h"

#include <algorithm>
#include <complex>
#include <cstring>

#include "core/error.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

ElementOp step_of(RankOp op) {
  switch (op) {
    case RankOp::kMax:
      return ElementOp::kMaximum;
    case RankOp::kMin:
      return ElementOp::kMinimum;
    default:
      return ElementOp::kAdd;
  }
}

/// Room for a tile of the widest type.
struct Tile {
  alignas(64) uint8_t bytes[kTile * sizeof(std::complex<double>)];
};

/// A count as an element.
void write_count(Element element, size_t count, void* to) {
  with_number(element, [&](auto one) {
    one = static_cast<decltype(one)>(static_cast<double>(count));
    std::memcpy(to, &one, sizeof one);
  });
}

}  // namespace

void check_rank_op(RankOp op, Element element, const char* function) {
  const bool is_extreme = op == RankOp::kMax || op == RankOp::kMin;
  if (element == Element::kBool || (is_extreme && is_complex(element)) ||
      (op == RankOp::kMean && !is_inexact(element)))
    throw TypeError(message(function, ": ", name_of(element), " has no ",
                            is_extreme            ? "extremes"
                            : op == RankOp::kMean ? "mean; cast it to a float"
                                                  : "sum; cast it to an integer"));
}

void reduce_ranks(RankOp op, Element element, std::span<const uint8_t* const> in, uint8_t* out,
                  int64_t n) {
  const bool is_half = element == Element::kFloat16 || element == Element::kBFloat16;
  const Element computed = is_half ? Element::kFloat32 : element;
  const size_t width = size_of(element);
  Tile sum;
  Tile next;
  alignas(16) uint8_t count[sizeof(std::complex<double>)];
  if (op == RankOp::kMean) write_count(computed, in.size(), count);
  const auto part = [&](size_t rank, size_t at, int64_t size, Tile& wide) -> const void* {
    const uint8_t* from = in[rank] + at;
    if (!is_half) return from;
    cast_tile(element, from, computed, wide.bytes, size);
    return wide.bytes;
  };
  for (int64_t start = 0; start < n; start += kTile) {
    const int64_t size = std::min(kTile, n - start);
    const size_t at = static_cast<size_t>(start) * width;
    const void* so_far = part(0, at, size, sum);
    for (size_t rank = 1; rank < in.size(); ++rank) {
      const void* const two[] = {so_far, part(rank, at, size, next)};
      run_tile(step_of(op), computed, two, sum.bytes, size);
      so_far = sum.bytes;
    }
    if (op == RankOp::kMean) {
      const void* const two[] = {so_far, count};
      run_tile(ElementOp::kDivide, computed, two, Sides::kSecondIsOne, sum.bytes, size);
      so_far = sum.bytes;
    }
    if (is_half)
      cast_tile(computed, so_far, element, out + at, size);
    else
      std::memmove(out + at, so_far, static_cast<size_t>(size) * width);
  }
}

}  // namespace cne::tensor

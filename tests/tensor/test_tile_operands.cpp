#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "tensor/array.h"
#include "tensor/tile_operands.h"

namespace cne::tensor {

namespace {

Array counting(const Dims& shape) {
  Array out = Array::empty({Element::kFloat32, shape, {}});
  std::iota(out.mutable_as<float>(), out.mutable_as<float>() + out.size(), 1.0F);
  return out;
}

/// a + b by tiles, against a loop over all indices; how many inputs were copied.
int64_t check_sum(const Array& a, const Array& b, const Dims& shape) {
  const TileReader readers[] = {TileReader(a, shape), TileReader(b, shape)};
  const Dims a_strides = broadcast_strides(a, shape);
  const Dims b_strides = broadcast_strides(b, shape);
  const int64_t size = product(shape);
  std::vector<float> scratch(2 * kTile);
  void* const to[] = {scratch.data(), scratch.data() + kTile};
  std::vector<float> out(static_cast<size_t>(size));
  int64_t copies = 0;
  for (int64_t at = 0; at < size;) {
    const auto tile = next_operands(readers, at, size, to);
    CHECK(tile.count > 0);
    copies += (tile.in[0] == to[0]) + (tile.in[1] == to[1]);
    run_tile(ElementOp::kSubtract, Element::kFloat32, tile.in, tile.sides, &out[at], tile.count);
    at += tile.count;
  }
  for (int64_t i = 0; i < size; ++i) {
    int64_t left = i;
    int64_t a_at = 0;
    int64_t b_at = 0;
    for (int axis = shape.size() - 1; axis >= 0; --axis) {
      a_at += left % shape[axis] * a_strides[axis];
      b_at += left % shape[axis] * b_strides[axis];
      left /= shape[axis];
    }
    CHECK_MESSAGE(out[static_cast<size_t>(i)] == a.as<float>()[a_at] - b.as<float>()[b_at], i);
  }
  return copies;
}

}  // namespace

TEST_CASE("operands of tiles: rows, columns and numbers beside arrays are not copied") {
  const Array matrix = counting({9, 700});
  CHECK(check_sum(matrix, counting({700}), {9, 700}) == 0);
  CHECK(check_sum(counting({700}), matrix, {9, 700}) == 0);
  CHECK(check_sum(matrix, counting({9, 1}), {9, 700}) == 0);
  CHECK(check_sum(counting({9, 1}), matrix, {9, 700}) == 0);
  CHECK(check_sum(matrix, counting({}), {9, 700}) == 0);
  CHECK(check_sum(counting({1, 1}), matrix, {9, 700}) == 0);
  CHECK(check_sum(counting({9, 1}), counting({700}), {9, 700}) == 0);
}

TEST_CASE("operands of tiles: short rows and other strides are gathered") {
  CHECK(check_sum(counting({300, 7}), counting({7}), {300, 7}) > 0);
  CHECK(check_sum(counting({300, 1}), counting({7}), {300, 7}) > 0);
  CHECK(check_sum(counting({}), counting({1}), {5, 7}) > 0);
  const Array turned = counting({40, 50}).view(Element::kFloat32, {50, 40}, {1, 50}, 0);
  CHECK(check_sum(turned, counting({40}), {50, 40}) > 0);
  CHECK(check_sum(counting({3, 1, 200}), counting({4, 1}), {3, 4, 200}) == 0);
}

}  // namespace cne::tensor

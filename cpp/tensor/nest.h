#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "tensor/dims.h"

namespace cne::tensor {

/// Axes to walk along, the last one innermost, and how far apart the elements of N arrays lie along
/// each.
template <int N>
struct Nest {
  using Places = std::array<int64_t, N>;

  Dims shape;
  std::array<Dims, N> strides;

  int rank() const { return shape.size(); }
  int inner() const { return shape.size() - 1; }
  int64_t size() const { return product(shape); }

  /// As the new innermost axis; put together with the last one where both can be walked as one.
  void add(int64_t extent, const Places& apart) {
    if (extent == 1) return;
    const int last = inner();
    bool is_one = last >= 0;
    for (int i = 0; i < N; ++i) is_one = is_one && strides[i][last] == apart[i] * extent;
    if (is_one) {
      shape[last] *= extent;
      for (int i = 0; i < N; ++i) strides[i][last] = apart[i];
    } else {
      shape.push_back(extent);
      for (int i = 0; i < N; ++i) strides[i].push_back(apart[i]);
    }
  }
  void erase(int axis) {
    shape.erase(axis);
    for (Dims& each : strides) each.erase(axis);
  }
  /// Moves an axis so that it is found at `to`.
  void move_axis(int axis, int to) {
    move(shape, axis, to);
    for (Dims& each : strides) move(each, axis, to);
  }
  Places strides_of(int axis) const {
    Places out;
    for (int i = 0; i < N; ++i) out[i] = strides[i][axis];
    return out;
  }

  /// The elements from `begin` to `end` in the order of the axes, as runs along the innermost one:
  /// run(places, count), where `places` is that of the first element in each array.
  template <typename Run>
  void walk(int64_t begin, int64_t end, const Run& run) const {
    Places places{};
    if (rank() == 0) return run(static_cast<const Places&>(places), end - begin);
    Dims index = shape;
    int64_t position = begin;
    for (int axis = inner(); axis >= 0; --axis) {
      index[axis] = position % shape[axis];
      position /= shape[axis];
      step(places, axis, index[axis]);
    }
    for (int64_t left = end - begin;;) {
      const int64_t count = std::min(left, shape[inner()] - index[inner()]);
      run(static_cast<const Places&>(places), count);
      left -= count;
      if (left == 0) return;
      step(places, inner(), -index[inner()]);
      index[inner()] = 0;
      for (int axis = inner() - 1; axis >= 0; --axis) {
        step(places, axis, 1);
        if (++index[axis] < shape[axis]) break;
        step(places, axis, -index[axis]);
        index[axis] = 0;
      }
    }
  }

 private:
  static void move(Dims& dims, int axis, int to) {
    if (axis < to)
      std::rotate(dims.begin() + axis, dims.begin() + axis + 1, dims.begin() + to + 1);
    else
      std::rotate(dims.begin() + to, dims.begin() + axis, dims.begin() + axis + 1);
  }
  void step(Places& places, int axis, int64_t by) const {
    for (int i = 0; i < N; ++i) places[i] += by * strides[i][axis];
  }
};

}  // namespace cne::tensor

#pragma once

// Indices of many kinds into an array of the shape (4, 3, 5), for gather and scatter.

#include <algorithm>
#include <optional>
#include <vector>

#include "layouts.h"
#include "tensor/indexing.h"

namespace cne::tensor::testing {

inline const Dims kIndexedShape = {4, 3, 5};

struct IndexCase {
  std::vector<Array> indices;
  IndexAxes axes;
};

inline std::vector<Type> types_of(const std::vector<Array>& arrays) {
  std::vector<Type> out;
  for (const Array& each : arrays) out.push_back(each.type());
  return out;
}

/// Indices from `low` to `high`; where there are several arrays each of a layout of its own.
inline std::vector<IndexCase> index_cases(Element element, int64_t low, int64_t high) {
  const auto all = [&](const Dims& shape, uint64_t seed) {
    return layouts(element, shape, seed, low, high);
  };
  std::vector<IndexCase> out;
  for (int axis = 0; axis < 3; ++axis)
    for (size_t layout = 0; layout < 4; ++layout) {
      out.push_back({{all({6}, 1)[layout]}, take_axes(3, axis, 1)});
      out.push_back({{all({2, 7}, 2)[layout]}, take_axes(3, axis, 2)});
      Dims along = kIndexedShape;
      along[axis] = 6;
      out.push_back({{all(along, 3)[layout]}, along_axes(3, axis)});
      // Two arrays, the result's axes of the indices in front or behind.
      Dims rest = Dims::range(0, 3);
      rest.erase(axis);
      const std::vector two = {all({3, 2}, 4)[layout], all({3, 2}, 5)[3 - layout]};
      out.push_back({two, {rest, {-1, -1, axis}, {0, 1, -1}}});
      out.push_back({two, {rest, {axis, -1, -1}, {-1, 1, 0}}});
      // A batch along the first axis of both, and along the indices alone.
      if (axis != 0)
        out.push_back({{all({2, 4}, 6)[layout]}, {{axis}, {0, -1, 3 - axis}, {1, 0, -1}}});
    }
  out.push_back({{sample(element, {}, 7, low, high)}, take_axes(3, 1, 0)});
  out.push_back({{all({9}, 1)[0], all({9}, 2)[2], all({9}, 3)[3]}, {{2, 0, 1}, {-1}, {0}}});
  out.push_back({{all({0}, 1)[0]}, take_axes(3, 1, 1)});
  out.push_back({{}, {{}, {2, 0, 1}, {-1, -1, -1}}});
  return out;
}

/// The element of the operand that an index of the result leads to; nothing if it is skipped.
inline std::optional<Dims> led_to(const IndexCase& item, const Dims& shape, const Dims& index,
                                  IndexMode mode) {
  Dims out = shape;
  Dims place;
  for (int axis = 0; axis < index.size(); ++axis)
    if (item.axes.operand[axis] >= 0) out[static_cast<int>(item.axes.operand[axis])] = index[axis];
  for (size_t k = 0; k < item.indices.size(); ++k) {
    Dims at_index = Dims::filled(item.indices[k].rank(), 0);
    for (int axis = 0; axis < index.size(); ++axis)
      if (item.axes.indices[axis] >= 0)
        at_index[static_cast<int>(item.axes.indices[axis])] = index[axis];
    const Array& numbers = item.indices[k];
    int64_t number = numbers.element() == Element::kInt32 ? value_at<int32_t>(numbers, at_index)
                                                          : value_at<int64_t>(numbers, at_index);
    const auto axis = static_cast<int>(item.axes.indexed[static_cast<int>(k)]);
    if (mode == IndexMode::kSkip && (number < 0 || number >= shape[axis])) return std::nullopt;
    if (mode == IndexMode::kClip) number = std::clamp<int64_t>(number, 0, shape[axis] - 1);
    out[axis] = number < 0 ? number + shape[axis] : number;
  }
  return out;
}

}  // namespace cne::tensor::testing

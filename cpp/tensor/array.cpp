#include "tensor/array.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tensor/cuda_device.h"

namespace cne::tensor {

namespace {

bool lies_row_by_row(const Dims& shape, const Dims& strides) {
  int64_t expected = 1;
  for (int axis = shape.size() - 1; axis >= 0; --axis) {
    if (shape[axis] == 0) return true;
    if (shape[axis] != 1 && strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/// Whether no two indices lead to one element: each stride is longer than all shorter ones reach.
bool has_places_apart(const Dims& shape, const Dims& strides) {
  std::vector<std::pair<int64_t, int64_t>> axes;
  for (int axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] > 1) axes.emplace_back(std::abs(strides[axis]), shape[axis]);
  std::sort(axes.begin(), axes.end());
  int64_t reach = 0;
  for (const auto& [stride, extent] : axes) {
    if (stride <= reach) return false;
    reach += stride * (extent - 1);
  }
  return true;
}

std::string joined(const Dims& dims) {
  std::string out;
  for (int i = 0; i < dims.size(); ++i) out += message(i == 0 ? "" : ", ", dims[i]);
  return out;
}

}  // namespace

void throw_too_many_axes() {
  throw ShapeError(message("shape: expected at most ", kMaxRank,
                           " axes, those of batches counted, got ", kMaxRank + 1));
}

std::string to_string(const Dims& dims) {
  return message("(", joined(dims), dims.size() == 1 ? ",)" : ")");
}

std::string to_string(const Type& type) {
  return message(name_of(type.element), "[", joined(type.shape), "]",
                 type.device.is_cpu() ? "" : message(" on cuda:", type.device.index));
}

void throw_not_on_cpu(const Type& type) {
  throw UnsupportedError(message("array: expected elements on the CPU, got ", to_string(type),
                                 "; to_device(\"cpu\") copies them"));
}

Array::Array(Type type, Buffer buffer, int64_t offset, Dims strides)
    : view_(std::make_shared<View>()) {
  view_->size = type.size();
  view_->is_contiguous = lies_row_by_row(type.shape, strides);
  view_->type = std::move(type);
  view_->buffer = std::move(buffer);
  view_->offset = offset;
  view_->strides = strides;
}

Array Array::empty(const Type& type) {
  check_shape(type.shape, type.element, "array");  // a cast may make more of what was none
  Array out;
  out.view_ = std::make_shared<View>();
  out.view_->size = type.size();
  out.view_->is_contiguous = true;
  out.view_->type = type;
  out.view_->strides = row_major_strides(type.shape);
  const auto bytes = static_cast<size_t>(type.bytes());
  out.view_->buffer = type.device.is_cpu()
                          ? Buffer::allocate(bytes)
                          : cuda_device(type.device.index, "empty").allocate(bytes);
  return out;
}

Array Array::zeros(const Type& type) {
  Array out = empty(type);
  std::memset(out.mutable_data(), 0, static_cast<size_t>(type.bytes()));
  return out;
}

Array Array::scalar(Element element, const void* value) {
  Array out = empty({element, {}, {}});
  std::memcpy(out.mutable_data(), value, size_of(element));
  return out;
}

bool Array::is_sole() const {
  if (view_.use_count() != 1 || !device().is_cpu() || !view_->buffer.is_sole()) return false;
  // Other holders of the view let go of it by a count that releases; see Buffer::is_sole.
  std::atomic_thread_fence(std::memory_order_acquire);
  return view_->is_contiguous || has_places_apart(view_->type.shape, view_->strides);
}

Array Array::view(Element element, const Dims& shape, const Dims& strides, int64_t offset) const {
  return Array({element, shape, device()}, buffer(), offset, strides);
}

Dims row_major_strides(const Dims& shape) {
  Dims out = shape;
  int64_t stride = 1;
  for (int axis = shape.size() - 1; axis >= 0; --axis) {
    out[axis] = stride;
    stride *= std::max<int64_t>(shape[axis], 1);
  }
  return out;
}

void check_shape(const Dims& shape, Element element, const char* function) {
  int64_t bytes = static_cast<int64_t>(size_of(element));
  bool is_empty = false;
  for (const int64_t extent : shape) {
    if (extent < 0)
      throw ShapeError(
          message(function, ": expected extents of at least 0, got ", to_string(shape)));
    is_empty |= extent == 0;
  }
  if (is_empty) return;
  for (const int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      throw ShapeError(message(function, ": an array of the shape ", to_string(shape), " and type ",
                               name_of(element), " is larger than memory can be"));
}

Dims broadcast_shapes(const Dims& a, const Dims& b, const char* function) {
  if (a == b) return a;
  const Dims& longer = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  Dims out = longer;
  const int gap = longer.size() - shorter.size();
  for (int i = 0; i < shorter.size(); ++i) {
    const int64_t extent = shorter[i];
    int64_t& there = out[gap + i];
    if (extent == there || extent == 1) continue;
    if (there != 1)
      throw ShapeError(message(function, ": the shapes ", to_string(a), " and ", to_string(b),
                               " cannot be broadcast: axis ", i - shorter.size(), " has ", extent,
                               " and ", there));
    there = extent;
  }
  return out;
}

Dims broadcast_strides(const Array& array, const Dims& shape) {
  Dims out = Dims::filled(shape.size(), 0);
  const int gap = shape.size() - array.rank();
  for (int axis = 0; axis < array.rank(); ++axis)
    if (array.shape()[axis] != 1) out[gap + axis] = array.strides()[axis];
  return out;
}

}  // namespace cne::tensor

#include "tensor/tile_reader.h"

#include <algorithm>
#include <complex>
#include <cstring>

namespace cne::tensor {

namespace {

template <typename T>
void copy_run(const uint8_t* from, int64_t stride, int64_t count, uint8_t* to) {
  const T* source = reinterpret_cast<const T*>(from);
  T* target = reinterpret_cast<T*>(to);
  if (stride == 0)
    std::fill_n(target, count, *source);
  else
    for (int64_t i = 0; i < count; ++i) target[i] = source[i * stride];
}

void copy_run(size_t width, const uint8_t* from, int64_t stride, int64_t count, uint8_t* to) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(count) * width);
    return;
  }
  switch (width) {
    case 1:
      return copy_run<uint8_t>(from, stride, count, to);
    case 2:
      return copy_run<uint16_t>(from, stride, count, to);
    case 4:
      return copy_run<uint32_t>(from, stride, count, to);
    case 8:
      return copy_run<uint64_t>(from, stride, count, to);
    default:
      return copy_run<std::complex<double>>(from, stride, count, to);
  }
}

}  // namespace

TileReader::TileReader(const Array& array, const Dims& shape)
    : base_(array.data()),
      width_(size_of(array.element())),
      is_direct_(array.is_contiguous() && array.shape() == shape) {
  if (is_direct_) return;
  const Dims strides = broadcast_strides(array, shape);
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    const int last = shape_.size() - 1;
    if (last >= 0 && strides_[last] == strides[axis] * shape[axis]) {
      shape_[last] *= shape[axis];
      strides_[last] = strides[axis];
    } else {
      shape_.push_back(shape[axis]);
      strides_.push_back(strides[axis]);
    }
  }
  if (shape_.empty()) {
    shape_.push_back(1);
    strides_.push_back(0);
  }
  is_direct_ = shape_.size() == 1 && strides_[0] == 1;
}

const void* TileReader::read(int64_t position, int64_t count, void* scratch) const {
  if (is_direct_) return direct(position);
  gather(position, count, static_cast<uint8_t*>(scratch));
  return scratch;
}

void TileReader::gather(int64_t position, int64_t count, uint8_t* to) const {
  Dims index = shape_;
  int64_t at = 0;
  for (int axis = shape_.size() - 1; axis >= 0; --axis) {
    index[axis] = position % shape_[axis];
    position /= shape_[axis];
    at += index[axis] * strides_[axis];
  }
  const int inner = shape_.size() - 1;
  const auto width = static_cast<int64_t>(width_);
  for (;;) {
    const int64_t run = std::min(count, shape_[inner] - index[inner]);
    copy_run(width_, base_ + at * width, strides_[inner], run, to);
    count -= run;
    if (count == 0) return;
    to += run * width;
    at -= index[inner] * strides_[inner];
    index[inner] = 0;
    for (int axis = inner - 1; axis >= 0; --axis) {
      at += strides_[axis];
      if (++index[axis] < shape_[axis]) break;
      at -= index[axis] * strides_[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace cne::tensor

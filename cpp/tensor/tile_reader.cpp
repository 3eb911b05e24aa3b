#include "tensor/tile_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "tensor/copy_run.h"

namespace cne::tensor {

namespace {

void read_run(size_t width, const uint8_t* from, int64_t stride, int64_t count, uint8_t* to) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(count) * width);
    return;
  }
  with_width(width, [&](auto element) {
    using T = decltype(element);
    copy_run(reinterpret_cast<const T*>(from), stride, reinterpret_cast<T*>(to), 1, count);
  });
}

struct Split {
  int64_t quotient;
  int64_t rest;
};
/// Of 32 bits where that is enough: many processors divide those three times as fast.
Split split(int64_t position, int64_t extent) {
  if (((position | extent) >> 32) != 0) return {position / extent, position % extent};
  const auto a = static_cast<uint32_t>(position);
  const auto b = static_cast<uint32_t>(extent);
  return {a / b, a % b};
}

}  // namespace

TileReader::TileReader(const Array& array, const Dims& shape)
    : base_(array.data()),
      width_(size_of(array.element())),
      is_direct_(array.is_contiguous() && array.shape() == shape) {
  if (is_direct_) return;
  const Dims strides = broadcast_strides(array, shape);
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 0) {  // nothing is read, and no place is divided by an extent
      is_direct_ = true;
      return;
    }
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

TileReader::Run TileReader::run(int64_t position) const {
  const auto width = static_cast<int64_t>(width_);
  if (is_direct_) return {direct(position), std::numeric_limits<int64_t>::max(), false};
  const int inner = shape_.size() - 1;
  Split at_axis = inner > 0 ? split(position, shape_[inner]) : Split{0, position};
  const int64_t place = at_axis.rest;
  int64_t at = place * strides_[inner];
  for (int axis = inner - 1; axis >= 0; --axis) {
    at_axis = axis > 0 ? split(at_axis.quotient, shape_[axis]) : Split{0, at_axis.quotient};
    at += at_axis.rest * strides_[axis];
  }
  const bool is_one = strides_[inner] == 0;
  const bool lies_in_order = is_one || strides_[inner] == 1;
  const bool is_all = inner == 0 && is_one;
  const int64_t count = is_all ? std::numeric_limits<int64_t>::max() : shape_[inner] - place;
  return {base_ + at * width, lies_in_order ? count : 0, is_one};
}

const void* TileReader::read(int64_t position, int64_t count, void* scratch) const {
  if (is_direct_) return direct(position);
  const int inner = shape_.size() - 1;
  if (strides_[inner] == 1 && count <= shape_[inner])  // a row of one that is broadcast
    if (const Run found = run(position); found.count >= count) return found.at;
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
    read_run(width_, base_ + at * width, strides_[inner], run, to);
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

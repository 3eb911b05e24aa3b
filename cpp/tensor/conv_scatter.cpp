#include <algorithm>

#include "core/buffer.h"
#include "core/parallel.h"
#include "tensor/conv_run.h"
#include "tensor/conv_window.h"
#include "tensor/element_dispatch.h"
#include "tensor/nest.h"

namespace cne::tensor {

namespace {

/// Bytes of columns that are computed at a time, before they are added to an image.
constexpr int64_t kBytes = 1 << 20;
/// Rows of them that share a packing of the gradient at least.
constexpr int64_t kFewRows = 64;

/// The taps of a kernel and the pixels of an output, and where they lie in a channel of an image.
Nest<2> taps_and_pixels(const ConvShape& shape) {
  Nest<2> out;
  int64_t from = shape.taps * shape.pixels;
  const auto add = [&](const Dims& extents, const Dims& steps) {
    int64_t to = shape.plane;
    for (int axis = 0; axis < extents.size(); ++axis) {
      from /= extents[axis];
      to /= shape.image[axis];
      out.add(extents[axis], {from, to * steps[axis]});
    }
  };
  add(shape.kernel, shape.dilation);
  add(shape.output, shape.stride);
  return out;
}

template <typename T>
void add_columns(const Nest<2>& nest, const T* columns, T* image) {
  const auto [from_stride, to_stride] =
      nest.rank() == 0 ? Nest<2>::Places{1, 1} : nest.strides_of(nest.inner());
  nest.walk(0, nest.size(), [&](const Nest<2>::Places& at, int64_t count) {
    add_run(T(1), columns + at[0], from_stride, image + at[1], to_stride, count);
  });
}

/// Channels of a group of an image.
template <typename T>
void scatter(const ConvShape& shape, const Nest<2>& nest, const T* gradient, const T* weight,
             Element element, int64_t channels, T* columns, T* image) {
  const int64_t rows = channels * shape.taps;
  const MatrixView a{reinterpret_cast<const uint8_t*>(weight), rows, shape.outputs, 1,
                     shape.depth()};
  const MatrixView b{reinterpret_cast<const uint8_t*>(gradient), shape.outputs, shape.pixels,
                     shape.pixels, 1};
  gemm(element, a, b, false, reinterpret_cast<uint8_t*>(columns), shape.pixels);
  for (int64_t channel = 0; channel < channels; ++channel)
    add_columns(nest, columns + channel * shape.taps * shape.pixels, image + channel * shape.plane);
}

template <typename T>
void run(const ConvShape& shape, const Array& gradient, const Array& weight, Array& images) {
  const Nest<2> nest = taps_and_pixels(shape);
  const int64_t row_bytes = shape.pixels * static_cast<int64_t>(sizeof(T));
  const int64_t rows = std::max(kBytes / row_bytes, kFewRows);
  const int64_t channels = std::clamp<int64_t>(rows / shape.taps, 1, shape.channels);
  const int64_t chunks = (shape.channels + channels - 1) / channels;
  T* to = images.mutable_as<T>();
  parallel_for(shape.batch * shape.groups * chunks, 1, [&](int64_t begin, int64_t end) {
    Buffer columns = Buffer::allocate(static_cast<size_t>(channels * shape.taps * row_bytes));
    for (int64_t task = begin; task < end; ++task) {
      const int64_t group = task / chunks;  // of an image
      const int64_t first = task % chunks * channels;
      scatter(shape, nest, gradient.as<T>() + group * shape.outputs * shape.pixels,
              weight.as<T>() + group % shape.groups * shape.outputs * shape.depth() +
                  first * shape.taps,
              images.element(), std::min(channels, shape.channels - first), columns.mutable_as<T>(),
              to + (group * shape.channels + first) * shape.plane);
    }
  });
}

}  // namespace

void conv_scatter(const ConvShape& shape, const Array& gradient, const Array& weight,
                  Array& images) {
  with_number(images.element(),
              [&](auto number) { run<decltype(number)>(shape, gradient, weight, images); });
}

}  // namespace cne::tensor

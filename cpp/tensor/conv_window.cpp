#include "tensor/conv_window.h"

#include <algorithm>

#include "core/buffer.h"
#include "core/parallel.h"
#include "tensor/strided_copy.h"

namespace cne::tensor {

namespace {

/// Pixels that are computed at a time, as long as what their windows see has at most so many bytes.
constexpr int64_t kPixels = 512;
constexpr int64_t kFewPixels = 64;
constexpr int64_t kMostBytes = 8 << 20;
/// Bytes of the gradient's columns that are added to images at a time.
constexpr int64_t kScatterBytes = 1 << 20;
/// The same for the gradient of weights, whose columns are multiplied by all threads.
constexpr int64_t kWeightPixels = 4096;
constexpr int64_t kMostWeightBytes = 32 << 20;

int64_t pieces(int64_t extent, int64_t piece) { return (extent + piece - 1) / piece; }

int64_t block_pixels(const ConvShape& shape, size_t width, int64_t pixels, int64_t bytes) {
  const int64_t most = bytes / std::max<int64_t>(shape.depth() * static_cast<int64_t>(width), 1);
  return std::clamp(most, kFewPixels, pixels);
}

/// One axis of the windows: taps or pixels.
void add_axes(const Dims& extents, const Dims& steps, const Dims& image, Dims& shape,
              Dims& strides) {
  int64_t stride = product(image);
  for (int axis = 0; axis < extents.size(); ++axis) {
    stride /= image[axis];
    shape.push_back(extents[axis]);
    strides.push_back(stride * steps[axis]);
  }
}

bool is_every_place(const ConvShape& shape) {
  return shape.taps == 1 && shape.image == shape.output;
}

MatrixView rows_of(const uint8_t* data, int64_t rows, int64_t columns) {
  return {data, rows, columns, columns, 1};
}

uint8_t* scratch(Buffer& held, int64_t bytes) {
  if (held.size() < static_cast<size_t>(bytes)) held = Buffer::allocate(static_cast<size_t>(bytes));
  return held.mutable_data();
}

}  // namespace

PixelBlocks::PixelBlocks(const ConvShape& shape, int64_t pixels)
    : batch_(shape.batch), extent_(shape.output[0]) {
  const int64_t row = shape.pixels / extent_;
  images_ = std::clamp<int64_t>(pixels / shape.pixels, 1, batch_);
  rows_ = shape.pixels <= pixels ? extent_ : std::clamp<int64_t>(pixels / row, 1, extent_);
  across_ = pieces(batch_, images_);
  down_ = pieces(extent_, rows_);
}

PixelBlock PixelBlocks::at(int64_t index) const {
  const int64_t image = index / down_ * images_;
  const int64_t row = index % down_ * rows_;
  return {image, std::min(images_, batch_ - image), row, std::min(rows_, extent_ - row)};
}

int64_t pixels_of(const ConvShape& shape, const PixelBlock& block) {
  return block.images * block.rows * (shape.pixels / shape.output[0]);
}

MatrixView window_columns(const ConvShape& shape, const Array& images, int64_t group,
                          const PixelBlock& block, uint8_t* scratch) {
  const size_t width = size_of(images.element());
  const int64_t image = shape.groups * shape.channels * shape.plane;
  const int64_t step = shape.plane / shape.image[0] * shape.stride[0];
  const int64_t first =
      block.image * image + group * shape.channels * shape.plane + block.row * step;
  const uint8_t* from = images.data() + first * static_cast<int64_t>(width);
  const int64_t pixels = pixels_of(shape, block);
  if (is_every_place(shape) && block.images == 1)
    return {from, shape.channels, pixels, shape.plane, 1};

  Dims extents = shape.output;
  extents[0] = block.rows;
  Dims of{shape.channels};
  Dims strides{shape.plane};
  add_axes(shape.kernel, shape.dilation, shape.image, of, strides);
  of.push_back(block.images);
  strides.push_back(image);
  add_axes(extents, shape.stride, shape.image, of, strides);
  copy_strided(width, of, from, strides, scratch, row_major_strides(of));
  return rows_of(scratch, shape.depth(), pixels);
}

void conv_forward(const ConvShape& shape, const Array& images, const Array& weight, Array& out) {
  const Element element = images.element();
  const size_t width = size_of(element);
  const auto bytes = static_cast<int64_t>(width);
  const PixelBlocks blocks(shape, block_pixels(shape, width, kPixels, kMostBytes));
  uint8_t* to = out.mutable_data();
  parallel_for(blocks.count() * shape.groups, 1, [&](int64_t begin, int64_t end) {
    thread_local Buffer held;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t group = task % shape.groups;
      const PixelBlock block = blocks.at(task / shape.groups);
      const int64_t pixels = pixels_of(shape, block);
      // The columns, and products of several images, which do not lie in one matrix of the result.
      uint8_t* columns = scratch(held, (shape.depth() + shape.outputs) * pixels * bytes);
      const MatrixView seen = window_columns(shape, images, group, block, columns);
      const MatrixView rows = rows_of(weight.data() + group * shape.outputs * shape.depth() * bytes,
                                      shape.outputs, shape.depth());
      const int64_t channel = block.image * shape.groups + group;
      uint8_t* c = to + (channel * shape.outputs * shape.pixels +
                         block.row * (shape.pixels / shape.output[0])) *
                            bytes;
      if (block.images == 1) {
        gemm(element, rows, seen, false, c, shape.pixels);
        continue;
      }
      uint8_t* product = columns + shape.depth() * pixels * bytes;
      gemm(element, rows, seen, false, product, pixels);
      copy_strided(width, {block.images, shape.outputs, shape.pixels}, product,
                   {shape.pixels, pixels, 1}, c,
                   {shape.groups * shape.outputs * shape.pixels, shape.pixels, 1});
    }
  });
}

void conv_weights(const ConvShape& shape, const Array& images, const Array& gradient, Array& out) {
  const Element element = images.element();
  const size_t width = size_of(element);
  const auto bytes = static_cast<int64_t>(width);
  const PixelBlocks blocks(shape, block_pixels(shape, width, kWeightPixels, kMostWeightBytes));
  uint8_t* to = out.mutable_data();
  parallel_for(shape.groups, 1, [&](int64_t begin, int64_t end) {
    thread_local Buffer held;
    for (int64_t group = begin; group < end; ++group)
      for (int64_t index = 0; index < blocks.count(); ++index) {
        const PixelBlock block = blocks.at(index);
        const int64_t pixels = pixels_of(shape, block);
        uint8_t* columns = scratch(held, (shape.depth() + shape.outputs) * pixels * bytes);
        const MatrixView seen = window_columns(shape, images, group, block, columns);
        const int64_t channel = (block.image * shape.groups + group) * shape.outputs;
        const uint8_t* from =
            gradient.data() +
            (channel * shape.pixels + block.row * (shape.pixels / shape.output[0])) * bytes;
        MatrixView slopes{from, shape.outputs, pixels, shape.pixels, 1};
        if (block.images > 1) {
          uint8_t* together = columns + shape.depth() * pixels * bytes;
          copy_strided(width, {shape.outputs, block.images, shape.pixels}, from,
                       {shape.pixels, shape.groups * shape.outputs * shape.pixels, 1}, together,
                       {pixels, shape.pixels, 1});
          slopes = rows_of(together, shape.outputs, pixels);
        }
        gemm(element, slopes, transposed(seen), index > 0,
             to + group * shape.outputs * shape.depth() * bytes, shape.depth());
      }
  });
}

}  // namespace cne::tensor

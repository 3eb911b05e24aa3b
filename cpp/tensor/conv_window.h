#pragma once

#include <cstdint>

#include "tensor/array.h"
#include "tensor/conv.h"
#include "tensor/gemm.h"

namespace cne::tensor {

/// The extents of a convolution that fits, and how windows lie in an image without dilation of the
/// input: padded already, or that zeros are cut off from later.
struct ConvShape {
  int64_t batch;
  int64_t groups;
  int64_t channels;  // of a group of the input
  int64_t outputs;   // of a group of the output
  Dims image;        // spatial extents that windows reach
  Dims kernel;
  Dims output;
  Dims stride;
  Dims dilation;
  int64_t taps;    // of the kernel
  int64_t pixels;  // of the output
  int64_t plane;   // elements of an image's channel

  int axes() const { return image.size(); }
  int64_t depth() const { return channels * taps; }
};

/// With images of the extents that the windows reach: (output - 1) stride + dilated kernel.
ConvShape conv_shape(const Dims& input, const Dims& weight, const Dims& output,
                     const ConvParams& params);

/// The kernel's extent with its gaps.
inline int64_t dilated(int64_t extent, int64_t dilation) {
  return extent == 0 ? 0 : (extent - 1) * dilation + 1;
}

/// Pixels of the output that are computed at a time: of whole images, or rows of one.
struct PixelBlock {
  int64_t image;
  int64_t images;
  int64_t row;  // along the first spatial axis
  int64_t rows;
};

/// How the pixels of a batch are cut into blocks. It follows from the extents alone.
class PixelBlocks {
 public:
  /// Of about `pixels` each.
  PixelBlocks(const ConvShape& shape, int64_t pixels);
  int64_t count() const { return across_ * down_; }
  PixelBlock at(int64_t index) const;

 private:
  int64_t batch_;
  int64_t extent_;  // of the first spatial axis
  int64_t images_;
  int64_t rows_;
  int64_t across_;  // blocks of images
  int64_t down_;    // blocks of rows
};

/// Pixels of a block.
int64_t pixels_of(const ConvShape& shape, const PixelBlock& block);

/// What the windows of a block see, as a matrix (depth, pixels): of images (n, channels, image...)
/// without gaps. Written to `scratch`, or where they lie in order a view.
MatrixView window_columns(const ConvShape& shape, const Array& images, int64_t group,
                          const PixelBlock& block, uint8_t* scratch);

/// out (n, outputs, output...) without gaps = conv of images.
void conv_forward(const ConvShape& shape, const Array& images, const Array& weight, Array& out);
/// Adds to images (n, channels, image...), which are zeros.
void conv_scatter(const ConvShape& shape, const Array& gradient, const Array& weight,
                  Array& images);
/// out (outputs, channels, kernel...).
void conv_weights(const ConvShape& shape, const Array& images, const Array& gradient, Array& out);

/// Whether a group has one channel and a few outputs: then sums go along rows of the image, without
/// matrices.
bool is_depthwise(const ConvShape& shape);
void depthwise_forward(const ConvShape& shape, const Array& images, const Array& weight,
                       Array& out);
void depthwise_scatter(const ConvShape& shape, const Array& gradient, const Array& weight,
                       Array& images);
void depthwise_weights(const ConvShape& shape, const Array& images, const Array& gradient,
                       Array& out);

}  // namespace cne::tensor

#include <algorithm>

#include "core/parallel.h"
#include "tensor/conv_run.h"
#include "tensor/conv_window.h"
#include "tensor/element_dispatch.h"
#include "tensor/nest.h"

namespace cne::tensor {

namespace {

/// Outputs of a group that are computed one by one.
constexpr int64_t kFewOutputs = 4;
/// Multiplications that are worth a thread of their own.
constexpr int64_t kGrain = 1 << 16;

/// The pixels of an output, and where a tap sees them in a channel of an image.
class Tap {
 public:
  explicit Tap(const ConvShape& shape) : shape_(shape) {
    int64_t out = shape.pixels;
    int64_t image = shape.plane;
    for (int axis = 0; axis < shape.axes(); ++axis) {
      out /= shape.output[axis];
      image /= shape.image[axis];
      nest_.add(shape.output[axis], {out, image * shape.stride[axis]});
    }
    stride_ = nest_.rank() == 0 ? 1 : nest_.strides_of(nest_.inner())[1];
  }

  /// Elements of the image before the one that the first pixel sees.
  int64_t offset(int64_t tap) const {
    int64_t image = 1;
    int64_t out = 0;
    for (int axis = shape_.axes() - 1; axis >= 0; --axis) {
      out += tap % shape_.kernel[axis] * shape_.dilation[axis] * image;
      tap /= shape_.kernel[axis];
      image *= shape_.image[axis];
    }
    return out;
  }
  /// Of the image, along a run.
  int64_t stride() const { return stride_; }
  /// run(place in the output, place in the image, count)
  template <typename Run>
  void walk(const Run& run) const {
    nest_.walk(0, shape_.pixels,
               [&run](const Nest<2>::Places& at, int64_t count) { run(at[0], at[1], count); });
  }

 private:
  const ConvShape& shape_;
  Nest<2> nest_;
  int64_t stride_;
};

/// Calls f(channel of the output, channel of the input, number of weights before its own) for all
/// channels of all images; those of one channel of the input on one thread.
template <typename F>
void each_channel(const ConvShape& shape, const F& f) {
  const int64_t work = shape.outputs * shape.taps * shape.pixels;
  parallel_for(shape.batch * shape.groups, std::max<int64_t>(kGrain / work, 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t channel = begin; channel < end; ++channel)
                   for (int64_t i = 0; i < shape.outputs; ++i)
                     f(channel * shape.outputs + i, channel,
                       (channel % shape.groups * shape.outputs + i) * shape.taps);
               });
}

template <typename T>
void forward(const ConvShape& shape, const T* images, const T* weight, T* out) {
  const Tap tap(shape);
  each_channel(shape, [&](int64_t output, int64_t input, int64_t weights) {
    T* to = out + output * shape.pixels;
    std::fill_n(to, shape.pixels, T{});
    for (int64_t t = 0; t < shape.taps; ++t) {
      const T* from = images + input * shape.plane + tap.offset(t);
      tap.walk([&](int64_t pixel, int64_t place, int64_t count) {
        add_run(weight[weights + t], from + place, tap.stride(), to + pixel, 1, count);
      });
    }
  });
}

template <typename T>
void scatter(const ConvShape& shape, const T* gradient, const T* weight, T* images) {
  const Tap tap(shape);
  each_channel(shape, [&](int64_t output, int64_t input, int64_t weights) {
    const T* from = gradient + output * shape.pixels;
    for (int64_t t = 0; t < shape.taps; ++t) {
      T* to = images + input * shape.plane + tap.offset(t);
      tap.walk([&](int64_t pixel, int64_t place, int64_t count) {
        add_run(weight[weights + t], from + pixel, 1, to + place, tap.stride(), count);
      });
    }
  });
}

template <typename T>
void weights(const ConvShape& shape, const T* images, const T* gradient, T* out) {
  const Tap tap(shape);
  const auto one = [&](int64_t channel, int64_t t) {  // of all images
    T lanes[kRunLanes] = {};
    for (int64_t image = 0; image < shape.batch; ++image) {
      const int64_t input = image * shape.groups + channel / shape.outputs;
      const int64_t output = image * shape.groups * shape.outputs + channel;
      const T* from = images + input * shape.plane + tap.offset(t);
      const T* slope = gradient + output * shape.pixels;
      tap.walk([&](int64_t pixel, int64_t place, int64_t count) {
        dot_run(from + place, tap.stride(), slope + pixel, count, lanes);
      });
    }
    T sum{};
    for (const T lane : lanes) sum = static_cast<T>(sum + lane);
    return sum;
  };
  const int64_t work = shape.batch * shape.taps * shape.pixels;
  parallel_for(shape.groups * shape.outputs, std::max<int64_t>(kGrain / work, 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t channel = begin; channel < end; ++channel)
                   for (int64_t t = 0; t < shape.taps; ++t)
                     out[channel * shape.taps + t] = one(channel, t);
               });
}

/// Sums of float16 and bfloat16 are not made in steps.
bool is_half(Element element) {
  return element == Element::kFloat16 || element == Element::kBFloat16;
}

}  // namespace

bool is_depthwise(const ConvShape& shape) {
  return shape.channels == 1 && shape.outputs <= kFewOutputs && shape.groups > 1;
}

void depthwise_forward(const ConvShape& shape, const Array& images, const Array& weight,
                       Array& out) {
  if (is_half(images.element())) return conv_forward(shape, images, weight, out);
  with_number(images.element(), [&](auto number) {
    using T = decltype(number);
    forward(shape, images.as<T>(), weight.as<T>(), out.mutable_as<T>());
  });
}

void depthwise_scatter(const ConvShape& shape, const Array& gradient, const Array& weight,
                       Array& images) {
  with_number(images.element(), [&](auto number) {
    using T = decltype(number);
    scatter(shape, gradient.as<T>(), weight.as<T>(), images.mutable_as<T>());
  });
}

void depthwise_weights(const ConvShape& shape, const Array& images, const Array& gradient,
                       Array& out) {
  with_number(images.element(), [&](auto number) {
    using T = decltype(number);
    weights(shape, images.as<T>(), gradient.as<T>(), out.mutable_as<T>());
  });
}

}  // namespace cne::tensor

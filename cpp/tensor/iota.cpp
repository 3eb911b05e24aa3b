#include "tensor/iota.h"

#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/simd.h"
#include "tensor/cuda_kernel.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/fused_writer.h"
#include "tensor/pieces.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 32 * kTile;

// Places within a tile are int32_t, which every processor has an instruction to convert. Both
// numbers are below 2^53, so their sum is exact.

CNE_MULTIVERSION void add_steps(double first, double step, double begin, double* out, int n) {
  for (int i = 0; i < n; ++i) out[i] = first + (begin + static_cast<double>(i)) * step;
}

CNE_MULTIVERSION void add_steps(uint64_t first, uint64_t step, uint64_t begin, uint64_t* out,
                                int n) {
  for (int i = 0; i < n; ++i) out[i] = first + (begin + static_cast<uint64_t>(i)) * step;
}

CNE_MULTIVERSION void divide_line(double first, double last, double parts, double begin,
                                  double* out, int n) {
  for (int i = 0; i < n; ++i) {
    const double share = (begin + static_cast<double>(i)) / parts;
    out[i] = (1.0 - share) * first + share * last;
  }
}

CNE_MULTIVERSION void round_down(double* values, int n) {
  for (int i = 0; i < n; ++i) values[i] = std::floor(values[i]);
}

/// A line whose tiles `fill(begin, values, count)` computes as `computed`, cast to `element`.
template <typename T, typename F>
Array line_of(Element element, Element computed, int64_t count, const char* function, F fill) {
  check_shape({count}, element, function);
  Array out = Array::empty({element, {count}, {}});
  uint8_t* to = out.mutable_data();
  in_pieces(count, kGrain, [&](int64_t begin, int64_t end) {
    alignas(64) T scratch[kTile];
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t size = std::min(kTile, end - at);
      uint8_t* target = to + static_cast<size_t>(at) * size_of(element);
      T* values = element == computed ? reinterpret_cast<T*>(target) : scratch;
      fill(at, values, static_cast<int>(size));
      if (element != computed) cast_tile(computed, scratch, element, target, size);
    }
  });
  return out;
}

}  // namespace

Array iota(const Type& type, int64_t wanted) {
  if (type.element == Element::kBool) throw TypeError("iota: expected numbers, got bool");
  check_shape(type.shape, type.element, "iota");
  const int axis = normalize_axis(wanted, type.shape.size(), "iota");
  const int64_t extent = type.shape[axis];
  check_shape({extent}, Element::kInt64, "iota");
  Dims strides = Dims::filled(type.shape.size(), 0);
  strides[axis] = 1;
  if (!type.device.is_cpu()) {
    const Array own = Array::empty({type.element, {extent}, type.device});
    PlaceKernel kernel("iota", type.device, extent);
    const std::string to = kernel.output(own);
    kernel.line(to, "[at] = cast_to<", cpp_name(type.element), ">(int64_t(at));");
    kernel.run();
    return own.view(type.element, type.shape, strides, own.offset());
  }
  Array line = Array::empty({Element::kInt64, {extent}, {}});
  std::iota(line.mutable_as<int64_t>(), line.mutable_as<int64_t>() + extent, int64_t{0});
  const Array cast_line = cast(line, type.element);
  return cast_line.view(type.element, type.shape, strides, cast_line.offset());
}

Array arange(Element element, int64_t count, const Array& first, const Array& step) {
  if (first.element() == Element::kFloat64) {
    const double from = *first.as<double>();
    const double by = *step.as<double>();
    return line_of<double>(element, Element::kFloat64, count, "arange",
                           [=](int64_t begin, double* values, int n) {
                             add_steps(from, by, static_cast<double>(begin), values, n);
                           });
  }
  const uint64_t from = *first.as<uint64_t>();
  const uint64_t by = *step.as<uint64_t>();
  const bool is_direct = element == Element::kUInt64;
  return line_of<uint64_t>(element, is_direct ? element : Element::kInt64, count, "arange",
                           [=](int64_t begin, uint64_t* values, int n) {
                             add_steps(from, by, static_cast<uint64_t>(begin), values, n);
                           });
}

Array linspace(Element element, int64_t count, double first, double last, int64_t parts) {
  const bool is_rounded = kind_of(element) != ElementKind::kFloat;
  return line_of<double>(
      element, Element::kFloat64, count, "linspace", [=](int64_t begin, double* values, int n) {
        divide_line(first, last, static_cast<double>(parts), static_cast<double>(begin), values, n);
        if (is_rounded) round_down(values, n);
      });
}

}  // namespace cne::tensor

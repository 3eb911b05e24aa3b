#include "tensor/cuda_unique.h"

#include "tensor/cuda_cumulative.h"
#include "tensor/cuda_device.h"
#include "tensor/cuda_kernel.h"
#include "tensor/cuda_order.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// For each of sorted elements how many different ones there are up to it.
Array numbers_of(const Array& sorted) {
  const Array begins = Array::empty({Element::kInt64, sorted.shape(), sorted.device()});
  PlaceKernel kernel("unique_begins", sorted.device(), sorted.size());
  const std::string from = kernel.input(sorted);
  const std::string to = kernel.output(begins);
  kernel.line(to, "[at] = at == 0 || !is_same(", from, "[at - 1], ", from, "[at]) ? 1 : 0;");
  kernel.run();
  return cumulative_on_cuda(CumulativeOp::kSum, begins, 0, false);
}

/// The first elements in memory of their own: what is behind them is not kept.
Array first_of(const Array& line, int64_t count) {
  const Array out = Array::empty({line.element(), {count}, line.device()});
  cuda_device(line.device().index, "unique")
      .copy(line.address(), static_cast<size_t>(out.bytes()), const_cast<uint8_t*>(out.address()));
  return out;
}

}  // namespace

Unique unique_on_cuda(const Array& array) {
  const int64_t n = array.size();
  const Device device = array.device();
  const Type line{Element::kInt64, {n}, device};
  if (n == 0) {
    const Array none = Array::empty(line);
    return {reshape(array, {0}), none, reshape(none, array.shape()), none};
  }
  const auto [sorted, places] = sort_on_cuda(reshape(array, {n}), 0, false);
  const Array numbers = numbers_of(sorted);
  const Array count = to_device(slice_axis(numbers, 0, n - 1, 1, 1), {});
  const Array values = Array::empty(sorted.type());
  const Array indices = Array::empty(line);
  const Array inverse = Array::empty(line);
  const Array starts = Array::empty({Element::kInt64, {n + 1}, device});
  const Array counts = Array::empty(line);
  {
    PlaceKernel kernel("unique_places", device, n);
    const std::string own = kernel.input(sorted);
    const std::string from = kernel.input(places);
    const std::string number = kernel.input(numbers);
    const std::string to_values = kernel.output(values);
    const std::string to_indices = kernel.output(indices);
    const std::string to_inverse = kernel.output(inverse);
    const std::string to_starts = kernel.output(starts);
    kernel.line("const int64_t to = ", number, "[at] - 1;");
    kernel.line(to_inverse, "[", from, "[at]] = to;");
    kernel.line("if (at + 1 == ", n, ") ", to_starts, "[to + 1] = ", n, ";");
    kernel.line("if (at > 0 && ", number, "[at - 1] == ", number, "[at]) continue;");
    kernel.line(to_values, "[to] = ", own, "[at];");
    kernel.line(to_indices, "[to] = ", from, "[at];");
    kernel.line(to_starts, "[to] = at;");
    kernel.run();
  }
  {
    PlaceKernel kernel("unique_counts", device, n);
    const std::string number = kernel.input(numbers);
    const std::string from = kernel.input(starts);
    const std::string to = kernel.output(counts);
    kernel.line("if (int64_t(at) < ", number, "[", n - 1, "]) ", to, "[at] = ", from, "[at + 1] - ",
                from, "[at];");
    kernel.run();
  }
  const int64_t found = *count.as<int64_t>();
  return {first_of(values, found), first_of(indices, found), reshape(inverse, array.shape()),
          first_of(counts, found)};
}

}  // namespace cne::tensor

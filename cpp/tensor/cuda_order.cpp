#include "tensor/cuda_order.h"

#include <algorithm>

#include "tensor/cuda_kernel.h"
#include "tensor/elementwise.h"
#include "tensor/fused_writer.h"
#include "tensor/rows.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr int64_t kMostBlocks = int64_t{1} << 20;
constexpr int64_t kRun = 32;  // sorted by counting

/// Merges runs of `run` elements, or sorts those of kRun where there is no order yet.
Ordered pass(const Ordered& from, int64_t run, bool descending) {
  const bool is_first = !from.places;
  const Array& keys = from.values;
  const int64_t length = keys.shape().back();
  Ordered out{Array::empty(keys.type()),
              Array::empty({Element::kInt64, keys.shape(), keys.device()})};
  PlaceKernel kernel(is_first ? "sort_runs" : "merge_runs", keys.device(), keys.size());
  const std::string in = kernel.input(keys);
  const std::string places = is_first ? "" : kernel.input(from.places);
  const std::string values_to = kernel.output(out.values);
  const std::string places_to = kernel.output(out.places);
  if (!is_first) kernel.number("run", run);
  kernel.line("const int64_t row = int64_t(at) / ", length, " * ", length, ";");
  kernel.line("const int64_t i = int64_t(at) - row;");
  kernel.line("const int64_t to = row + place_in_", is_first ? "run" : "merge", "<",
              descending ? "true" : "false", ">(", in, " + row, i, ", length, ", ",
              is_first ? message(kRun) : "run", ");");
  kernel.line(values_to, "[to] = ", in, "[at];");
  kernel.line(places_to, "[to] = ", is_first ? "i" : places + "[at]", ";");
  kernel.run();
  return out;
}

}  // namespace

Array arg_reduce_on_cuda(bool largest, const Array& array) {
  const Array rows = contiguous(array);
  const int64_t length = rows.shape().back();
  Dims shape = rows.shape();
  shape.erase(shape.size() - 1);
  const Array out = Array::empty({Element::kInt64, shape, rows.device()});
  int threads = 32;
  while (threads < 256 && threads < length) threads *= 2;
  const std::string text =
      message("extern \"C\" __global__ void __launch_bounds__(", threads, ") arg_reduce(const ",
              cpp_name(rows.element()),
              "* rows, int64_t* places, int64_t count, int64_t length) {\n  find_extremes<",
              largest ? "true" : "false", ", ", threads, ">(rows, places, count, length);\n}\n");
  const void* addresses[] = {rows.address(), out.address()};
  int64_t count = out.size();
  int64_t extent = length;
  void* arguments[] = {&addresses[0], &addresses[1], &count, &extent};
  if (count > 0)
    launch_text(rows.device(), text, {"arg_reduce", std::min(kMostBlocks, count), threads},
                arguments);
  return out;
}

Ordered sort_on_cuda(const Array& array, int axis, bool descending) {
  Ordered out{contiguous_rows_along(array, axis), Array()};
  const int64_t length = array.shape()[axis];
  out = pass(out, kRun, descending);
  for (int64_t run = kRun; run < length; run *= 2) out = pass(out, run, descending);
  return {rows_back(out.values, axis), rows_back(out.places, axis)};
}

Array search_sorted_on_cuda(const Array& sorted, const Array& values, bool right) {
  const Array both[] = {sorted, values};
  const Device device = common_device("search_sorted", both);
  const Dims& shape = values.shape();
  const Array out = Array::empty({Element::kInt64, shape, device});
  Dims rows = sorted.shape();
  Dims strides = sorted.strides();
  rows.erase(rows.size() - 1);
  strides.erase(strides.size() - 1);
  const int64_t count = out.size() / std::max<int64_t>(product(rows), 1);  // of a row
  PlaceKernel kernel("search_sorted", device, out.size());
  const std::string to = kernel.output(out);
  const std::string row = kernel.input(sorted);
  const std::string wanted = kernel.input(values);
  kernel.line("const Place row = at / ", std::max<int64_t>(count, 1), ";");
  kernel.line(to, "[at] = place_among<", right ? "true" : "false", ">(", row, " + ",
              offset_text(rows, strides, "row"), ", ", sorted.shape().back(), ", ",
              sorted.strides().back(), ", ", wanted, "[",
              offset_text(shape, values.strides(), "at"), "]);");
  kernel.run();
  return out;
}

}  // namespace cne::tensor

#include "tensor/cuda_cumulative.h"

#include <algorithm>

#include "tensor/cuda_kernel.h"
#include "tensor/fused_writer.h"
#include "tensor/rows.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr int64_t kMostBlocks = int64_t{1} << 20;

const char* join_of(CumulativeOp op) {
  switch (op) {
    case CumulativeOp::kSum:
      return "Sum";
    case CumulativeOp::kProd:
      return "Prod";
    case CumulativeOp::kMax:
      return "Max";
    case CumulativeOp::kMin:
      return "Min";
    default:
      return "LogAddExp";
  }
}

/// What is put together: as the CPU has it, extremes in their own type.
Element total_of(CumulativeOp op, Element element) {
  if (op != CumulativeOp::kMax && op != CumulativeOp::kMin) {
    if (is_complex(element)) return Element::kComplex128;
    return is_floating(element) ? Element::kFloat64 : result_of(op, element);
  }
  if (element == Element::kBool) return Element::kUInt8;
  return is_floating(element) && size_of(element) == 2 ? Element::kFloat32 : element;
}

/// Rows of one array or of two, by a function of ordered.cuh.
Array run_rows(const std::string& call, std::span<const Array> rows, Element result,
               const char* name) {
  const int64_t length = rows[0].shape().back();
  int threads = 32;
  while (threads < 256 && threads * 8 < length) threads *= 2;
  const Array out = Array::empty({result, rows[0].shape(), rows[0].device()});
  std::string declared;
  std::string given;
  std::vector<const void*> addresses;
  for (size_t i = 0; i < rows.size(); ++i) {
    declared += message("const ", cpp_name(rows[i].element()), "* a", i, ", ");
    given += message("a", i, ", ");
    addresses.push_back(rows[i].address());
  }
  addresses.push_back(out.address());
  const std::string text =
      message("extern \"C\" __global__ void __launch_bounds__(", threads, ") ", name, "(", declared,
              cpp_name(result), "* to, int64_t count, int64_t length) {\n  ", call, ", ", threads,
              ">(", given, "to, count, length);\n}\n");
  int64_t extent = length;
  int64_t count = out.size() / length;
  std::vector<void*> arguments;
  for (const void*& each : addresses) arguments.push_back(&each);
  arguments.insert(arguments.end(), {&count, &extent});
  launch_text(out.device(), text, {name, std::min(kMostBlocks, count), threads}, arguments.data());
  return out;
}

const char* truth(bool value) { return value ? "true" : "false"; }

}  // namespace

Array cumulative_on_cuda(CumulativeOp op, const Array& array, int axis, bool reverse) {
  const Element result = result_of(op, array.element());
  if (array.size() == 0) return Array::empty({result, array.shape(), array.device()});
  const Array rows = contiguous_rows_along(array, axis);
  const std::string call = message("run_along<", join_of(op), ", ",
                                   cpp_name(total_of(op, array.element())), ", ", truth(reverse));
  return rows_back(run_rows(call, std::span(&rows, 1), result, "cumulative"), axis);
}

Array linear_recurrence_on_cuda(const Array& a, const Array& b, int axis, bool reverse) {
  const Array both[] = {a, b};
  const Device device = common_device("linear_recurrence", both);
  if (a.size() == 0) return Array::empty({a.element(), a.shape(), device});
  const Array rows[] = {contiguous_rows_along(to_device(a, device), axis),
                        contiguous_rows_along(to_device(b, device), axis)};
  const std::string call = message(
      "recur_along<", cpp_name(total_of(CumulativeOp::kSum, a.element())), ", ", truth(reverse));
  return rows_back(run_rows(call, rows, a.element(), "linear_recurrence"), axis);
}

}  // namespace cne::tensor

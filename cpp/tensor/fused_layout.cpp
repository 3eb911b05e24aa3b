#include "tensor/fused_layout.h"

#include <algorithm>
#include <cstdlib>

namespace cne::tensor {

namespace {

using Kind = FusedKernel::Kind;

constexpr int kWarp = 32;
constexpr int kAccess = 16;      // bytes that a thread reads at a time
constexpr int kMostWidth = 8;    // places of a group
constexpr int kWidest = 64;      // bytes of a group of one array
constexpr int kHeldBytes = 128;  // of a thread's registers, for what is held
constexpr int64_t kLongRow = int64_t{1} << 16;
constexpr int64_t kFewRows = 64;
constexpr int64_t kMostSplits = 1024;

const FusedKernel::Register& register_of(const FusedKernel& kernel, int at) {
  return kernel.registers[static_cast<size_t>(at)];
}

/// The strides of an input by the axes of the places.
Dims strides_of(const FusedKernel& kernel, const FusedKernel::Input& input, const Array& array) {
  Dims out = Dims::filled(kernel.shape.size(), 0);
  for (size_t axis = 0; axis < input.axes.size(); ++axis)
    if (input.axes[axis] >= 0) out[input.axes[axis]] = array.strides()[static_cast<int>(axis)];
  return out;
}

}  // namespace

FusedLayout::FusedLayout(const FusedKernel& kernel, std::span<const Array> arrays) {
  for (const FusedKernel::Step& step : kernel.steps) has_rows |= step.kind == Kind::kReduce;
  rows = has_rows ? kernel.rows() : 1;
  columns = has_rows ? kernel.columns() : kernel.rows() * kernel.columns();
  join_axes(kernel, arrays);
  choose_width(kernel, arrays);
  held = find_held(kernel);
  choose_threads(kernel);
}

void FusedLayout::join_axes(const FusedKernel& kernel, std::span<const Array> arrays) {
  std::vector<Dims> strides;
  for (const FusedKernel::Input& input : kernel.inputs)
    strides.push_back(strides_of(kernel, input, arrays[static_cast<size_t>(input.array)]));
  inputs.resize(strides.size());
  const int row_axes = has_rows ? kernel.row_axes : 0;
  int64_t reach = std::max<int64_t>(rows * columns, 1);
  for (size_t i = 0; i < strides.size(); ++i) {
    int64_t far = 1;
    for (int axis = 0; axis < kernel.shape.size(); ++axis)
      far += std::abs(strides[i][axis]) * kernel.shape[axis];
    reach = std::max(reach, far);
  }
  is_wide = reach > (int64_t{1} << 30);
  for (int axis = 0; axis < kernel.shape.size(); ++axis) {
    const bool is_row = axis < row_axes;
    Dims& extents = is_row ? row_extents : column_extents;
    const auto own = [&](size_t i) -> Dims& {
      return is_row ? inputs[i].row_strides : inputs[i].column_strides;
    };
    bool joins = !extents.empty();
    for (size_t i = 0; joins && i < strides.size(); ++i)
      joins = own(i).back() == strides[i][axis] * kernel.shape[axis];
    if (joins) {
      extents[extents.size() - 1] *= kernel.shape[axis];
      for (size_t i = 0; i < strides.size(); ++i) own(i)[own(i).size() - 1] = strides[i][axis];
    } else {
      extents.push_back(kernel.shape[axis]);
      for (size_t i = 0; i < strides.size(); ++i) own(i).push_back(strides[i][axis]);
    }
  }
}

void FusedLayout::choose_width(const FusedKernel& kernel, std::span<const Array> arrays) {
  const auto bytes_of = [&](int reg) {
    return static_cast<int>(size_of(register_of(kernel, reg).element));
  };
  int narrow = kAccess;
  int broad = 1;
  const auto count = [&](int reg) {
    narrow = std::min(narrow, bytes_of(reg));
    broad = std::max(broad, bytes_of(reg));
  };
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!register_of(kernel, kernel.inputs[i].reg).is_row && inputs[i].step() == 1)
      count(kernel.inputs[i].reg);
  for (const FusedKernel::Output& output : kernel.outputs)
    if (!register_of(kernel, output.reg).is_row) count(output.reg);
  width = std::clamp(kAccess / narrow, 1, std::max(1, std::min(kMostWidth, kWidest / broad)));
  const int64_t last = column_extents.empty() ? 1 : column_extents.back();
  const bool may_have_tail = !has_rows && column_extents.size() <= 1 && columns >= 4096;
  while (width > 1 && !may_have_tail && last % width != 0) width /= 2;
  tail = columns % width;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Input& input = inputs[i];
    if (input.step() == 0) {
      input.access = Access::kSame;
      continue;
    }
    const Array& array = arrays[static_cast<size_t>(kernel.inputs[i].array)];
    const int64_t bytes = bytes_of(kernel.inputs[i].reg);
    const int64_t aligned = std::min<int64_t>(kAccess, bytes * width);
    bool packs = input.step() == 1 && reinterpret_cast<uintptr_t>(array.address()) % aligned == 0;
    for (const int64_t stride : input.row_strides) packs &= stride * bytes % aligned == 0;
    for (int axis = 0; axis + 1 < input.column_strides.size(); ++axis)
      packs &= input.column_strides[axis] * bytes % aligned == 0;
    input.access = packs ? Access::kPack : Access::kApart;
  }
}

void FusedLayout::choose_threads(const FusedKernel& kernel) {
  if (!has_rows) return;
  const int64_t groups = columns / width;
  const auto rounds_of = [&](int threads) { return (groups + threads - 1) / threads; };
  if (kernel.phases == 1 && rows < kFewRows && columns >= kLongRow) {
    row_threads = block_threads = 256;
    splits = std::min(kMostSplits, rounds_of(row_threads) / 8 + 1);
    rounds = (rounds_of(row_threads) + splits - 1) / splits;
    return;
  }
  const auto fits = [&](int threads) {
    const int64_t bytes = rounds_of(threads) * width * std::max<int64_t>(held.bytes, 4);
    return bytes <= (rounds_of(threads) == 1 ? 2 * kHeldBytes : kHeldBytes);
  };
  // Of a short row few threads, so that each has something to do; then warps; then blocks.
  for (row_threads = 1; row_threads < kWarp && (rounds_of(row_threads) > 2 || !fits(row_threads));
       row_threads *= 2) {
  }
  const bool few = rows * kWarp < 65536 && groups > 4 * kWarp;
  if (!fits(row_threads) || few)
    for (row_threads = 128; row_threads < 1024 && !fits(row_threads); row_threads *= 2) {
    }
  is_held = kernel.phases == 1 || fits(row_threads);
  if (!is_held) row_threads = 512;
  block_threads = std::max(128, row_threads);
  rounds = rounds_of(row_threads);
}

}  // namespace cne::tensor

#include "tensor/scatter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/copy_run.h"
#include "tensor/cuda_scatter.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/index_places.h"
#include "tensor/nest.h"
#include "tensor/pair_math.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr std::array kNames = {"set", "add", "multiply", "max", "min"};

/// Updates below which a second thread does not pay.
constexpr int64_t kGrain = 16 * 1024;
/// Elements in order from which on they are put together tile by tile.
constexpr int64_t kLongRow = 32;

constexpr int kTarget = 0;
constexpr int kIndices = 1;
constexpr int kUpdates = 2;
using Places3 = Nest<3>::Places;

/// What one thread does: some of the axes' elements, and of these what goes to places of the target
/// from `low` on and before `high`.
struct Part {
  Nest<3> nest;  // without the row that goes to one place
  Places3 first{};
  int64_t row = 1;
  int64_t target_apart = 1;  // of elements of the row
  int64_t update_apart = 1;
  int64_t step = 1;
  int64_t low = INT64_MIN;
  int64_t high = INT64_MAX;
};

/// The rows of a part that lie side by side: `count` numbers, `apart` from one to the next in each.
struct Line {
  const int64_t* numbers;
  Places3 at;
  Places3 apart;
  int64_t count;
};

template <typename Put>
void each_of(const Part& part, const Line& line, const Put& put) {
  for (int64_t i = 0; i < line.count; ++i) {
    const int64_t number = line.numbers[i * line.apart[kIndices]];
    if (number != Places::kNowhere)
      put(line.at[kTarget] + i * line.apart[kTarget] + number * part.step,
          line.at[kUpdates] + i * line.apart[kUpdates]);
  }
}

/// Of those that lie between low and high, which no processor foresees: first they are picked
/// without a jump, some at a time.
template <typename Put>
void each_between(const Part& part, const Line& line, const Put& put) {
  constexpr int64_t kAtATime = 256;
  std::array<int64_t, kAtATime> places;
  std::array<int64_t, kAtATime> rows;
  for (int64_t begin = 0; begin < line.count; begin += kAtATime) {
    const int64_t end = std::min(begin + kAtATime, line.count);
    size_t picked = 0;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t number = line.numbers[i * line.apart[kIndices]];
      const bool is_place = number != Places::kNowhere;
      const int64_t to =
          line.at[kTarget] + i * line.apart[kTarget] + (is_place ? number : 0) * part.step;
      places[picked] = to;
      rows[picked] = i;
      picked += is_place & (to >= part.low) & (to < part.high);
    }
    for (size_t i = 0; i < picked; ++i)
      put(places[i], line.at[kUpdates] + rows[i] * line.apart[kUpdates]);
  }
}

/// Calls put(to, from) with the place of each row of a part and that of its update.
template <typename Put>
void each_row(const Part& part, const int64_t* numbers, const Put& put) {
  const Places3 apart = part.nest.rank() == 0 ? Places3{} : part.nest.strides_of(part.nest.inner());
  const bool is_whole = part.low == INT64_MIN;
  part.nest.walk(0, part.nest.size(), [&](const Places3& at, int64_t count) {
    Line line{numbers + part.first[kIndices] + at[kIndices], at, apart, count};
    line.at[kTarget] += part.first[kTarget];
    line.at[kUpdates] += part.first[kUpdates];
    is_whole ? each_of(part, line, put) : each_between(part, line, put);
  });
}

template <typename T>
void set_rows(const Part& part, const int64_t* numbers, const T* updates, T* target) {
  each_row(part, numbers, [&](int64_t to, int64_t from) {
    copy_run(updates + from, part.update_apart, target + to, part.target_apart, part.row);
  });
}

template <typename T, typename F>
void fold_rows(const Part& part, const int64_t* numbers, const T* updates, T* target, F f) {
  if (part.row == 1)
    return each_row(part, numbers,
                    [&](int64_t to, int64_t from) { target[to] = f(target[to], updates[from]); });
  each_row(part, numbers, [&](int64_t to, int64_t from) {
    T* row = target + to;
    const T* update = updates + from;
    for (int64_t i = 0; i < part.row; ++i) {
      T& there = row[i * part.target_apart];
      there = f(there, update[i * part.update_apart]);
    }
  });
}

template <typename T>
void fold_rows(ScatterOp op, const Part& part, const int64_t* numbers, const T* updates,
               T* target) {
  if (op == ScatterOp::kAdd) return fold_rows(part, numbers, updates, target, Plus());
  if (op == ScatterOp::kMultiply) return fold_rows(part, numbers, updates, target, Times());
  if constexpr (std::is_arithmetic_v<T>) {
    op == ScatterOp::kMax ? fold_rows(part, numbers, updates, target, Larger())
                          : fold_rows(part, numbers, updates, target, Smaller());
  }
}

void fold_long_rows(ScatterOp op, const Part& part, const int64_t* numbers, const Array& updates,
                    Array& target) {
  const auto width = static_cast<int64_t>(size_of(target.element()));
  each_row(part, numbers, [&](int64_t to, int64_t from) {
    uint8_t* row = target.mutable_data() + to * width;
    const void* in[] = {row, updates.data() + from * width};
    run_tile(pairwise(op), target.element(), in, row, part.row);
  });
}

void run_part(ScatterOp op, const Part& part, const int64_t* numbers, const Array& updates,
              Array& target) {
  const bool is_long = part.row >= kLongRow && part.target_apart == 1 && part.update_apart == 1;
  if (op == ScatterOp::kSet)
    with_width(size_of(target.element()), [&](auto element) {
      using T = decltype(element);
      set_rows(part, numbers, updates.as<T>(), target.mutable_as<T>());
    });
  else if (is_long)
    fold_long_rows(op, part, numbers, updates, target);
  else
    with_number(target.element(), [&](auto number) {
      using T = decltype(number);
      fold_rows(op, part, numbers, updates.as<T>(), target.mutable_as<T>());
    });
}

/// Parts that write to different places. Each goes through its updates in their order, so that the
/// result is one and the same however many there are.
std::vector<Part> parts_of(const Part& whole, int64_t count, int64_t target_size) {
  std::vector<Part> out;
  const Nest<3>& nest = whole.nest;
  // An axis that runs along the target: different elements of it are different places.
  int axis = 0;
  while (axis < nest.rank() && (nest.strides[kTarget][axis] == 0 || nest.shape[axis] < count))
    ++axis;
  const bool by_rows = axis == nest.rank() && whole.row >= count * kLongRow;
  const int64_t extent = axis < nest.rank() ? nest.shape[axis] : by_rows ? whole.row : target_size;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = extent * i / count;
    const int64_t end = extent * (i + 1) / count;
    Part part = whole;
    if (axis < nest.rank()) {
      for (int each = 0; each < 3; ++each) part.first[each] += begin * nest.strides[each][axis];
      part.nest.shape[axis] = end - begin;
    } else if (by_rows) {
      part.first[kTarget] += begin * whole.target_apart;
      part.first[kUpdates] += begin * whole.update_apart;
      part.row = end - begin;
    } else {
      part.low = begin;
      part.high = end;
    }
    out.push_back(part);
  }
  return out;
}

Part whole_of(const Array& target, const Array& updates, const Places& places,
              const IndexAxes& axes) {
  Part out;
  out.step = places.step;
  for (int axis = 0; axis < updates.rank(); ++axis) {
    const auto to = static_cast<int>(axes.operand[axis]);
    const auto index = static_cast<int>(axes.indices[axis]);
    out.nest.add(updates.shape()[axis],
                 {to < 0 ? 0 : target.strides()[to],
                  index < 0 ? 0 : places.numbers.strides()[index], updates.strides()[axis]});
  }
  const int inner = out.nest.inner();
  if (inner >= 0 && out.nest.strides[kIndices][inner] == 0) {
    out.row = out.nest.shape[inner];
    out.target_apart = out.nest.strides[kTarget][inner];
    out.update_apart = out.nest.strides[kUpdates][inner];
    out.nest.erase(inner);
  }
  return out;
}

bool is_half(Element element) {
  return element == Element::kFloat16 || element == Element::kBFloat16;
}

}  // namespace

ElementOp pairwise(ScatterOp op) {
  switch (op) {
    case ScatterOp::kMultiply:
      return ElementOp::kMultiply;
    case ScatterOp::kMax:
      return ElementOp::kMaximum;
    case ScatterOp::kMin:
      return ElementOp::kMinimum;
    default:
      return ElementOp::kAdd;
  }
}

const char* name_of(ScatterOp op) { return kNames[static_cast<size_t>(op)]; }

std::optional<ScatterOp> parse_scatter_op(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<ScatterOp>(i);
  return std::nullopt;
}

Type scatter_type(ScatterOp op, const Type& operand, std::span<const Type> indices,
                  const Type& updates, const IndexAxes& axes) {
  if (updates.element != operand.element ||
      (op != ScatterOp::kSet && !takes(pairwise(op), operand.element)))
    throw TypeError(message("scatter: ", name_of(op), " of ", to_string(updates), " to ",
                            to_string(operand), " is no such operation"));
  const Dims shape = indexed_shape(operand.shape, indices, axes, "scatter");
  if (!(shape == updates.shape))
    throw ShapeError(message("scatter: expected updates of the shape ", to_string(shape), ", got ",
                             to_string(updates.shape)));
  return operand;
}

void scatter_into(ScatterOp op, Array& target, std::span<const Array> indices, const Array& updates,
                  const IndexAxes& axes, IndexMode mode, bool unique) {
  assert(target.is_contiguous());
  const Element element = target.element();
  scatter_type(op, target.type(), types_of(indices), updates.type(), axes);
  if (!target.device().is_cpu())
    return scatter_on_cuda(op, target, indices, updates, axes, mode, unique);
  if (op != ScatterOp::kSet && is_half(element)) {
    Array wide = cast(target, Element::kFloat32);
    scatter_into(op, wide, indices, cast(updates, Element::kFloat32), axes, mode);
    cast_tile(Element::kFloat32, wide.data(), element, target.mutable_data(), target.size());
    return;
  }
  Places places = places_of(target, indices, axes.indexed, mode, "scatter");
  if (updates.size() == 0) return;
  places.numbers = cast(places.numbers, Element::kInt64);
  const Part whole = whole_of(target, updates, places, axes);
  const int64_t* numbers = places.numbers.as<int64_t>();
  const int64_t threads = updates.size() < 2 * kGrain ? 1 : num_threads();
  if (threads == 1) return run_part(op, whole, numbers, updates, target);
  const std::vector<Part> parts = parts_of(whole, threads, target.size());
  parallel_tasks(threads, [&](int64_t task, int) {
    run_part(op, parts[static_cast<size_t>(task)], numbers, updates, target);
  });
}

Array scatter(ScatterOp op, const Array& operand, std::span<const Array> indices,
              const Array& updates, const IndexAxes& axes, IndexMode mode, bool unique) {
  std::vector<Array> all(indices.begin(), indices.end());
  all.insert(all.end(), {operand, updates});
  Array out = copy(to_device(operand, common_device("scatter", all)));
  scatter_into(op, out, indices, updates, axes, mode, unique);
  return out;
}

}  // namespace cne::tensor

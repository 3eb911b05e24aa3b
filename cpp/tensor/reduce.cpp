#include "tensor/reduce.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/arg_reduce.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/reduce_tile.h"
#include "tensor/tile_reader.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr std::array kNames = {"sum", "prod", "max", "min", "any", "all", "argmax", "argmin"};

/// Elements that one thread takes at a time. Results depend on it, but not on the threads.
constexpr int64_t kPiece = 64 * kTile;
/// Rows that are added as they are before they go into the wider accumulator.
constexpr int64_t kNarrowRows = 64;

struct alignas(64) Tile {
  uint8_t bytes[kTile * 16];
};

/// An array as a matrix: `kept` rows of `folded` elements each, or the other way round.
struct Matrix {
  Array array;
  int64_t kept;
  int64_t folded;
};

ElementOp pairwise(ReduceOp op) {
  switch (op) {
    case ReduceOp::kSum:
      return ElementOp::kAdd;
    case ReduceOp::kProd:
      return ElementOp::kMultiply;
    case ReduceOp::kMax:
      return ElementOp::kMaximum;
    case ReduceOp::kMin:
      return ElementOp::kMinimum;
    case ReduceOp::kAny:
      return ElementOp::kOr;
    default:
      return ElementOp::kAnd;
  }
}

/// Part of one row into an accumulator.
void fold_row(ReduceOp op, const TileReader& reader, Element element, int64_t begin, int64_t end,
              void* to) {
  Tile scratch;
  for (int64_t at = begin; at < end; at += kTile) {
    const int64_t count = std::min(kTile, end - at);
    fold_tile(op, element, reader.read(at, count, scratch.bytes), count, at == begin, to);
  }
}

/// Each result is of elements that lie one behind the other, or nearly so.
void by_rows(ReduceOp op, const Matrix& m, Array& out) {
  const TileReader reader(m.array, m.array.shape());
  const Element element = m.array.element();
  const size_t width = size_of(out.element());
  uint8_t* results = out.mutable_data();
  const auto whole = [&](int64_t row, int64_t begin, int64_t end, void* to) {
    start(op, out.element(), to);
    fold_row(op, reader, element, row * m.folded + begin, row * m.folded + end, to);
  };
  if (m.folded <= kPiece) {
    const int64_t grain = std::max<int64_t>(kPiece / m.folded, 1);
    parallel_for(m.kept, grain, [&](int64_t first, int64_t last) {
      // Short rows cost less than a call for each.
      if (op == ReduceOp::kSum && reader.is_direct() &&
          sum_short_rows(element, reader.direct(first * m.folded), last - first, m.folded,
                         results + static_cast<size_t>(first) * width))
        return;
      for (int64_t row = first; row < last; ++row)
        whole(row, 0, m.folded, results + static_cast<size_t>(row) * width);
    });
    return;
  }
  const int64_t pieces = (m.folded + kPiece - 1) / kPiece;
  std::vector<uint8_t> parts(static_cast<size_t>(pieces) * width);
  for (int64_t row = 0; row < m.kept; ++row) {
    parallel_for(pieces, 1, [&](int64_t first, int64_t last) {
      for (int64_t piece = first; piece < last; ++piece)
        whole(row, piece * kPiece, std::min(m.folded, (piece + 1) * kPiece),
              parts.data() + static_cast<size_t>(piece) * width);
    });
    uint8_t* to = results + static_cast<size_t>(row) * width;
    std::memcpy(to, parts.data(), width);
    combine(op, out.element(), parts.data() + width, pieces - 1, to);
  }
}

/// Rows of `folded` are added to a row of results, a tile of columns at a time.
void fold_columns(ReduceOp op, const Matrix& m, const TileReader& reader, int64_t column,
                  int64_t count, int64_t begin, int64_t end, void* to) {
  const Element element = m.array.element();
  const Element wide = accumulator_of(op, element);
  // Bool results are made of bool tiles; else a few rows are added as they are.
  const bool is_truth = op == ReduceOp::kAny || op == ReduceOp::kAll;
  const Element narrow = is_truth                                 ? Element::kBool
                         : element == wide || is_inexact(element) ? element
                                                                  : wide;
  const Element computed = is_truth ? Element::kBool : wide;
  const ElementOp add = pairwise(op);
  Tile scratch;
  Tile row;
  Tile sum;
  Tile widened;
  bool is_first = true;
  for (int64_t at = begin; at < end; at += kNarrowRows) {
    const int64_t last = std::min(end, at + kNarrowRows);
    for (int64_t r = at; r < last; ++r) {
      const void* from = reader.read(r * m.kept + column, count, scratch.bytes);
      if (narrow != element) {
        cast_tile(element, from, narrow, row.bytes, count);
        from = row.bytes;
      }
      if (r == at) {
        std::memcpy(sum.bytes, from, static_cast<size_t>(count) * size_of(narrow));
        continue;
      }
      const void* in[] = {sum.bytes, from};
      run_tile(add, narrow, in, sum.bytes, count);
    }
    cast_tile(narrow, sum.bytes, computed, is_first ? to : widened.bytes, count);
    const void* in[] = {to, widened.bytes};
    if (!is_first) run_tile(add, computed, in, to, count);
    is_first = false;
  }
}

void by_columns(ReduceOp op, const Matrix& m, Array& out) {
  const TileReader reader(m.array, m.array.shape());
  const Element computed =
      op == ReduceOp::kAny || op == ReduceOp::kAll ? Element::kBool : out.element();
  const size_t width = size_of(out.element());
  const int64_t columns = (m.kept + kTile - 1) / kTile;
  const int64_t rows = std::max<int64_t>(kPiece / std::min(m.kept, kTile), kNarrowRows);
  const int64_t pieces = (m.folded + rows - 1) / rows;
  // Partial results of each piece of rows, which are put together in their order.
  std::vector<uint8_t> parts(static_cast<size_t>(pieces * m.kept) * width);
  parallel_for(columns * pieces, 1, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t piece = task / columns;
      const int64_t column = task % columns * kTile;
      fold_columns(op, m, reader, column, std::min(kTile, m.kept - column), piece * rows,
                   std::min(m.folded, (piece + 1) * rows),
                   parts.data() + static_cast<size_t>(piece * m.kept + column) * width);
    }
  });
  const auto bytes = static_cast<size_t>(m.kept) * width;
  std::memcpy(out.mutable_data(), parts.data(), bytes);
  for (int64_t piece = 1; piece < pieces; ++piece) {
    const void* in[] = {out.data(), parts.data() + static_cast<size_t>(piece) * bytes};
    run_tile(pairwise(op), computed, in, out.mutable_data(), m.kept);
  }
}

bool are_columns_better(const Array& array, const Dims& kept, const Dims& folded) {
  const auto stride_of = [&](const Dims& axes) {
    for (int i = axes.size() - 1; i >= 0; --i)
      if (array.shape()[static_cast<int>(axes[i])] > 1)
        return array.strides()[static_cast<int>(axes[i])];
    return int64_t{0};
  };
  return stride_of(kept) == 1 && stride_of(folded) != 1;
}

void check(ReduceOp op, const Type& type, int64_t folded) {
  const Element element = type.element;
  const bool is_order = op >= ReduceOp::kArgMax || op == ReduceOp::kMax || op == ReduceOp::kMin;
  const bool is_number = op == ReduceOp::kSum || op == ReduceOp::kProd;
  if ((is_order && (is_complex(element) || element == Element::kBool)) ||
      (is_number && element == Element::kBool))
    throw TypeError(
        message(name_of(op), ": arrays of ", name_of(element), " have no such operation"));
  if (is_order && folded == 0)
    throw ShapeError(message(name_of(op), ": expected elements along the axes, got the shape ",
                             to_string(type.shape)));
}

}  // namespace

const char* name_of(ReduceOp op) { return kNames[static_cast<size_t>(op)]; }

std::optional<ReduceOp> parse_reduce_op(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<ReduceOp>(i);
  return std::nullopt;
}

Element result_of(ReduceOp op, Element element) {
  switch (op) {
    case ReduceOp::kSum:
    case ReduceOp::kProd:
      return is_inexact(element) ? element : accumulator_of(op, element);
    case ReduceOp::kAny:
    case ReduceOp::kAll:
      return Element::kBool;
    case ReduceOp::kArgMax:
    case ReduceOp::kArgMin:
      return Element::kInt64;
    default:
      return element;
  }
}

Type reduced(ReduceOp op, const Type& type, const Dims& axes) {
  Type out{result_of(op, type.element), {}, type.device};
  int64_t folded = 1;
  for (int axis = 0; axis < type.shape.size(); ++axis) {
    if (axes.contains(axis))
      folded *= type.shape[axis];
    else
      out.shape.push_back(type.shape[axis]);
  }
  check(op, type, folded);
  return out;
}

Array reduce(ReduceOp op, const Array& array, const Dims& wanted, bool keep_dims) {
  Dims axes = normalize_axes(wanted, array.rank(), name_of(op));
  if (is_on_device(array)) {
    std::sort(axes.begin(), axes.end());
    const Array out = run_on_cuda(kReduce, Params(ReduceParams{op, axes}), {&array, 1})[0];
    return keep_dims ? expand_dims(out, axes) : out;
  }
  Dims kept;
  Dims folded;
  Dims shape;
  Dims kept_shape;
  int64_t folded_size = 1;
  for (int axis = 0; axis < array.rank(); ++axis) {
    const bool goes = axes.contains(axis);
    (goes ? folded : kept).push_back(axis);
    if (goes)
      folded_size *= array.shape()[axis];
    else
      kept_shape.push_back(array.shape()[axis]);
    if (!goes || keep_dims) shape.push_back(goes ? 1 : array.shape()[axis]);
  }
  check(op, array.type(), folded_size);
  const Element result = result_of(op, array.element());
  if (array.element() == Element::kFloat16 || array.element() == Element::kBFloat16)
    return cast(reduce(op, cast(array, Element::kFloat32), wanted, keep_dims), result);

  const int64_t kept_size = product(kept_shape);
  const bool is_place = op == ReduceOp::kArgMax || op == ReduceOp::kArgMin;
  Array out =
      Array::empty({is_place ? result : accumulator_of(op, array.element()), {kept_size}, {}});
  const bool columns = !is_place && are_columns_better(array, kept, folded);
  Dims order = columns ? folded : kept;
  for (const int64_t axis : columns ? kept : folded) order.push_back(axis);
  const Matrix matrix{permute(array, order), kept_size, folded_size};
  if (kept_size != 0 && folded_size == 0) {
    for (int64_t i = 0; i < kept_size; ++i)
      start(op, out.element(),
            out.mutable_data() + static_cast<size_t>(i) * size_of(out.element()));
  } else if (kept_size != 0 && is_place) {
    arg_reduce(op == ReduceOp::kArgMax, matrix.array, folded_size, out);
  } else if (kept_size != 0) {
    columns ? by_columns(op, matrix, out) : by_rows(op, matrix, out);
  }
  if (result == Element::kBool)
    return reshape(out.view(result, out.shape(), out.strides(), 0), shape);
  return reshape(cast(out, result), shape);
}

}  // namespace cne::tensor

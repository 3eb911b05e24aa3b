#include "tensor/linear_recurrence.h"

#include "core/error.h"
#include "tensor/cuda_cumulative.h"
#include "tensor/cuda_run.h"
#include "tensor/cumulative_lines.h"
#include "tensor/element_dispatch.h"
#include "tensor/pair_math.h"
#include "tensor/rows.h"
#include "tensor/tile_reader.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

Element computed_in(Element element) {
  if (is_complex(element)) return Element::kComplex128;
  return is_floating(element) ? Element::kFloat64 : element;
}

/// Both operands, tile by tile in the type that they are computed in.
struct Operands {
  Operands(const Array& a, const Array& b)
      : element(a.element()),
        computed(computed_in(a.element())),
        first(a, a.shape()),
        second(b, b.shape()) {}

  void read(int64_t position, int64_t count, NumberTile& a, NumberTile& b) const {
    NumberTile scratch;
    cast_tile(element, first.read(position, count, scratch.bytes), computed, a.bytes, count);
    cast_tile(element, second.read(position, count, scratch.bytes), computed, b.bytes, count);
  }

  Element element;
  Element computed;
  TileReader first;
  TileReader second;
};

template <typename T>
T along_tile(const T* a, T* b, int64_t n, bool reverse, T before) {
  for (int64_t i = 0; i < n; ++i) {
    T& there = b[reverse ? n - 1 - i : i];
    there = before = Plus()(Times()(a[reverse ? n - 1 - i : i], before), there);
  }
  return before;
}

void along_row(const Operands& operands, int64_t row, int64_t length, bool reverse, Array& out) {
  with_number(operands.computed, [&](auto number) {
    using T = decltype(number);
    T before{};
    NumberTile a;
    NumberTile b;
    each_tile(row * length, (row + 1) * length, reverse, [&](int64_t position, int64_t count) {
      operands.read(position, count, a, b);
      before = along_tile(reinterpret_cast<const T*>(a.bytes), reinterpret_cast<T*>(b.bytes), count,
                          reverse, before);
      cast_tile(operands.computed, b.bytes, operands.element,
                out.mutable_data() + static_cast<size_t>(position) * size_of(operands.element),
                count);
    });
  });
}

void along_rows(const Operands& operands, int64_t length, bool reverse, Array& out) {
  in_pieces(out.size() / length, std::max<int64_t>(16 * kTile / length, 1),
            [&](int64_t begin, int64_t end) {
              for (int64_t row = begin; row < end; ++row)
                along_row(operands, row, length, reverse, out);
            });
}

/// Lines that lie side by side.
void along_columns(const Operands& operands, const Lines& lines, bool reverse, Array& out) {
  each_columns(lines, [&](int64_t outer, int64_t inner, int64_t count) {
    NumberTile a;
    NumberTile b;
    NumberTile before{};
    for (int64_t i = 0; i < lines.length; ++i) {
      const int64_t along = reverse ? lines.length - 1 - i : i;
      const int64_t position = (outer * lines.length + along) * lines.inners + inner;
      operands.read(position, count, a, b);
      const void* product_of[] = {a.bytes, before.bytes};
      run_tile(ElementOp::kMultiply, operands.computed, product_of, a.bytes, count);
      const void* sum_of[] = {a.bytes, b.bytes};
      run_tile(ElementOp::kAdd, operands.computed, sum_of, before.bytes, count);
      cast_tile(operands.computed, before.bytes, operands.element,
                out.mutable_data() + static_cast<size_t>(position) * size_of(operands.element),
                count);
    }
  });
}

}  // namespace

void check_linear_recurrence(const Type& a, const Type& b) {
  if (!(a == b))
    throw ShapeError(message("linear_recurrence: expected arrays of one type and shape, got ",
                             to_string(a), " and ", to_string(b)));
  if (a.element == Element::kBool)
    throw TypeError("linear_recurrence: expected numbers, got arrays of bool");
}

Array linear_recurrence(const Array& a, const Array& b, int64_t wanted, bool reverse) {
  check_linear_recurrence(a.type(), b.type());
  const int axis = normalize_axis(wanted, a.rank(), "linear_recurrence");
  if (is_on_device(a) || is_on_device(b)) return linear_recurrence_on_cuda(a, b, axis, reverse);
  const Lines lines = lines_of(a.shape(), axis);
  Array out = Array::empty(a.type());
  if (out.size() == 0) return out;
  if (lines.inners == 1) {
    along_rows(Operands(a, b), lines.length, reverse, out);
  } else if (lines.inners >= kFewColumns) {
    along_columns(Operands(a, b), lines, reverse, out);
  } else {
    const Array a_rows = contiguous_rows_along(a, axis);
    const Array b_rows = contiguous_rows_along(b, axis);
    Array rows = Array::empty(a_rows.type());
    along_rows(Operands(a_rows, b_rows), lines.length, reverse, rows);
    return rows_back(rows, axis);
  }
  return out;
}

}  // namespace cne::tensor

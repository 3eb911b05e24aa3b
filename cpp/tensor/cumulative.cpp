#include "tensor/cumulative.h"

#include <array>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "tensor/cuda_cumulative.h"
#include "tensor/cuda_run.h"
#include "tensor/cumulative_lines.h"
#include "tensor/cumulative_tile.h"
#include "tensor/rows.h"
#include "tensor/tile_reader.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr std::array kNames = {"cumulative_sum", "cumulative_prod", "cumulative_max",
                               "cumulative_min", "cumulative_logsumexp"};

/// Elements of a row that are put together before what comes in front of them is added. Results
/// depend on it, but not on the threads.
constexpr int64_t kPiece = 64 * kTile;
ElementOp pairwise(CumulativeOp op) {
  switch (op) {
    case CumulativeOp::kSum:
      return ElementOp::kAdd;
    case CumulativeOp::kProd:
      return ElementOp::kMultiply;
    case CumulativeOp::kMax:
      return ElementOp::kMaximum;
    case CumulativeOp::kMin:
      return ElementOp::kMinimum;
    default:
      return ElementOp::kLogAddExp;
  }
}

/// What elements are put together in.
Element computed_in(CumulativeOp op, Element element) {
  if (op == CumulativeOp::kMax || op == CumulativeOp::kMin) {
    const bool is_half = element == Element::kFloat16 || element == Element::kBFloat16;
    return is_half ? Element::kFloat32 : element;
  }
  switch (kind_of(element)) {
    case ElementKind::kUnsigned:
      return Element::kUInt64;
    case ElementKind::kFloat:
      return Element::kFloat64;
    case ElementKind::kComplex:
      return Element::kComplex128;
    default:
      return Element::kInt64;
  }
}

/// Whether parts may be put together first: a product of some could overflow where that of all
/// does not, and a logarithm is dear.
bool is_in_parts(CumulativeOp op) {
  return op != CumulativeOp::kProd && op != CumulativeOp::kLogAddExp;
}

/// Goes along rows.
class RowScan {
 public:
  RowScan(CumulativeOp op, const Array& rows, int64_t length, bool reverse, Array& out)
      : op_(op),
        element_(rows.element()),
        computed_(computed_in(op, rows.element())),
        result_(out.element()),
        reverse_(reverse),
        length_(length),
        reader_(rows, rows.shape()),
        to_(out.mutable_data()) {}

  int64_t pieces() const { return is_in_parts(op_) ? (length_ + kPiece - 1) / kPiece : 1; }
  size_t width() const { return size_of(computed_); }

  /// One piece of a row. `before` is what comes in front of it, or null; `total`, if it is not
  /// null, becomes that of the piece alone. Without `write` nothing else is done.
  void run(int64_t row, int64_t piece, const void* before, void* total, bool write) const {
    const int64_t begin = pieces() == 1 ? 0 : piece * kPiece;
    const int64_t end = pieces() == 1 ? length_ : std::min(length_, begin + kPiece);
    NumberTile scratch;
    NumberTile values;
    NumberTile carried;  // the result so far, of this piece
    bool is_first = true;
    each_tile(begin, end, reverse_, [&](int64_t at, int64_t count) {
      const int64_t position = row * length_ + at;
      uint8_t* const to = to_ + static_cast<size_t>(position) * size_of(result_);
      // Where the result is what is computed, it is put together in its place.
      uint8_t* const tile = write && computed_ == result_ ? to : values.bytes;
      cast_tile(element_, reader_.read(position, count, scratch.bytes), computed_, tile, count);
      cumulate_tile(op_, computed_, tile, count,
                    {reverse_, is_first ? nullptr : carried.bytes, before, carried.bytes});
      is_first = false;
      if (write && tile != to) cast_tile(computed_, tile, result_, to, count);
    });
    if (total != nullptr) std::memcpy(total, carried.bytes, width());
  }

  /// total = op(before, total)
  void put_before_total(const void* before, void* total) const {
    put_before_tile(op_, computed_, before, total, 1);
  }

 private:
  CumulativeOp op_;
  Element element_;
  Element computed_;
  Element result_;
  bool reverse_;
  int64_t length_;
  TileReader reader_;
  uint8_t* to_;
};

/// One long row: its pieces side by side, once for their totals and once for the result.
void run_long_row(const RowScan& scan, int64_t row, bool reverse) {
  const int64_t pieces = scan.pieces();
  const size_t width = scan.width();
  std::vector<uint8_t> totals(static_cast<size_t>(pieces) * width);
  // In the order of the line.
  const auto total_of = [&](int64_t i) { return totals.data() + static_cast<size_t>(i) * width; };
  const auto piece_of = [&](int64_t i) { return reverse ? pieces - 1 - i : i; };
  const bool at_once = num_threads() <= 2;  // twice the work does not pay
  if (!at_once)
    parallel_for(pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) scan.run(row, piece_of(i), nullptr, total_of(i), false);
    });
  // Each total becomes that of all pieces up to it, which is where the next one begins.
  const auto finish = [&](int64_t i) {
    if (i != 0) scan.put_before_total(total_of(i - 1), total_of(i));
  };
  if (at_once) {
    for (int64_t i = 0; i < pieces; ++i) {
      scan.run(row, piece_of(i), i == 0 ? nullptr : total_of(i - 1), total_of(i), true);
      finish(i);
    }
    return;
  }
  for (int64_t i = 0; i < pieces; ++i) finish(i);
  parallel_for(pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      scan.run(row, piece_of(i), i == 0 ? nullptr : total_of(i - 1), nullptr, true);
  });
}

void by_rows(CumulativeOp op, const Array& rows, int64_t length, bool reverse, Array& out) {
  const RowScan scan(op, rows, length, reverse, out);
  const int64_t count = rows.size() / length;
  if (scan.pieces() > 1) {
    in_pieces(count, count < num_threads() ? count : 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) run_long_row(scan, row, reverse);
    });
    return;
  }
  in_pieces(count, std::max<int64_t>(32 * kTile / length, 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) scan.run(row, 0, nullptr, nullptr, true);
  });
}

/// Lines that lie side by side.
void by_columns(CumulativeOp op, const Array& array, const Lines& lines, bool reverse, Array& out) {
  const TileReader reader(array, array.shape());
  const Element computed = computed_in(op, array.element());
  const size_t width = size_of(out.element());
  each_columns(lines, [&](int64_t outer, int64_t inner, int64_t count) {
    NumberTile scratch;
    NumberTile values;
    NumberTile sum;
    for (int64_t i = 0; i < lines.length; ++i) {
      const int64_t along = reverse ? lines.length - 1 - i : i;
      const int64_t position = (outer * lines.length + along) * lines.inners + inner;
      const void* from = reader.read(position, count, scratch.bytes);
      cast_tile(array.element(), from, computed, i == 0 ? sum.bytes : values.bytes, count);
      const void* in[] = {sum.bytes, values.bytes};
      if (i != 0) run_tile(pairwise(op), computed, in, sum.bytes, count);
      cast_tile(computed, sum.bytes, out.element(),
                out.mutable_data() + static_cast<size_t>(position) * width, count);
    }
  });
}

}  // namespace

const char* name_of(CumulativeOp op) { return kNames[static_cast<size_t>(op)]; }

std::optional<CumulativeOp> parse_cumulative_op(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<CumulativeOp>(i);
  return std::nullopt;
}

void check_cumulative(CumulativeOp op, Element element) {
  const bool is_widened = op == CumulativeOp::kSum || op == CumulativeOp::kProd;
  if (!takes(pairwise(op), element) || (is_widened && element == Element::kBool))
    throw TypeError(
        message(name_of(op), ": arrays of ", name_of(element), " have no such operation"));
}

Element result_of(CumulativeOp op, Element element) {
  const bool is_widened = op == CumulativeOp::kSum || op == CumulativeOp::kProd;
  return is_widened && is_integer(element) ? computed_in(op, element) : element;
}

Array cumulative(CumulativeOp op, const Array& array, int64_t wanted, bool reverse) {
  check_cumulative(op, array.element());
  const int axis = normalize_axis(wanted, array.rank(), name_of(op));
  const Element result = result_of(op, array.element());
  check_shape(array.shape(), result, name_of(op));
  if (is_on_device(array)) return cumulative_on_cuda(op, array, axis, reverse);
  const Lines lines = lines_of(array.shape(), axis);
  Array out = Array::empty({result, array.shape(), {}});
  if (out.size() == 0) return out;
  if (lines.inners == 1) {
    by_rows(op, array, lines.length, reverse, out);
    return out;
  }
  if (lines.inners >= kFewColumns) {
    by_columns(op, array, lines, reverse, out);
    return out;
  }
  const Array rows = contiguous_rows_along(array, axis);
  Array row_results = Array::empty({result, rows.shape(), {}});
  by_rows(op, rows, lines.length, reverse, row_results);
  return rows_back(row_results, axis);
}

}  // namespace cne::tensor

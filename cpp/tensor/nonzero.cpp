#include "tensor/nonzero.h"

#include <algorithm>
#include <cstring>

#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"
#include "tensor/tile_reader.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr int64_t kPiece = 32 * kTile;

/// The truth of an array's elements, tile by tile.
class Truth {
 public:
  explicit Truth(const Array& array) : element_(array.element()), reader_(array, array.shape()) {}

  /// Calls f(position, bytes, count) with bytes of 0 or 1 for the elements from `begin` to `end`.
  template <typename F>
  void each_tile(int64_t begin, int64_t end, const F& f) const {
    alignas(64) uint8_t scratch[kTile * 16];
    alignas(64) uint8_t bytes[kTile];
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t count = std::min(kTile, end - at);
      cast_tile(element_, reader_.read(at, count, scratch), Element::kBool, bytes, count);
      f(at, static_cast<const uint8_t*>(bytes), count);
    }
  }

 private:
  Element element_;
  TileReader reader_;
};

/// Writes the indices of places that come in their order.
class IndexWriter {
 public:
  IndexWriter(const Dims& shape, std::vector<Array>& out, int64_t first)
      : shape_(shape), length_(shape.back()), index_(shape) {
    for (Array& each : out) columns_.push_back(each.mutable_as<int64_t>() + first);
  }
  /// The places that are true of `count` from `position` on, row by row.
  void write(int64_t position, const uint8_t* truth, int64_t count) {
    while (count > 0) {
      const int64_t row = position / length_;
      const int64_t begin = position - row * length_;
      const int64_t n = std::min(count, length_ - begin);
      write_row(row, begin, truth, n);
      position += n;
      truth += n;
      count -= n;
    }
  }

 private:
  void write_row(int64_t row, int64_t begin, const uint8_t* truth, int64_t n) {
    // Each place is written, and the next one over it if it is not true: no branch to guess.
    int64_t found = 0;
    for (int64_t i = 0; i < n; ++i) {
      places_[found] = begin + i;
      found += truth[i];
    }
    if (found == 0) return;
    if (row != row_) begin_row(row);
    const int inner = shape_.size() - 1;
    for (int axis = 0; axis < inner; ++axis) {
      int64_t*& column = columns_[static_cast<size_t>(axis)];
      column = std::fill_n(column, found, index_[axis]);
    }
    int64_t*& column = columns_[static_cast<size_t>(inner)];
    column = std::copy_n(places_, found, column);
  }
  void begin_row(int64_t row) {
    row_ = row;
    for (int axis = shape_.size() - 2; axis >= 0; --axis) {
      index_[axis] = row % shape_[axis];
      row /= shape_[axis];
    }
  }

  Dims shape_;
  int64_t length_;
  int64_t row_ = -1;  // whose indices `index_` has
  Dims index_;
  std::vector<int64_t*> columns_;
  int64_t places_[kTile + 1];
};

}  // namespace

std::vector<Array> nonzero(const Array& array) {
  std::vector<Array> out;
  if (array.rank() == 0) return out;
  if (is_on_device(array)) {
    // How many there are is known on the CPU alone, so the truth is brought there.
    for (const Array& each : nonzero(to_device(cast(array, Element::kBool), {})))
      out.push_back(to_device(each, array.device()));
    return out;
  }
  const Truth truth(array);
  const int64_t n = array.size();
  std::vector<int64_t> firsts(static_cast<size_t>(n / kPiece + 2));
  in_pieces(n, kPiece, [&](int64_t begin, int64_t end) {
    int64_t count = 0;
    truth.each_tile(begin, end, [&](int64_t, const uint8_t* bytes, int64_t size) {
      for (int64_t i = 0; i < size; ++i) count += bytes[i];
    });
    firsts[static_cast<size_t>(begin / kPiece) + 1] = count;
  });
  for (size_t i = 1; i < firsts.size(); ++i) firsts[i] += firsts[i - 1];
  for (int axis = 0; axis < array.rank(); ++axis)
    out.push_back(Array::empty({Element::kInt64, {firsts.back()}, {}}));
  in_pieces(n, kPiece, [&](int64_t begin, int64_t end) {
    IndexWriter writer(array.shape(), out, firsts[static_cast<size_t>(begin / kPiece)]);
    truth.each_tile(begin, end, [&](int64_t at, const uint8_t* bytes, int64_t size) {
      writer.write(at, bytes, size);
    });
  });
  return out;
}

}  // namespace cne::tensor

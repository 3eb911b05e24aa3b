#include "tensor/strided_copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "tensor/copy_run.h"
#include "tensor/cuda_copy.h"
#include "tensor/cuda_run.h"
#include "tensor/nest.h"
#include "tensor/pieces.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

/// Elements that one thread takes at a time.
constexpr int64_t kGrain = 32 * 1024;
/// Rows of fewer elements are copied one by one.
constexpr int64_t kShort = 16;
/// The sides of a block that is turned.
constexpr int64_t kBlock = 32;

constexpr int kFrom = 0;
constexpr int kTo = 1;

/// The axes in the order of the target, those that can be walked as one put together.
Nest<2> nest_of(const Dims& shape, const Dims& from_strides, const Dims& to_strides) {
  Dims order;
  for (int axis = 0; axis < shape.size(); ++axis) {
    int at = order.size();
    while (at > 0 &&
           std::abs(to_strides[static_cast<int>(order[at - 1])]) < std::abs(to_strides[axis]))
      --at;
    order.insert(at, axis);
  }
  Nest<2> out;
  for (const int64_t each : order) {
    const int axis = static_cast<int>(each);
    out.add(shape[axis], {from_strides[axis], to_strides[axis]});
  }
  return out;
}

/// Run by run of an innermost axis.
template <typename T>
void copy_runs(const Nest<2>& nest, const T* from, T* to) {
  const auto [from_stride, to_stride] =
      nest.rank() == 0 ? Nest<2>::Places{1, 1} : nest.strides_of(nest.inner());
  in_pieces(nest.size(), kGrain, [&](int64_t begin, int64_t end) {
    nest.walk(begin, end, [&](const Nest<2>::Places& at, int64_t count) {
      copy_run(from + at[kFrom], from_stride, to + at[kTo], to_stride, count);
    });
  });
}

/// Where the innermost axis is short, runs go along the one before it.
template <typename T>
void copy_short_rows(Nest<2> nest, const T* from, T* to) {
  const int64_t columns = nest.shape[nest.inner()];
  const auto [from_column, to_column] = nest.strides_of(nest.inner());
  nest.erase(nest.inner());
  const auto [from_row, to_row] = nest.strides_of(nest.inner());
  in_pieces(nest.size(), kGrain / columns, [&](int64_t begin, int64_t end) {
    nest.walk(begin, end, [&](const Nest<2>::Places& at, int64_t count) {
      for (int64_t row = 0; row < count; ++row) {
        const T* source = from + at[kFrom] + row * from_row;
        T* target = to + at[kTo] + row * to_row;
        for (int64_t i = 0; i < columns; ++i) target[i * to_column] = source[i * from_column];
      }
    });
  });
}

/// A block of which the source lies by rows and the target by columns, by way of the first cache.
template <typename T>
void turn_block(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t rows,
                int64_t columns) {
  T block[kBlock][kBlock];
  for (int64_t row = 0; row < rows; ++row)
    std::memcpy(block[row], from + row * from_stride, static_cast<size_t>(columns) * sizeof(T));
  if (rows == kBlock) {
    for (int64_t column = 0; column < columns; ++column)
      for (int64_t row = 0; row < kBlock; ++row) to[column * to_stride + row] = block[row][column];
    return;
  }
  for (int64_t column = 0; column < columns; ++column)
    for (int64_t row = 0; row < rows; ++row) to[column * to_stride + row] = block[row][column];
}

/// The last axis lies in order in the target, the one before it in the source.
template <typename T>
void turn(const Nest<2>& nest, const T* from, T* to) {
  const int row_axis = nest.inner();
  const int column_axis = row_axis - 1;
  const int64_t rows = nest.shape[row_axis];
  const int64_t columns = nest.shape[column_axis];
  const int64_t from_row = nest.strides[kFrom][row_axis];
  const int64_t to_column = nest.strides[kTo][column_axis];
  const int64_t row_blocks = (rows + kBlock - 1) / kBlock;
  const int64_t column_blocks = (columns + kBlock - 1) / kBlock;
  int64_t planes = 1;
  for (int axis = 0; axis < column_axis; ++axis) planes *= nest.shape[axis];
  const auto piece = [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task % row_blocks * kBlock;
      const int64_t column = task / row_blocks % column_blocks * kBlock;
      const T* source = from + row * from_row + column;
      T* target = to + row + column * to_column;
      int64_t plane = task / row_blocks / column_blocks;
      for (int axis = column_axis - 1; axis >= 0; --axis) {
        source += plane % nest.shape[axis] * nest.strides[kFrom][axis];
        target += plane % nest.shape[axis] * nest.strides[kTo][axis];
        plane /= nest.shape[axis];
      }
      turn_block(source, from_row, target, to_column, std::min(kBlock, rows - row),
                 std::min(kBlock, columns - column));
    }
  };
  in_pieces(planes * row_blocks * column_blocks, kGrain / (kBlock * kBlock), piece);
}

template <typename T>
void copy_elements(Nest<2> nest, const uint8_t* from_bytes, uint8_t* to_bytes) {
  const T* from = reinterpret_cast<const T*>(from_bytes);
  T* to = reinterpret_cast<T*>(to_bytes);
  const int inner = nest.inner();
  if (inner < 1) return copy_runs(nest, from, to);
  const Dims& apart = nest.strides[kFrom];
  if (nest.strides[kTo][inner] == 1 && std::abs(apart[inner]) > 1) {
    const int across = static_cast<int>(std::find(apart.begin(), apart.end(), 1) - apart.begin());
    // Narrow planes are as well read in runs.
    if (across < inner && nest.shape[across] >= 4 && nest.shape[inner] >= 4) {
      nest.move_axis(across, inner - 1);
      return turn(nest, from, to);
    }
  }
  nest.shape[inner] < kShort ? copy_short_rows(nest, from, to) : copy_runs(nest, from, to);
}

}  // namespace

void copy_strided(size_t width, const Dims& shape, const uint8_t* from, const Dims& from_strides,
                  uint8_t* to, const Dims& to_strides) {
  if (product(shape) == 0) return;
  const Nest<2> nest = nest_of(shape, from_strides, to_strides);
  with_width(width, [&](auto element) { copy_elements<decltype(element)>(nest, from, to); });
}

void check_copy(const Type& target, const Dims& starts, const Dims& steps, const Type& source) {
  const int rank = target.shape.size();
  if (target.element != source.element || starts.size() != rank || steps.size() != rank ||
      source.shape.size() != rank)
    throw ShapeError(message("copy_into: a block of ", to_string(source), " at ", to_string(starts),
                             " does not go into ", to_string(target)));
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t count = source.shape[axis];
    const int64_t extent = target.shape[axis];
    const int64_t last = starts[axis] + (count - 1) * steps[axis];
    if (count > 0 && (starts[axis] < 0 || starts[axis] >= extent || last < 0 || last >= extent))
      throw ArgumentError(message("copy_into: expected places of axis ", axis, " from 0 to ",
                                  extent - 1, ", got ", starts[axis], " to ", last));
  }
}

void copy_into(Array& target, const Dims& starts, const Dims& steps, const Array& source) {
  check_copy(target.type(), starts, steps, source.type());
  if (source.size() == 0) return;
  int64_t first = 0;
  Dims strides = target.strides();
  for (int axis = 0; axis < target.rank(); ++axis) {
    first += starts[axis] * strides[axis];
    strides[axis] *= steps[axis];
  }
  const auto width = static_cast<int64_t>(size_of(target.element()));
  if (is_on_device(target)) {
    const auto* to = target.address() + first * width;
    copy_strided_on_cuda(to_device(source, target.device()), const_cast<uint8_t*>(to), strides);
    return;
  }
  copy_strided(size_of(target.element()), source.shape(), source.data(), source.strides(),
               target.mutable_data() + first * width, strides);
}

}  // namespace cne::tensor

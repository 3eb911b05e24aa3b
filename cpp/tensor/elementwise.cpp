#include "tensor/elementwise.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise_tile.h"
#include "tensor/strided_copy.h"
#include "tensor/tile_reader.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Elements that one thread takes at a time; below it a second one does not pay.
constexpr int64_t kGrain = 32 * kTile;

struct alignas(64) Scratch {
  uint8_t bytes[kTile * 16];
};

bool is_half(Element element) {
  return element == Element::kFloat16 || element == Element::kBFloat16;
}

/// Runs `piece(begin, end)` on several threads if that pays. What it captures is not copied.
template <typename Piece>
void in_pieces(int64_t n, const Piece& piece) {
  if (n <= kGrain)
    piece(int64_t{0}, n);
  else
    parallel_for(n, kGrain, [&piece](int64_t begin, int64_t end) { piece(begin, end); });
}

/// Operands that lie in order: the tile is the whole piece.
template <size_t N>
void run_direct(ElementOp op, Element element, const TileReader (&readers)[N], Array& out) {
  const size_t width = size_of(out.element());
  uint8_t* to = out.mutable_data();
  in_pieces(out.size(), [&](int64_t begin, int64_t end) {
    const void* in[N];
    for (size_t i = 0; i < N; ++i) in[i] = readers[i].direct(begin);
    run_tile(op, element, in, to + static_cast<size_t>(begin) * width, end - begin);
  });
}

template <size_t N>
void run_tiles(ElementOp op, Element element, const TileReader (&readers)[N], Array& out) {
  const size_t width = size_of(out.element());
  const bool half = is_half(element);
  const bool half_result = is_half(out.element());
  const Element computed = half ? Element::kFloat32 : element;
  uint8_t* to = out.mutable_data();
  in_pieces(out.size(), [&](int64_t begin, int64_t end) {
    Scratch read[N];
    Scratch converted[N];
    Scratch result;
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t count = std::min(kTile, end - at);
      const void* in[N];
      for (size_t i = 0; i < N; ++i) {
        in[i] = readers[i].read(at, count, read[i].bytes);
        if (!half) continue;
        cast_tile(element, in[i], Element::kFloat32, converted[i].bytes, count);
        in[i] = converted[i].bytes;
      }
      uint8_t* target = to + static_cast<size_t>(at) * width;
      run_tile(op, computed, in, half_result ? result.bytes : target, count);
      if (half_result) cast_tile(Element::kFloat32, result.bytes, out.element(), target, count);
    }
  });
}

template <size_t N>
Array run(ElementOp op, Element element, const Dims& shape, const TileReader (&readers)[N]) {
  Array out = Array::empty({result_of(op, element), shape, {}});
  if (out.size() == 0) return out;
  bool direct = !is_half(element);
  for (const TileReader& reader : readers) direct &= reader.is_direct();
  direct ? run_direct(op, element, readers, out) : run_tiles(op, element, readers, out);
  return out;
}

/// An operand row by row if it lies across: turned in blocks its lines of memory are read once,
/// which costs less than to read one for each element.
Array turned(const Array& array, const Dims& shape) {
  constexpr int64_t kSmallest = 4096;
  if (array.size() < kSmallest || array.is_contiguous() || !(array.shape() == shape)) return array;
  const int last = array.rank() - 1;
  const bool is_across = array.shape()[last] >= 4 && std::abs(array.strides()[last]) > 1 &&
                         array.strides().contains(1);
  return is_across ? copy(array) : array;
}

/// The axes by falling strides of elements that lie without gaps in another order than row by row;
/// else none.
Dims order_of(const Array& array) {
  Dims order;
  if (array.rank() < 2 || array.is_contiguous() || array.size() == 0) return order;
  for (int axis = 0; axis < array.rank(); ++axis) {
    int at = order.size();
    while (at > 0 && array.strides()[static_cast<int>(order[at - 1])] < array.strides()[axis]) --at;
    order.insert(at, axis);
  }
  return permute(array, order).is_contiguous() ? order : Dims{};
}

Array back_in_order(const Array& rows, const Dims& order) {
  Dims back = order;
  for (int i = 0; i < order.size(); ++i) back[static_cast<int>(order[i])] = i;
  return permute(rows, back);
}

void check(ElementOp op, Element element) {
  if (!takes(op, element))
    throw TypeError(
        message(name_of(op), ": arrays of ", name_of(element), " have no such operation"));
}

void check_arity(ElementOp op, int inputs) {
  if (arity(op) != inputs)
    throw ArgumentError(message(name_of(op), ": expected ", arity(op), " arrays, got ", inputs));
}

void check_same(ElementOp op, const Type& a, const Type& b) {
  if (a.element != b.element)
    throw TypeError(message(name_of(op), ": expected arrays of one type, got ", to_string(a),
                            " and ", to_string(b)));
}

}  // namespace

void check_element_op(ElementOp op, std::span<const Type> inputs) {
  check_arity(op, static_cast<int>(inputs.size()));
  check(op, inputs[0].element);
  if (inputs.size() == 2) check_same(op, inputs[0], inputs[1]);
}

Array elementwise(ElementOp op, const Array& a) {
  if (is_on_device(a)) return run_on_cuda(kElementwise, elementwise_params(op), {&a, 1})[0];
  check_arity(op, 1);
  check(op, a.element());
  if (const Dims order = order_of(a); !order.empty())
    return back_in_order(elementwise(op, permute(a, order)), order);
  const Array rows = turned(a, a.shape());
  const TileReader readers[] = {TileReader(rows, a.shape())};
  return run(op, a.element(), a.shape(), readers);
}

Array elementwise(ElementOp op, const Array& a, const Array& b) {
  if (is_on_device(a) || is_on_device(b)) {
    const Array inputs[] = {a, b};
    return run_on_cuda(kElementwise, elementwise_params(op), inputs)[0];
  }
  check_arity(op, 2);
  check(op, a.element());
  check_same(op, a.type(), b.type());
  // What lies in another order as a whole is gone through in that order, and so is the result.
  if (const Dims order = order_of(a.rank() > 0 ? a : b); !order.empty()) {
    if (a.rank() == 0 || (a.type() == b.type() && a.strides() == b.strides()))
      return back_in_order(
          elementwise(op, a.rank() == 0 ? a : permute(a, order), permute(b, order)), order);
    if (b.rank() == 0) return back_in_order(elementwise(op, permute(a, order), b), order);
  }
  const Dims shape = broadcast_shapes(a.shape(), b.shape(), name_of(op));
  const Array first = turned(a, shape);
  const Array second = turned(b, shape);
  const TileReader readers[] = {TileReader(first, shape), TileReader(second, shape)};
  return run(op, a.element(), shape, readers);
}

Array cast(const Array& array, Element element) {
  if (array.element() == element) return array;
  if (is_on_device(array)) return run_on_cuda(kCast, Params(CastParams{element}), {&array, 1})[0];
  Array out = Array::empty({element, array.shape(), {}});
  const Array rows = turned(array, array.shape());
  const TileReader reader(rows, array.shape());
  const size_t width = size_of(element);
  uint8_t* to = out.mutable_data();
  in_pieces(out.size(), [&](int64_t begin, int64_t end) {
    Scratch read;
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t count = std::min(kTile, end - at);
      cast_tile(array.element(), reader.read(at, count, read.bytes), element,
                to + static_cast<size_t>(at) * width, count);
    }
  });
  return out;
}

Array contiguous(const Array& array) { return array.is_contiguous() ? array : copy(array); }

Array copy(const Array& array) {
  if (is_on_device(array))
    return run_on_cuda(kCast, Params(CastParams{array.element()}), {&array, 1})[0];
  Array out = Array::empty(array.type());
  copy_strided(size_of(array.element()), array.shape(), array.data(), array.strides(),
               out.mutable_data(), out.strides());
  return out;
}

}  // namespace cne::tensor

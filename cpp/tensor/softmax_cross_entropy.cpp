#include "tensor/softmax_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "tensor/cuda_run.h"
#include "tensor/device_cross_entropy.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/gather.h"
#include "tensor/pieces.h"
#include "tensor/reduce_tile.h"
#include "tensor/select.h"
#include "tensor/tile_reader.h"
#include "tensor/transfer.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

constexpr const char* kName = "softmax_cross_entropy";
/// Elements that a thread takes at a time.
constexpr int64_t kGrain = 32 * kTile;

bool is_narrow(Element element) { return size_of(element) < 4; }

Element computed_in(Element element) { return is_narrow(element) ? Element::kFloat32 : element; }

Type with_element(const Type& type, Element element) { return {element, type.shape, type.device}; }

/// Rows of logits of which both results are computed in T.
template <typename T>
class Rows {
 public:
  Rows(const Array& logits, const Array& labels, CrossEntropy& out)
      : element_(logits.element()),
        computed_(computed_in(element_)),
        classes_(logits.shape().back()),
        reader_(logits, logits.shape()),
        labels_(labels, labels.shape()),
        losses_(out.losses.mutable_data()),
        log_sums_(out.log_sums.mutable_as<T>()) {}

  /// At most a tile of rows.
  void run(int64_t begin, int64_t end) {
    T sums[kTile];
    T shifts[kTile];
    T at_label[kTile];
    int64_t scratch[kTile];
    const int64_t count = end - begin;
    const auto* labels = static_cast<const int64_t*>(labels_.read(begin, count, scratch));
    for (int64_t i = 0; i < count; ++i) {
      shifts[i] = shift_of(begin + i);
      sums[i] = sum_of(begin + i, shifts[i]);
      at_label[i] = is_class(labels[i]) ? *tile((begin + i) * classes_ + labels[i], 1) : T(0);
    }
    T* const logs = log_sums_ + begin;
    unary(ElementOp::kLog, sums, logs, count);
    for (int64_t i = 0; i < count; ++i) {
      // The shift is taken off both, so that little is lost where all logits are large.
      sums[i] = is_class(labels[i]) ? logs[i] - (at_label[i] - shifts[i]) : T(0);
      logs[i] += shifts[i];
    }
    cast_tile(computed_, sums, element_, losses_ + static_cast<size_t>(begin) * size_of(element_),
              count);
  }

 private:
  bool is_class(int64_t label) const { return label >= 0 && label < classes_; }

  const T* tile(int64_t position, int64_t count) {
    const void* const from = reader_.read(position, count, raw_);
    if (element_ == computed_) return static_cast<const T*>(from);
    cast_tile(element_, from, computed_, wide_, count);
    return wide_;
  }

  void unary(ElementOp op, const T* in, T* out, int64_t count) const {
    const void* const inputs[] = {in};
    run_tile(op, computed_, inputs, out, count);
  }

  /// The largest logit of a row; 0 where that is no number.
  T shift_of(int64_t row) {
    T top = 0;
    for (int64_t at = 0; at < classes_; at += kTile) {
      const int64_t count = std::min(kTile, classes_ - at);
      fold_tile(ReduceOp::kMax, computed_, tile(row * classes_ + at, count), count, at == 0, &top);
    }
    return std::isfinite(top) ? top : T(0);
  }

  T sum_of(int64_t row, T shift) {
    double sum = 0;
    for (int64_t at = 0; at < classes_; at += kTile) {
      const int64_t count = std::min(kTile, classes_ - at);
      const void* const inputs[] = {tile(row * classes_ + at, count), &shift};
      run_tile(ElementOp::kSubtract, computed_, inputs, Sides::kSecondIsOne, powers_, count);
      unary(ElementOp::kExp, powers_, powers_, count);
      fold_tile(ReduceOp::kSum, computed_, powers_, count, at == 0, &sum);
    }
    return static_cast<T>(sum);
  }

  const Element element_;
  const Element computed_;
  const int64_t classes_;
  const TileReader reader_;
  const TileReader labels_;
  uint8_t* const losses_;
  T* const log_sums_;
  alignas(64) T raw_[kTile];
  alignas(64) T wide_[kTile];
  alignas(64) T powers_[kTile];
};

template <typename T>
void run(const Array& logits, const Array& labels, CrossEntropy& out) {
  const int64_t classes = std::max<int64_t>(logits.shape().back(), 1);
  const int64_t grain = std::clamp<int64_t>(kGrain / classes, 1, kTile);
  in_pieces(labels.size(), grain,
            [&](int64_t begin, int64_t end) { Rows<T>(logits, labels, out).run(begin, end); });
}

}  // namespace

std::vector<Type> softmax_cross_entropy_types(const Type& logits, const Type& labels) {
  if (!is_floating(logits.element) || !is_integer(labels.element))
    throw TypeError(message(kName, ": expected floats and whole numbers, got ", to_string(logits),
                            " and ", to_string(labels)));
  Dims rows = logits.shape;
  if (!rows.empty()) rows.erase(rows.size() - 1);
  if (logits.shape.empty() || labels.shape != rows)
    throw ShapeError(message(kName, ": expected a label for each row, got the shapes ",
                             to_string(logits.shape), " and ", to_string(labels.shape)));
  const Type losses{logits.element, rows, logits.device};
  return {losses, with_element(losses, computed_in(logits.element))};
}

namespace {

CrossEntropy in_operations(const Array& logits, const Array& places) {
  const Dims last = {logits.rank() - 1};
  const Array top = reduce(ReduceOp::kMax, logits, last, true);
  const Array zero = number(0, logits.element());
  const Array shift = where(elementwise(ElementOp::kIsFinite, top), top, zero);
  const Array powers =
      elementwise(ElementOp::kExp, elementwise(ElementOp::kSubtract, logits, shift));
  const Array sum = reduce(ReduceOp::kSum, powers, last, true);
  const Array log_sums = elementwise(ElementOp::kAdd, elementwise(ElementOp::kLog, sum), shift);
  const Array place = expand_dims(places, last);
  const Array at = gather(logits, std::span(&place, 1),
                          along_axes(logits.rank(), logits.rank() - 1), IndexMode::kSkip);
  const auto classes = static_cast<double>(logits.shape().back());
  const Array is_class = elementwise(
      ElementOp::kAnd, elementwise(ElementOp::kLessEqual, number(0, Element::kInt64), place),
      elementwise(ElementOp::kLess, place, number(classes, Element::kInt64)));
  const Array losses = where(is_class, elementwise(ElementOp::kSubtract, log_sums, at), zero);
  return {reshape(losses, places.shape()), reshape(log_sums, places.shape())};
}

/// By a kernel of its own, or of float64 by others.
CrossEntropy cross_entropy_on_cuda(const Array& given, const Array& labels) {
  const Array both[] = {given, labels};
  const Device device = common_device(kName, both);
  const Array logits = to_device(given, device);
  const Array places = contiguous(cast(to_device(labels, device), Element::kInt64));
  std::vector<Type> types = softmax_cross_entropy_types(logits.type(), places.type());
  if (logits.size() == 0) {
    const CrossEntropy out =
        softmax_cross_entropy(Array::zeros({logits.element(), logits.shape(), {}}),
                              Array::zeros({Element::kInt64, places.shape(), {}}));
    return {to_device(out.losses, device), to_device(out.log_sums, device)};
  }
  if (logits.element() == Element::kFloat64) return in_operations(logits, places);
  const Array rows = contiguous(logits);
  CrossEntropy out{Array::empty(types[0]), Array::empty(types[1])};
  device_cross_entropy(device, rows.element(),
                       {rows.address(), reinterpret_cast<const int64_t*>(places.address()),
                        places.size(), rows.shape().back(), 0},
                       const_cast<uint8_t*>(out.losses.address()),
                       reinterpret_cast<float*>(const_cast<uint8_t*>(out.log_sums.address())));
  return out;
}

}  // namespace

CrossEntropy softmax_cross_entropy(const Array& logits, const Array& labels) {
  const std::vector<Type> types = softmax_cross_entropy_types(logits.type(), labels.type());
  if (is_on_device(logits) || is_on_device(labels)) return cross_entropy_on_cuda(logits, labels);
  CrossEntropy out{Array::empty(types[0]), Array::empty(types[1])};
  const Array places = cast(labels, Element::kInt64);
  if (types[1].element == Element::kFloat64)
    run<double>(logits, places, out);
  else
    run<float>(logits, places, out);
  return out;
}

}  // namespace cne::tensor

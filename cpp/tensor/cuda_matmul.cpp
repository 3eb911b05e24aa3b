#include "tensor/cuda_matmul.h"

#include <algorithm>
#include <vector>

#include "tensor/cuda_gemm.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/gemm.h"
#include "tensor/matmul.h"
#include "tensor/matrix_stack.h"
#include "tensor/transfer.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

/// Calls of a batch that no one stride leads through; more are worth a copy.
constexpr int64_t kMostCalls = 16;
/// Of one call: what a grid of blocks has room for.
constexpr int64_t kMostBatch = 65535;

int64_t rows_of(const Array& array) { return array.shape()[array.rank() - 2]; }

/// A matrix or a batch of them, broadcast to all of `batch`.
Array matrices(const Array& array, const Dims& batch) {
  return broadcast_to(array, with_matrix(batch, rows_of(array), array.shape().back()));
}

/// Rows and columns exchanged.
Array turned(const Array& array) {
  Dims axes = Dims::range(0, array.rank());
  std::swap(axes[array.rank() - 1], axes[array.rank() - 2]);
  return permute(array, axes);
}

/// Every element of the result is the sum of a row of products, in one pass: a[..., i, -, k] times
/// b[..., -, j, k]. The same for all types, and no match for tiles of matrices.
Array fused_product(const Array& a, const Array& b) {
  if (a.shape().back() == 1) return elementwise(ElementOp::kMultiply, a, b);
  const int rank = a.rank();
  Dims shape = a.shape();
  shape.insert(rank - 1, b.shape().back());
  const Array inputs[] = {broadcast_to(expand_dims(a, {rank - 1}), shape),
                          broadcast_to(expand_dims(turned(b), {rank - 2}), shape)};
  return run_single(kMatmul, Params(), inputs)[0];
}

MatrixView view_of(const Array& array) {
  const int rank = array.rank();
  return {array.address(), array.shape()[rank - 2], array.shape().back(), array.strides()[rank - 2],
          array.strides().back()};
}

/// Copied where neither rows nor columns lie without gaps; what a batch repeats only once.
Array prepared(const Array& array) {
  if (is_blas_layout(view_of(array))) return array;
  Array once = array;
  for (int axis = 0; axis + 2 < array.rank(); ++axis)
    if (array.strides()[axis] == 0) once = slice_axis(once, axis, 0, 1, 1);
  return broadcast_to(copy(once), array.shape());
}

/// Axes of a batch through which one stride leads, in elements.
struct Axis {
  int64_t count;
  int64_t a;
  int64_t b;
  int64_t out;
};

/// The axes of a batch, the inner ones first, put together where that is possible.
std::vector<Axis> axes_of(const Array& a, const Array& b, int64_t out_step) {
  std::vector<Axis> out;
  for (int axis = a.rank() - 3; axis >= 0; --axis) {
    const Axis next{a.shape()[axis], a.strides()[axis], b.strides()[axis], out_step};
    out_step *= next.count;
    if (next.count == 1) continue;
    if (!out.empty() && next.a == out.back().a * out.back().count &&
        next.b == out.back().b * out.back().count)
      out.back().count *= next.count;
    else
      out.push_back(next);
  }
  return out;
}

std::vector<Axis>::iterator longest_of(std::vector<Axis>& axes) {
  return std::max_element(axes.begin(), axes.end(),
                          [](const Axis& x, const Axis& y) { return x.count < y.count; });
}

/// The products of arrays of one batch, of which the library makes a stride of them at a call.
class Products {
 public:
  Products(const Array& a, const Array& b, const Array* bias)
      : a_(a), b_(b), bias_(bias), on_(cuda_device(a.device().index, "matmul")) {
    if (a.element() == Element::kInt8) {  // read by rows of a and columns of b alone
      if (a.strides().back() != 1) a_ = copy(a);
      if (b.strides()[b.rank() - 2] != 1) b_ = turned(copy(turned(b)));
    }
    a_ = prepared(a_);
    b_ = prepared(b_);
    const int64_t own = a_.shape()[a_.rank() - 2] * b_.shape().back();
    axes_ = axes_of(a_, b_, own);
    int64_t calls = 1;
    for (const Axis& each : axes_) calls *= each.count;
    if (!axes_.empty()) calls /= longest_of(axes_)->count;
    if (calls <= kMostCalls) return;
    a_ = contiguous(a_);
    b_ = contiguous(b_);
    axes_ = axes_of(a_, b_, own);
  }

  /// Nothing where the library has no such product.
  Array run() {
    const bool is_int8 = a_.element() == Element::kInt8;
    MatrixView a = view_of(a_);
    MatrixView b = view_of(b_);
    fold_rows(a);
    const Array out =
        Array::empty({gemm_result(a_.element()),
                      with_matrix(batch_of(a_.shape()), rows_of(a_), b.columns), a_.device()});
    CudaGemm gemm;
    gemm.element = a_.element();
    gemm.m = a.rows;
    gemm.n = b.columns;
    gemm.k = a.columns;
    gemm.a = {a.data, *blas_layout(a), 0};
    gemm.b = {b.data, *blas_layout(is_int8 ? transposed(b) : b), 0};
    if (is_int8) gemm.b.layout.is_transposed = !gemm.b.layout.is_transposed;
    gemm.out = const_cast<uint8_t*>(out.address());
    gemm.bias = bias_ == nullptr ? nullptr : bias_->address();
    take_longest(gemm);
    if (is_int8 && !takes_int8(gemm)) return {};
    return run_axes(axes_.size(), gemm) ? out : Array();
  }

 private:
  /// Rows of a batch that are all multiplied by one b are rows of one matrix.
  void fold_rows(MatrixView& a) {
    if (axes_.size() != 1 || axes_[0].b != 0) return;
    MatrixView all = a;
    if (all.rows == 1) all.row = axes_[0].a;
    if (all.rows != 1 && axes_[0].a != all.rows * all.row) return;
    all.rows *= axes_[0].count;
    if (!is_blas_layout(all)) return;
    a = all;
    axes_.clear();
  }

  /// The longest axis is the one that the library goes through.
  void take_longest(CudaGemm& gemm) {
    if (axes_.empty()) return;
    const auto longest = longest_of(axes_);
    gemm.batch = longest->count;
    gemm.a.step = longest->a;
    gemm.b.step = longest->b;
    gemm.out_step = longest->out;
    axes_.erase(longest);
  }

  static CudaGemm moved(CudaGemm gemm, const Axis& axis, int64_t by) {
    const auto width = static_cast<int64_t>(size_of(gemm.element));
    gemm.a.address += by * axis.a * width;
    gemm.b.address += by * axis.b * width;
    gemm.out += by * axis.out * static_cast<int64_t>(size_of(gemm_result(gemm.element)));
    return gemm;
  }

  bool run_axes(size_t axes, const CudaGemm& gemm) {
    if (axes > 0) {
      const Axis& axis = axes_[axes - 1];
      for (int64_t i = 0; i < axis.count; ++i)
        if (!run_axes(axes - 1, moved(gemm, axis, i))) return false;
      return true;
    }
    const Axis own{gemm.batch, gemm.a.step, gemm.b.step, gemm.out_step};
    for (int64_t first = 0; first < own.count; first += kMostBatch) {
      CudaGemm part = moved(gemm, own, first);
      part.batch = std::min(kMostBatch, own.count - first);
      if (!run_gemm(on_, part)) return false;
    }
    return true;
  }

  Array a_;
  Array b_;
  const Array* bias_;
  CudaDevice& on_;
  std::vector<Axis> axes_;
};

/// By the library; nothing where it has no such product.
Array library_product(const Array& a, const Array& b, const Array* bias, Element element) {
  if (!has_cuda_gemm(a.element())) return {};
  if (a.element() == Element::kInt8 && (a.shape().back() % 4 != 0 || b.shape().back() % 4 != 0))
    return {};
  const Array row = bias == nullptr ? Array() : contiguous(to_device(*bias, a.device()));
  const Array out = Products(a, b, bias == nullptr ? nullptr : &row).run();
  return out ? cast(out, element) : out;
}

Array multiply(const Array& left, const Array& right, const Array* bias, Type type,
               const char* function) {
  const Array all[] = {left, right, bias == nullptr ? left : *bias};
  const Device device = common_device(function, all);
  type.device = device;
  if (type.size() == 0 || left.size() == 0) {
    const Array zeros = to_device(Array::zeros({type.element, type.shape, {}}), device);
    return bias == nullptr ? zeros : elementwise(ElementOp::kAdd, zeros, *bias);
  }
  Array a = to_device(left, device);
  Array b = to_device(right, device);
  if (a.rank() == 1) a = expand_dims(a, {0});
  if (b.rank() == 1) b = expand_dims(b, {1});
  const Dims batch = broadcast_batches(a.shape(), b.shape(), function);
  a = matrices(a, batch);
  b = matrices(b, batch);
  if (bias != nullptr && is_floating(type.element))
    if (const Array out = library_product(a, b, bias, type.element))
      return reshape(out, type.shape);
  Array out = library_product(a, b, nullptr, type.element);
  if (!out) out = fused_product(cast(a, type.element), cast(b, type.element));
  out = reshape(out, type.shape);
  return bias == nullptr ? out : elementwise(ElementOp::kAdd, out, *bias);
}

}  // namespace

Array matmul_on_cuda(const Array& a, const Array& b) {
  return multiply(a, b, nullptr, matmul_type(a.type(), b.type()), "matmul");
}

Array matmul_bias_on_cuda(const Array& a, const Array& b, const Array& bias) {
  return multiply(a, b, &bias, matmul_type(a.type(), b.type()), "matmul_bias");
}

Array matmul_int8_on_cuda(const Array& a, const Array& b) {
  return multiply(a, b, nullptr, matmul_int8_type(a.type(), b.type()), "matmul_int8");
}

}  // namespace cne::tensor

#include <algorithm>

#include "core/parallel.h"
#include "tensor/attention.h"
#include "tensor/attention_block.h"

namespace cne::tensor {

namespace {

template <typename T>
class Gradient {
 public:
  Gradient(std::span<const Array> inputs, const AttentionParams& params)
      : of_(inputs, params),
        query_(inputs[0]),
        out_(inputs[inputs.size() - 3]),
        log_sums_(inputs[inputs.size() - 2]),
        cotangent_(inputs.back()),
        scale_(static_cast<T>(params.scale)) {
    for (size_t i = 0; i < 3; ++i) slopes_.push_back(by_rows(inputs[i].type(), Array::zeros));
  }

  /// A thread takes all queries of a group, whose slopes of keys and values it adds up.
  std::vector<Array> run() {
    if (of_.width > 0 && of_.depth > 0)
      parallel_for(of_.batch * of_.groups, 1, [this](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) run_group(i / of_.groups, i % of_.groups);
      });
    return std::move(slopes_);
  }

 private:
  void run_group(int64_t batch, int64_t group) {
    const int64_t share = of_.heads / of_.groups;
    for (int64_t head = group * share; head < (group + 1) * share; ++head)
      for (int64_t begin = 0; begin < of_.queries; begin += of_.block)
        run_block(batch, group, head, begin);
  }

  T* slope_of(size_t input, int64_t batch, int64_t head, int64_t row) {
    const Dims& strides = slopes_[input].strides();
    return slopes_[input].template mutable_as<T>() + batch * strides[0] + head * strides[1] +
           row * strides[2];
  }

  static MatrixView view(const T* data, int64_t rows, int64_t columns) {
    return {reinterpret_cast<const uint8_t*>(data), rows, columns, columns, 1};
  }

  void product(const MatrixView& a, const MatrixView& b, bool adds, T* to, int64_t to_row) const {
    gemm(query_.element(), a, b, adds, reinterpret_cast<uint8_t*>(to), to_row);
  }

  void run_block(int64_t batch, int64_t group, int64_t head, int64_t begin) {
    const int64_t end = std::min(begin + of_.block, of_.queries);
    const int64_t rows = end - begin;
    const int64_t keys = of_.seen_keys(end);
    if (keys == 0) return;
    const int64_t numbers = rows * (of_.depth + 2 * of_.width + 2 * of_.keys + 2);
    T* const queries =
        reinterpret_cast<T*>(attention_scratch(numbers * static_cast<int64_t>(sizeof(T))));
    T* const given = queries + rows * of_.depth;
    T* const products = given + rows * of_.width;
    T* const weights = products + rows * of_.width;
    T* const slopes = weights + rows * of_.keys;
    T* const logs = slopes + rows * of_.keys;
    T* const shares = logs + rows;
    of_.read_rows(query_, batch, head, begin, end, scale_, queries);
    of_.read_rows(cotangent_, batch, head, begin, end, T(1), given);
    of_.read_rows(out_, batch, head, begin, end, T(1), products);
    multiply_each(products, given, rows * of_.width);
    for (int64_t i = 0; i < rows; ++i) {
      shares[i] = static_cast<T>(sum_of(products + i * of_.width, of_.width));
      const Dims& strides = log_sums_.strides();
      logs[i] =
          log_sums_.as<T>()[batch * strides[0] + head * strides[1] + (begin + i) * strides[2]];
    }
    of_.scores(batch, head, begin, end, keys, queries, weights);
    subtract_by_row(weights, logs, rows, keys);
    of_.hide_later(begin, end, keys, weights);
    exp_of(weights, rows * keys);
    of_.hide_later(begin, end, keys, weights);
    const MatrixView key = block_of(of_.key_of(batch, head), sizeof(T), 0, 0, keys, of_.depth);
    const MatrixView value = block_of(of_.value_of(batch, head), sizeof(T), 0, 0, keys, of_.width);
    product(transposed(view(weights, rows, keys)), view(given, rows, of_.width), true,
            slope_of(2, batch, group, 0), slopes_[2].strides()[2]);
    product(view(given, rows, of_.width), transposed(value), false, slopes, keys);
    subtract_by_row(slopes, shares, rows, keys);
    multiply_each(slopes, weights, rows * keys);
    product(transposed(view(slopes, rows, keys)), view(queries, rows, of_.depth), true,
            slope_of(1, batch, group, 0), slopes_[1].strides()[2]);
    multiply_by(slopes, scale_, rows * keys);
    product(view(slopes, rows, keys), key, false, slope_of(0, batch, head, begin),
            slopes_[0].strides()[2]);
  }

  const AttentionHeads<T> of_;
  const Array& query_;
  const Array& out_;
  const Array& log_sums_;
  const Array& cotangent_;
  const T scale_;
  std::vector<Array> slopes_;
};

}  // namespace

std::vector<Array> attention_gradient(std::span<const Array> inputs,
                                      const AttentionParams& params) {
  return inputs[0].element() == Element::kFloat32 ? Gradient<float>(inputs, params).run()
                                                  : Gradient<double>(inputs, params).run();
}

}  // namespace cne::tensor

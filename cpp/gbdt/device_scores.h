#pragma once

#include <cstdint>

#include "core/device_queue.h"
#include "core/kernel.h"
#include "gbdt/device_bins.h"
#include "gbdt/gradient.h"
#include "gbdt/loss_math.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// The losses that a device knows.
enum class DeviceLoss : uint8_t { kSquared, kLog, kSoftmax, kOneAgainstAll };

/// One output of all rows, on the device.
struct LossRows {
  DeviceLoss kind;
  int output;
  int64_t rows;
  const double* scores;    // of the output
  const double* labels;    // of the output where rows have several
  const double* weights;   // null: 1 each
  const double* log_sums;  // softmax
  double scale;            // of scores; softmax: K / (K - 1)
  double positive;         // log loss: weight of label 1

  CNE_HD Derivatives at(int64_t row) const {
    Derivatives out = plain(scores[row], labels[row], row);
    if (weights == nullptr) return out;
    out.gradient *= weights[row];
    out.hessian *= weights[row];
    return out;
  }

 private:
  CNE_HD Derivatives plain(double score, double label, int64_t row) const {
    switch (kind) {
      case DeviceLoss::kLog:
        return log_loss_at(score, label, scale, positive);
      case DeviceLoss::kSoftmax:
        return softmax_at(score, log_sums[row], label == output, scale);
      case DeviceLoss::kOneAgainstAll:
        return one_against_all_at(score, label == output, scale);
      default:
        return {score - label, 1.0};
    }
  }
};

// Each block of the kernels below has kScoreRows rows one after the other.
inline constexpr int kScoreThreads = 256;
inline constexpr int64_t kScoreRows = 4096;
inline int64_t score_blocks(int64_t rows) { return (rows + kScoreRows - 1) / kScoreRows; }

/// log(sum over outputs of exp(score)) of each row.
struct SumExponentials {
  static constexpr const char* kName = "train: sum_exponentials";
  static constexpr int kThreads = kScoreThreads;
  const double* scores;  // output-major
  int64_t rows;
  int outputs;
  double* log_sums;

  size_t shared_bytes() const { return 0; }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t begin = block.x() * kScoreRows;
      for (int64_t i = begin + t; i < begin + kScoreRows && i < rows; i += kThreads) {
        double most = scores[i];
        for (int k = 1; k < outputs; ++k)
          most = most < scores[k * rows + i] ? scores[k * rows + i] : most;
        double sum = 0;
        for (int k = 0; k < outputs; ++k) sum += exp_exact(scores[k * rows + i] - most);
        log_sums[i] = most + log_exact(sum);
      }
    });
  }
};

/// The largest |gradient| and hessian, as the bits of float64, which ascend as the numbers do;
/// those of infinity or above where one is not finite.
struct FindLargest {
  static constexpr const char* kName = "train: find_largest";
  static constexpr int kThreads = kScoreThreads;
  LossRows in;
  uint64_t* most;  // two numbers, 0 before

  struct Shared {
    uint64_t most[2][kThreads];
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  CNE_HD static uint64_t size_of(double x) { return detail::bits_of(x) & 0x7fffffffffffffffULL; }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    block.each([&](int t) {
      uint64_t gradient = 0;
      uint64_t hessian = 0;
      const int64_t begin = block.x() * kScoreRows;
      for (int64_t i = begin + t; i < begin + kScoreRows && i < in.rows; i += kThreads) {
        const Derivatives d = in.at(i);
        gradient = gradient < size_of(d.gradient) ? size_of(d.gradient) : gradient;
        hessian = hessian < size_of(d.hessian) ? size_of(d.hessian) : hessian;
      }
      shared->most[0][t] = gradient;
      shared->most[1][t] = hessian;
    });
    for (int half = kThreads / 2; half > 0; half /= 2)
      block.each([&](int t) {
        if (t >= half) return;
        for (auto& all : shared->most) all[t] = all[t] < all[t + half] ? all[t + half] : all[t];
      });
    block.each([&](int t) {
      if (t < 2) Block::raise(most + t, shared->most[t][0]);
    });
  }
};

/// The derivatives as fixed-point numbers. Bytes that move: score, label, weight (8 each),
/// gradient.
struct FixGradients {
  static constexpr const char* kName = "train: fix_gradients";
  static constexpr int kThreads = kScoreThreads;
  LossRows in;
  double gradient_scale;
  double hessian_scale;
  Gradient* out;

  size_t shared_bytes() const { return 0; }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t begin = block.x() * kScoreRows;
      for (int64_t i = begin + t; i < begin + kScoreRows && i < in.rows; i += kThreads) {
        const Derivatives d = in.at(i);
        out[i] = {round_fixed(d.gradient * gradient_scale), round_fixed(d.hessian * hessian_scale)};
      }
    });
  }
};

/// The rows of a leaf, whose scores grow by its value.
struct LeafRows {
  const int32_t* rows;  // null: all
  int64_t count;
  int64_t first_block;
  double value;
};

/// Adds leaves to scores; a block has kScoreRows rows of one leaf. Bytes that move: row number (4),
/// score twice (16).
struct AddLeaves {
  static constexpr const char* kName = "train: add_leaves";
  static constexpr int kThreads = kScoreThreads;
  const LeafRows* leaves;
  int count;
  double* scores;

  size_t shared_bytes() const { return 0; }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    int first = 0;  // the last leaf that begins at the block or before
    for (int past = count; past - first > 1;) {
      const int middle = first + (past - first) / 2;
      (leaves[middle].first_block <= block.x() ? first : past) = middle;
    }
    const LeafRows leaf = leaves[first];
    block.each([&](int t) {
      const int64_t begin = (block.x() - leaf.first_block) * kScoreRows;
      for (int64_t i = begin + t; i < begin + kScoreRows && i < leaf.count; i += kThreads)
        scores[leaf.rows != nullptr ? leaf.rows[i] : i] += leaf.value;
    });
  }
};

/// A node of a tree that is walked by bins; children: a node, or ~leaf.
struct WalkNode {
  int32_t column;
  int32_t left;
  int32_t right;
  int32_t pad;
  uint64_t left_bins[4];  // bit b % 64 of word b / 64: bin b goes left
};

/// Adds a tree's leaves to the scores of rows, which are walked from the root.
struct WalkRows {
  static constexpr const char* kName = "train: walk_rows";
  static constexpr int kThreads = kScoreThreads;
  const uint8_t* columns;
  int64_t column_stride;
  int64_t rows;
  const WalkNode* nodes;  // null: leaf 0 is the tree
  const double* values;
  const uint8_t* skip;  // null, or 1 for rows that are left out
  double* scores;

  size_t shared_bytes() const { return 0; }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t begin = block.x() * kScoreRows;
      for (int64_t i = begin + t; i < begin + kScoreRows && i < rows; i += kThreads) {
        if (skip != nullptr && skip[i]) continue;
        int at = nodes != nullptr ? 0 : ~0;
        while (at >= 0) {
          const WalkNode& node = nodes[at];
          const int bin = columns[node.column * column_stride + i];
          at = (node.left_bins[bin >> 6] >> (bin & 63)) & 1 ? node.left : node.right;
        }
        scores[i] += values[~at];
      }
    });
  }
};

/// Adds trees to the scores of rows on a device, by walking them. A value.
class TreeWalk {
 public:
  /// To `scores`, of the tree's output, for the rows for which `skip` (null: none) is 0. The tree
  /// was grown on these bins.
  void add(const DeviceQueue& queue, const DeviceBins& bins, const Tree& tree, const uint8_t* skip,
           double* scores);

 private:
  DeviceArray<WalkNode> nodes_;
  DeviceArray<double> values_;
};

/// Units and fixed-point derivatives of one output, on the device; `known` are bounds that hold for
/// all scores, or null. Throws as compute_gradients.
GradientUnits fix_gradients(const DeviceQueue& queue, const LossRows& rows,
                            const DerivativeBounds* known, DeviceArray<uint64_t>& room,
                            Gradient* out);

}  // namespace cne::gbdt

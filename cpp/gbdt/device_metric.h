#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/kernel.h"
#include "gbdt/device_bins.h"
#include "gbdt/device_scores.h"
#include "gbdt/metric.h"
#include "gbdt/row_fold.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// The metrics that a device knows.
enum class DeviceMetric : uint8_t { kSquared, kAbsolute, kLogLoss, kError, kClassLogLoss };

/// Rows with their scores, on the device.
struct MetricRows {
  DeviceMetric kind;
  Link link;
  int outputs;
  int label_width;
  int64_t rows;
  const double* scores;   // output-major
  const double* labels;   // output-major where rows have several
  const double* weights;  // null: 1 each
  double scale;           // of scores before a sigmoid

  /// What row `row` adds in output `k`, weight included.
  CNE_HD double at(int64_t row, int k) const {
    const double term =
        plain(row, scores[k * rows + row], labels[(label_width > 1 ? k : 0) * rows + row]);
    return (weights != nullptr ? weights[row] : 1.0) * term;
  }

 private:
  CNE_HD double plain(int64_t row, double score, double label) const {
    switch (kind) {
      case DeviceMetric::kLogLoss:
        return softplus(scale * score) - label * (scale * score);
      case DeviceMetric::kError:
        return (score > 0) != (label > 0.5) ? 1.0 : 0.0;
      case DeviceMetric::kClassLogLoss:
        return class_log_loss(row, static_cast<int>(label));
      default: {
        const double p = link == Link::kSigmoid ? sigmoid(scale * score) : score;
        const double error = p - label;
        if (kind == DeviceMetric::kSquared) return error * error;
        return error < 0 ? -error : error;
      }
    }
  }

  /// The share of output `k` of a row before it is scaled: see transform_scores.
  CNE_HD double share(int64_t row, int k, double most, double sum) const {
    const double score = scores[k * rows + row];
    return link == Link::kSoftmax ? exp_exact(score - most) / sum : sigmoid(scale * score);
  }
  CNE_HD double class_log_loss(int64_t row, int own) const {
    double most = scores[row];
    for (int k = 1; k < outputs; ++k)
      most = most < scores[k * rows + row] ? scores[k * rows + row] : most;
    double sum = 0;
    for (int k = 0; k < outputs && link == Link::kSoftmax; ++k)
      sum += exp_exact(scores[k * rows + row] - most);
    double all = 0;
    for (int k = 0; k < outputs; ++k) all += share(row, k, most, sum);
    const double p = share(row, own, most, sum) / all;
    return -log_exact(p < 1e-15 ? 1e-15 : p);
  }
};

/// Sums of a metric by pieces of kRowGrain rows, each one after the other as the CPU adds them:
/// block (x, y) does piece x of output y. The terms of a tile are found side by side.
struct SumMetric {
  static constexpr const char* kName = "train: sum_metric";
  static constexpr int kThreads = kScoreThreads;
  static constexpr int kTile = 4 * kThreads;
  MetricRows in;
  int64_t pieces;
  double* sums;  // (outputs, pieces)

  struct Shared {
    double terms[kTile];
    double sum;
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    const int64_t begin = block.x() * kRowGrain;
    const int64_t end = begin + kRowGrain < in.rows ? begin + kRowGrain : in.rows;
    const auto output = static_cast<int>(block.y());
    block.each([&](int t) {
      if (t == 0) shared->sum = 0;
    });
    for (int64_t first = begin; first < end; first += kTile) {
      const int64_t count = first + kTile < end ? kTile : end - first;
      block.each([&](int t) {
        for (int64_t i = t; i < count; i += kThreads) shared->terms[i] = in.at(first + i, output);
      });
      block.each([&](int t) {
        if (t != 0) return;
        double sum = shared->sum;
        for (int64_t i = 0; i < count; ++i) sum += shared->terms[i];
        shared->sum = sum;
      });
    }
    block.each([&](int t) {
      if (t == 0) sums[output * pieces + block.x()] = shared->sum;
    });
  }
};

/// The scores of an evaluation set on a device: trees are walked there by bins, and metrics that a
/// device knows are computed there, with the bits of the CPU. Views `bins`, `labels` and `options`,
/// which must outlive it.
class DeviceScores {
 public:
  /// `scores` (output-major) are those to begin from.
  DeviceScores(Device device, const BinMatrix& bins, const Labels& labels,
               const ObjectiveOptions& options, const std::vector<double>& scores);

  /// Adds a tree that was grown on these bins.
  void add(const Tree& tree);
  /// The metric, where the device knows it.
  std::optional<double> evaluate(const Metric& metric);
  /// The scores, to the host.
  void download(std::vector<double>& scores) const;

 private:
  const BinMatrix& matrix_;
  const Labels& labels_;
  const ObjectiveOptions& options_;
  DeviceQueue queue_;
  DeviceBins bins_;
  DeviceArray<double> scores_;
  DeviceArray<double> label_;
  DeviceArray<double> weight_;
  DeviceArray<double> sums_;
  double total_weight_ = 0;
  TreeWalk walk_;
};

}  // namespace cne::gbdt

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/device_grower.h"
#include "gbdt/sampling.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Throws UnsupportedError that names the option which a device does not do, DeviceError where
/// there is no such device. Does nothing for the CPU.
void check_device(const TrainOptions& options, const char* function);

/// The rounds of a training on a device: scores and gradients stay there, trees come back. They are
/// those of the CPU, bit for bit. `bins`, `labels` and `options` must outlive it.
class DeviceRounds {
 public:
  /// Whether the options ask for it.
  static bool wanted(const TrainOptions& options) {
    return options.emulate_device || !options.device.is_cpu();
  }

  /// `scores` (output-major, all rows) are those to begin from; bounds of derivatives that do not
  /// depend on them come from `loss`. Throws UnsupportedError for categorical features.
  DeviceRounds(const BinMatrix& bins, const Labels& labels, const TrainOptions& options,
               const Loss& loss, const std::vector<double>& scores);

  struct Round {
    const RowSampler& sampler;  // has chosen the rows
    const std::vector<uint8_t>& use;
    double rate;
    size_t first_tree;  // its number in the model
  };
  /// The trees of a round, one for each output.
  std::vector<Tree> grow(const Round& round);

 private:
  LossRows rows_of(int output) const;
  void compute_gradients();
  void place_rows(const RowSampler& sampler);
  void add(const Tree& tree, int output);

  const BinMatrix& matrix_;
  const Labels& labels_;
  const TrainOptions& options_;
  const Loss& loss_;
  DeviceQueue queue_;
  DeviceBins bins_;
  DeviceGrower grower_;
  int outputs_;
  DeviceArray<double> scores_;
  DeviceArray<double> label_;
  DeviceArray<double> weight_;
  DeviceArray<double> log_sums_;
  std::vector<DeviceArray<Gradient>> gradients_;
  std::vector<GradientUnits> units_;
  DeviceArray<uint64_t> room_;
  int64_t draw_ = -2;  // which rows are placed; -2: none yet
  DeviceArray<int32_t> rows_;
  DeviceArray<uint8_t> in_bag_;
  int64_t row_count_ = 0;
  bool all_rows_ = true;
  TreeWalk walk_;
};

}  // namespace cne::gbdt

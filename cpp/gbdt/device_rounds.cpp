#include "gbdt/device_rounds.h"

#include <algorithm>

#include "core/error.h"

namespace cne::gbdt {

namespace {

bool find_loss(const ObjectiveOptions& options, LossRows* out) {
  switch (options.kind) {
    case Objective::kSquaredError:
      out->kind = DeviceLoss::kSquared;
      return true;
    case Objective::kBinaryLogLoss:
      out->kind = DeviceLoss::kLog;
      out->scale = options.sigmoid;
      out->positive = options.scale_pos_weight;
      return true;
    case Objective::kMulticlass:
      out->kind = DeviceLoss::kSoftmax;
      out->scale = static_cast<double>(options.classes) / std::max(1, options.classes - 1);
      return true;
    case Objective::kMulticlassOva:
      out->kind = DeviceLoss::kOneAgainstAll;
      out->scale = options.sigmoid;
      return true;
    default:
      return false;
  }
}

bool any_direction(const GrowOptions& options) {
  const std::vector<int>& all = options.monotone_constraints;
  return std::any_of(all.begin(), all.end(), [](int direction) { return direction != 0; });
}

void upload_all(const DeviceQueue& queue, const double* from, int64_t count,
                DeviceArray<double>& to) {
  if (from != nullptr) to.upload(queue, from, count);
}

}  // namespace

void check_device(const TrainOptions& options, const char* function) {
  if (!DeviceRounds::wanted(options)) return;
  const auto refuse = [&](bool bad, const std::string& what) {
    if (bad) throw UnsupportedError(message(function, ": ", what, " does not run on a GPU"));
  };
  LossRows loss{};
  const GrowOptions& grow = options.grow;
  refuse(!find_loss(options.objective, &loss),
         message("objective \"", objective_name(options.objective.kind), "\""));
  refuse(options.boosting == Boosting::kDart, "boosting \"dart\"");
  refuse(options.boosting == Boosting::kForest, "boosting \"rf\"");
  refuse(options.multi_strategy == MultiStrategy::kMultiOutputTree,
         "multi_strategy \"multi_output_tree\"");
  refuse(options.linear_tree, "linear_tree");
  refuse(options.gradient_bits != GradientBits::k32, "gradient_bits below 32");
  refuse(options.sample.strategy == RowSampling::kGoss, "data_sample_strategy \"goss\"");
  refuse(options.sample.strategy == RowSampling::kMvs, "data_sample_strategy \"mvs\"");
  refuse(options.sample.strategy == RowSampling::kBayesian, "data_sample_strategy \"bayesian\"");
  refuse(options.leaf_iterations > 1, "leaf_estimation_iterations above 1");
  refuse(grow.policy == GrowPolicy::kSymmetric, "grow_policy \"symmetric\"");
  refuse(grow.extra_trees, "extra_trees");
  refuse(grow.random_strength > 0, "random_strength");
  refuse(grow.monotone_method == MonotoneMethod::kIntermediate && any_direction(grow),
         "monotone_method \"intermediate\"");
  require_device(options.device, function);
}

DeviceRounds::DeviceRounds(const BinMatrix& bins, const Labels& labels, const TrainOptions& options,
                           const Loss& loss, const std::vector<double>& scores)
    : matrix_(bins),
      labels_(labels),
      options_(options),
      loss_(loss),
      queue_(options.device, "train"),
      bins_(queue_, bins, true),
      grower_(queue_, bins_, options.grow, options.seed),
      outputs_(output_count(options.objective)) {
  for (int j = 0; j < bins.width(); ++j)
    if (bins.bins(j).categorical)
      throw UnsupportedError(message("train: the categorical feature ", bins.feature(j),
                                     " does not run on a GPU; cat_method \"ordered\" or codes as "
                                     "numbers do"));
  scores_.upload(queue_, scores.data(), static_cast<int64_t>(scores.size()));
  upload_all(queue_, labels.label, labels.rows * labels.width, label_);
  upload_all(queue_, labels.weight, labels.rows, weight_);
  if (options.objective.kind == Objective::kMulticlass) log_sums_.reserve(queue_, labels.rows);
  for (int k = 0; k < outputs_; ++k) gradients_.emplace_back(queue_, labels.rows);
  units_.resize(gradients_.size());
}

LossRows DeviceRounds::rows_of(int output) const {
  LossRows out{};
  find_loss(options_.objective, &out);
  out.output = output;
  out.rows = labels_.rows;
  out.scores = scores_.data() + output * labels_.rows;
  out.labels = label_.data() + (labels_.width > 1 ? output * labels_.rows : 0);
  out.weights = weight_.data();
  out.log_sums = log_sums_.data();
  return out;
}

void DeviceRounds::compute_gradients() {
  if (log_sums_.data() != nullptr)
    cne::run(queue_, SumExponentials{scores_.data(), labels_.rows, outputs_, log_sums_.data()},
             {score_blocks(labels_.rows), 1});
  for (int k = 0; k < outputs_; ++k) {
    DerivativeBounds known;
    const bool is_known = loss_.bounds(k, &known);
    units_[k] =
        fix_gradients(queue_, rows_of(k), is_known ? &known : nullptr, room_, gradients_[k].data());
  }
}

/// The rows of the round, uploaded when they are others than before.
void DeviceRounds::place_rows(const RowSampler& sampler) {
  if (sampler.draw() == draw_) return;
  draw_ = sampler.draw();
  const std::vector<int32_t>& rows = sampler.rows();
  row_count_ = static_cast<int64_t>(rows.size());
  all_rows_ = sampler.in_bag() == nullptr;
  if (all_rows_) return;
  rows_.upload(queue_, rows.data(), row_count_);
  in_bag_.upload(queue_, sampler.in_bag(), labels_.rows);
}

void DeviceRounds::add(const Tree& tree, int output) {
  double* scores = scores_.data() + output * labels_.rows;
  grower_.add_to_scores(tree, scores);
  if (!all_rows_) walk_.add(queue_, bins_, tree, in_bag_.data(), scores);
}

std::vector<Tree> DeviceRounds::grow(const Round& round) {
  compute_gradients();
  place_rows(round.sampler);
  std::vector<Tree> out;
  for (int k = 0; k < outputs_; ++k) {
    Tree tree = grower_.grow({gradients_[k].data(), units_[k], all_rows_ ? nullptr : rows_.data(),
                              row_count_, &round.use, round.rate,
                              round.first_tree + static_cast<size_t>(k)});
    tree.output = k;
    add(tree, k);
    out.push_back(std::move(tree));
  }
  return out;
}

}  // namespace cne::gbdt

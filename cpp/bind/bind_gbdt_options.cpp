#include <initializer_list>
#include <type_traits>
#include <utility>

#include "bind/bind_gbdt.h"
#include "core/error.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

/// Reads one option if the mapping has it; what is left at the end is unknown.
class OptionReader {
 public:
  explicit OptionReader(const nb::dict& options)
      : left_(nb::steal<nb::dict>(PyDict_Copy(options.ptr()))) {}

  template <typename T>
  void read(const char* name, T& out) {
    if (!left_.contains(name)) return;
    const nb::object value = left_[name];
    if (!nb::try_cast(value, out))
      throw TypeError(message("train: expected ", name, " to be ",
                              std::is_floating_point_v<T>      ? "a number"
                              : std::is_same_v<T, std::string> ? "text"
                              : std::is_same_v<T, bool>        ? "True or False"
                              : !std::is_arithmetic_v<T>       ? "a list of numbers that fit"
                                                               : "an integer that fits",
                              ", got ", nb::cast<std::string>(nb::repr(value))));
    nb::del(left_[name]);
  }
  /// Reads one of several names.
  template <typename T>
  void choose(const char* name, T& out, std::initializer_list<std::pair<const char*, T>> choices) {
    std::string given;
    read(name, given);
    if (given.empty()) return;
    std::string known;
    for (const auto& [choice, value] : choices) {
      if (given == choice) {
        out = value;
        return;
      }
      known += (known.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
    }
    throw ArgumentError(
        message("train: expected ", name, " to be one of ", known, ", got \"", given, "\""));
  }
  void finish() const {
    for (const auto& [key, value] : left_)
      throw ArgumentError(message("train: unknown option ", nb::cast<std::string>(nb::repr(key))));
  }

 private:
  nb::dict left_;
};

void read_sampling(OptionReader& in, SampleOptions& o) {
  in.choose("data_sample_strategy", o.strategy,
            {{"bagging", RowSampling::kBagging},
             {"goss", RowSampling::kGoss},
             {"mvs", RowSampling::kMvs},
             {"bayesian", RowSampling::kBayesian}});
  in.read("subsample", o.subsample);
  in.read("bagging_freq", o.bagging_freq);
  in.read("pos_bagging_fraction", o.pos_bagging_fraction);
  in.read("neg_bagging_fraction", o.neg_bagging_fraction);
  in.read("bagging_by_query", o.bagging_by_query);
  in.read("top_rate", o.top_rate);
  in.read("other_rate", o.other_rate);
  in.read("mvs_reg", o.mvs_reg);
  in.read("bagging_temperature", o.bagging_temperature);
}

void read_dart(OptionReader& in, DartOptions& o) {
  in.read("drop_rate", o.drop_rate);
  in.read("max_drop", o.max_drop);
  in.read("skip_drop", o.skip_drop);
  in.read("uniform_drop", o.uniform_drop);
  in.choose("normalize_type", o.normalization,
            {{"lightgbm", DartNormalization::kLightgbm},
             {"tree", DartNormalization::kTree},
             {"forest", DartNormalization::kForest}});
}

void read_objective(OptionReader& in, ObjectiveOptions& o) {
  std::string name = "regression";
  in.read("objective", name);
  if (!find_objective(name, &o.kind))
    throw ArgumentError(message("train: unknown objective \"", name, "\""));
  in.read("num_class", o.classes);
  in.read("outputs", o.outputs);
  in.read("quantiles", o.quantiles);
  in.read("huber_delta", o.huber_delta);
  in.read("fair_c", o.fair_c);
  in.read("tweedie_power", o.tweedie_power);
  in.read("poisson_max_delta_step", o.max_delta_step);
  in.read("focal_gamma", o.focal_gamma);
  in.read("focal_alpha", o.focal_alpha);
  in.read("sigmoid", o.sigmoid);
  in.read("scale_pos_weight", o.scale_pos_weight);
  in.read("ranking_truncation", o.truncation);
  in.read("ranking_normalize", o.normalize);
  in.choose("aft_noise", o.aft_noise,
            {{"normal", AftNoise::kNormal},
             {"logistic", AftNoise::kLogistic},
             {"extreme", AftNoise::kExtreme}});
  in.read("aft_scale", o.aft_scale);
}

}  // namespace

void set_device(const std::string& name, const char* function, TrainOptions& options) {
  options.emulate_device = name == "emulated";
  if (name == "gpu" || name == "cuda")
    options.device = {Device::Kind::kCuda, 0};
  else if (name != "cpu" && name != "emulated")
    throw ArgumentError(
        message(function, ": expected device \"cpu\" or \"gpu\", got \"", name, "\""));
}

GradientBits to_gradient_bits(int bits) {
  if (bits == 32) return GradientBits::k32;
  if (bits == 16) return GradientBits::k16;
  if (bits == 8) return GradientBits::k8;
  throw ArgumentError(message("train: expected gradient_bits 8, 16 or 32, got ", bits));
}

TrainOptions to_options(const nb::dict& dict) {
  TrainOptions o;
  OptionReader in(dict);
  std::string device = "cpu";
  read_objective(in, o.objective);
  in.read("device", device);
  in.read("n_estimators", o.n_estimators);
  in.read("learning_rate", o.learning_rate);
  in.read("num_leaves", o.grow.num_leaves);
  in.read("max_depth", o.grow.max_depth);
  in.read("min_child_samples", o.grow.min_child_samples);
  in.read("min_sum_hessian", o.grow.min_sum_hessian);
  in.read("lambda_l1", o.grow.lambda_l1);
  in.read("lambda_l2", o.grow.lambda_l2);
  in.read("min_gain", o.grow.min_gain);
  in.read("max_delta_step", o.grow.max_delta_step);
  in.read("path_smooth", o.grow.path_smooth);
  in.read("extra_trees", o.grow.extra_trees);
  in.read("random_strength", o.grow.random_strength);
  in.read("colsample_bylevel", o.grow.colsample_bylevel);
  in.read("colsample_bynode", o.grow.colsample_bynode);
  in.read("monotone_constraints", o.grow.monotone_constraints);
  in.choose("monotone_method", o.grow.monotone_method,
            {{"basic", MonotoneMethod::kBasic}, {"intermediate", MonotoneMethod::kIntermediate}});
  in.read("monotone_penalty", o.grow.monotone_penalty);
  in.read("interaction_constraints", o.grow.interaction_constraints);
  in.choose("grow_policy", o.grow.policy,
            {{"leafwise", GrowPolicy::kLeafwise},
             {"depthwise", GrowPolicy::kDepthwise},
             {"symmetric", GrowPolicy::kSymmetric}});
  in.read("max_cat_to_onehot", o.grow.max_cat_to_onehot);
  in.read("max_cat_threshold", o.grow.max_cat_threshold);
  in.read("cat_smooth", o.grow.cat_smooth);
  in.read("cat_l2", o.grow.cat_l2);
  in.read("min_data_per_group", o.grow.min_data_per_group);
  in.read("metrics", o.metrics);
  in.read("max_bins", o.max_bins);
  in.read("subsample_for_bin", o.subsample_for_bin);
  in.read("colsample", o.colsample);
  in.read("early_stopping_rounds", o.early_stopping_rounds);
  in.read("early_stopping_min_delta", o.early_stopping_min_delta);
  in.read("first_metric_only", o.first_metric_only);
  in.read("learning_rates", o.learning_rates);
  in.read("snapshot_every", o.snapshot_every);
  in.read("snapshot_path", o.snapshot_path);
  in.read("leaf_estimation_iterations", o.leaf_iterations);
  in.read("linear_tree", o.linear_tree);
  int gradient_bits = 32;
  in.read("gradient_bits", gradient_bits);
  o.gradient_bits = to_gradient_bits(gradient_bits);
  in.read("linear_lambda", o.linear_lambda);
  in.read("seed", o.seed);
  in.choose("boosting", o.boosting,
            {{"gbdt", Boosting::kGbdt}, {"dart", Boosting::kDart}, {"rf", Boosting::kForest}});
  in.choose("multi_strategy", o.multi_strategy,
            {{"one_output_per_tree", MultiStrategy::kOneOutputPerTree},
             {"multi_output_tree", MultiStrategy::kMultiOutputTree}});
  in.choose("cat_method", o.cat_method,
            {{"subsets", CategoryMethod::kSubsets}, {"ordered", CategoryMethod::kOrdered}});
  in.read("ordered_prior", o.ordered_prior);
  read_sampling(in, o.sample);
  read_dart(in, o.dart);
  in.finish();
  set_device(device, "train", o);
  return o;
}

}  // namespace cne::bind

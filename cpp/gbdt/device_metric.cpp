#include "gbdt/device_metric.h"

#include <cmath>

namespace cne::gbdt {

namespace {

/// False for metrics that the device does not know, or that may not fit the objective.
bool find_metric(const Metric& metric, const ObjectiveOptions& options, DeviceMetric* out) {
  const bool binary = options.kind == Objective::kBinaryLogLoss;
  const bool classes =
      options.kind == Objective::kMulticlass || options.kind == Objective::kMulticlassOva;
  const struct {
    const char* kind;
    DeviceMetric metric;
    bool fits;
  } known[] = {{"l2", DeviceMetric::kSquared, !classes},
               {"rmse", DeviceMetric::kSquared, !classes},
               {"l1", DeviceMetric::kAbsolute, !classes},
               {"binary_logloss", DeviceMetric::kLogLoss, binary},
               {"binary_error", DeviceMetric::kError, binary},
               {"multi_logloss", DeviceMetric::kClassLogLoss, classes}};
  for (const auto& entry : known)
    if (metric.kind == entry.kind && entry.fits && !metric.number && metric.at == 0) {
      *out = entry.metric;
      return true;
    }
  return false;
}

}  // namespace

DeviceScores::DeviceScores(Device device, const BinMatrix& bins, const Labels& labels,
                           const ObjectiveOptions& options, const std::vector<double>& scores)
    : matrix_(bins),
      labels_(labels),
      options_(options),
      queue_(device, "train"),
      bins_(queue_, bins, false) {
  scores_.upload(queue_, scores.data(), std::ssize(scores));
  label_.upload(queue_, labels.label, labels.rows * labels.width);
  if (labels.weight != nullptr) weight_.upload(queue_, labels.weight, labels.rows);
  total_weight_ = fold_rows(
      labels.rows, 0.0,
      [&](int64_t begin, int64_t end) {
        double sum = 0;
        for (int64_t i = begin; i < end; ++i) sum += labels.weight_of(i);
        return sum;
      },
      [](double a, double b) { return a + b; });
}

void DeviceScores::add(const Tree& tree) {
  walk_.add(queue_, bins_, tree, nullptr, scores_.data() + tree.output * labels_.rows);
}

std::optional<double> DeviceScores::evaluate(const Metric& metric) {
  MetricRows in{};
  if (!find_metric(metric, options_, &in.kind)) return std::nullopt;
  in.link = link_of(options_);
  in.outputs = output_count(options_);
  in.label_width = labels_.width;
  in.rows = labels_.rows;
  in.scores = scores_.data();
  in.labels = label_.data();
  in.weights = weight_.data();
  in.scale = options_.sigmoid;
  const int64_t outputs = in.kind == DeviceMetric::kClassLogLoss ? 1 : in.outputs;
  const int64_t pieces = (in.rows + kRowGrain - 1) / kRowGrain;
  sums_.reserve(queue_, pieces * outputs);
  cne::run(queue_, SumMetric{in, pieces, sums_.data()}, {pieces, outputs});
  std::vector<double> sums(static_cast<size_t>(pieces * outputs));
  queue_.download(sums_.data(), sums.size() * sizeof(double), sums.data());
  double total = 0;
  for (int64_t k = 0; k < outputs; ++k) {
    double sum = 0;
    for (int64_t p = 0; p < pieces; ++p) sum += sums[static_cast<size_t>(k * pieces + p)];
    total += sum / total_weight_;
  }
  const double mean = total / static_cast<double>(outputs);
  return metric.kind == "rmse" ? std::sqrt(mean) : mean;
}

void DeviceScores::download(std::vector<double>& scores) const {
  queue_.download(scores_.data(), scores.size() * sizeof(double), scores.data());
}

}  // namespace cne::gbdt

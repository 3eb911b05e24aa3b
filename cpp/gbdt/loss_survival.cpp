// Times to an event: Cox's partial likelihood, accelerated failure time.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gbdt/aft.h"
#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace {

/// -sum over events of w_i (s_i - log sum over j at risk of w_j exp(s_j)), ties after Breslow. At
/// risk at a time are all whose time is not before it; a label below 0 is censored at its size.
class CoxLoss : public Loss {
 public:
  explicit CoxLoss(const Labels& labels)
      : labels_(labels),
        order_(static_cast<size_t>(labels.rows)),
        gradient_(static_cast<size_t>(labels.rows)),
        hessian_(static_cast<size_t>(labels.rows)) {
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int32_t a, int32_t b) { return time(a) < time(b); });
  }

  std::vector<double> base_scores() const override { return {0.0}; }

  void prepare(const double* scores, int round) override {
    static_cast<void>(round);
    const double most = *std::max_element(scores, scores + labels_.rows);
    std::vector<double> risk(order_.size());
    for (size_t i = 0; i < order_.size(); ++i)
      risk[i] = labels_.weight_of(order_[i]) * exp_exact(scores[order_[i]] - most);
    // Summed from the latest on: subtracting those that leave would cancel.
    std::vector<double> at_risk(order_.size());
    double later = 0;
    for (size_t i = order_.size(); i-- > 0;) at_risk[i] = later += risk[i];
    double first = 0;   // sum of w / D over the events so far
    double second = 0;  // sum of w / D^2
    for (size_t begin = 0; begin < order_.size();) {
      size_t end = begin;
      double events = 0;
      for (; end < order_.size() && time(order_[end]) == time(order_[begin]); ++end) {
        if (labels_.label[order_[end]] > 0) events += labels_.weight_of(order_[end]);
      }
      const double sum = at_risk[begin];
      if (events > 0 && sum > 0) {
        first += events / sum;
        second += events / sum / sum;
      }
      for (size_t i = begin; i < end; ++i) {
        const int32_t row = order_[i];
        const double own = labels_.label[row] > 0 ? labels_.weight_of(row) : 0.0;
        gradient_[row] = risk[i] * first - own;
        hessian_[row] = std::max(0.0, risk[i] * first - risk[i] * risk[i] * second);
      }
      begin = end;
    }
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    static_cast<void>(scores), static_cast<void>(output);
    std::copy(gradient_.begin() + begin, gradient_.begin() + end, gradient);
    std::copy(hessian_.begin() + begin, hessian_.begin() + end, hessian);
  }

 private:
  double time(int32_t row) const { return std::abs(labels_.label[row]); }

  const Labels& labels_;
  std::vector<int32_t> order_;  // by time
  std::vector<double> gradient_;
  std::vector<double> hessian_;
};

class AftLoss : public Loss {
 public:
  AftLoss(const ObjectiveOptions& options, const Labels& labels)
      : options_(options), labels_(labels) {}

  /// The mean of the logarithms of the times, of what is known of them.
  std::vector<double> base_scores() const override {
    return {weighted_mean_of(labels_, [&](int64_t i) {
      const double low = labels_.label[i];
      const double high = labels_.upper != nullptr ? labels_.upper[i] : low;
      const double known = low <= 0 ? high : std::isinf(high) ? low : (low + high) / 2;
      return std::isinf(known) ? 0.0 : log_exact(std::max(known, 1e-12));
    })};
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    static_cast<void>(output);
    for (int64_t i = begin; i < end; ++i) {
      const double low = labels_.label[i];
      const double high = labels_.upper != nullptr ? labels_.upper[i] : low;
      const AftDerivatives d =
          aft_derivatives(options_.aft_noise, options_.aft_scale, low, high, scores[i]);
      gradient[i - begin] = labels_.weight_of(i) * d.gradient;
      hessian[i - begin] = labels_.weight_of(i) * d.hessian;
    }
  }

 private:
  const ObjectiveOptions& options_;
  const Labels& labels_;
};

}  // namespace

std::unique_ptr<Loss> make_survival_loss(const ObjectiveOptions& options, const Labels& labels) {
  if (options.kind == Objective::kCox) return std::make_unique<CoxLoss>(labels);
  return std::make_unique<AftLoss>(options, labels);
}

}  // namespace cne::gbdt

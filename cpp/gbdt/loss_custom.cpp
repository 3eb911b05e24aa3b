#include <algorithm>

#include "gbdt/losses.h"

namespace cne::gbdt {

namespace {

/// What the caller computes once a round for all rows and outputs.
class CustomLoss : public Loss {
 public:
  CustomLoss(const ObjectiveOptions& options, const Labels& labels, const CustomDerivatives& custom)
      : options_(options), labels_(labels), custom_(custom) {
    const auto size = static_cast<size_t>(labels.rows) * static_cast<size_t>(options.outputs);
    gradient_.resize(size);
    hessian_.resize(size);
  }

  std::vector<double> base_scores() const override {
    return std::vector<double>(static_cast<size_t>(options_.outputs), 0.0);
  }

  void prepare(const double* scores, int round) override {
    custom_(scores, round, gradient_.data(), hessian_.data());
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    static_cast<void>(scores);
    const int64_t first = output * labels_.rows;
    for (int64_t i = begin; i < end; ++i) {
      gradient[i - begin] = gradient_[first + i];
      hessian[i - begin] = std::max(0.0, hessian_[first + i]);
    }
  }

 private:
  const ObjectiveOptions& options_;
  const Labels& labels_;
  const CustomDerivatives& custom_;
  std::vector<double> gradient_;
  std::vector<double> hessian_;
};

}  // namespace

std::unique_ptr<Loss> make_custom_loss(const ObjectiveOptions& options, const Labels& labels,
                                       const CustomDerivatives& custom) {
  return std::make_unique<CustomLoss>(options, labels, custom);
}

}  // namespace cne::gbdt

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "gbdt/objective.h"

namespace cne::gbdt {

/// The labels and weights of a training or validation set. Views: the arrays must outlive it.
struct Labels {
  const double* label = nullptr;   // output-major (width, rows)
  const double* weight = nullptr;  // null: 1 each
  int64_t rows = 0;
  int width = 1;                        // labels a row
  const double* upper = nullptr;        // accelerated failure time: `label` and this bound the time
  const double* base_margin = nullptr;  // null, or scores to begin from, output-major
  std::vector<int64_t> groups;          // ranking: query q is rows [groups[q], groups[q + 1])

  double weight_of(int64_t row) const { return weight != nullptr ? weight[row] : 1.0; }
};

/// Fills gradients and hessians, output-major, for all rows at `scores` in a round. Weights are its
/// own affair, as in LightGBM and XGBoost, but that rows of weight 0 do not take part.
using CustomDerivatives =
    std::function<void(const double* scores, int round, double* gradient, double* hessian)>;

/// The largest |gradient| and hessian that a loss can give, where that is known beforehand.
struct DerivativeBounds {
  double gradient = 0;
  double hessian = 0;
};

/// First and second derivatives of a loss on one set of labels.
///
/// Scores are output-major: score k of row i is scores[k * rows + i]. `prepare` and the others are
/// called in turn by one thread; `derivatives` by many at once, for pieces of rows.
class Loss {
 public:
  virtual ~Loss() = default;

  /// The constant scores with the least loss, one for each output.
  virtual std::vector<double> base_scores() const = 0;

  /// Called once a round, before `derivatives`, by losses that look at all rows together.
  virtual void prepare(const double* scores, int round) {
    static_cast<void>(scores), static_cast<void>(round);
  }

  /// The derivatives of rows [begin, end) in score `output`, weights included, into
  /// gradient[0, end - begin) and hessian[0, end - begin). Hessians are not negative.
  virtual void derivatives(const double* scores, int output, int64_t begin, int64_t end,
                           double* gradient, double* hessian) const = 0;

  /// Known bounds for output `output`, weights included; false when they depend on the scores.
  virtual bool bounds(int output, DerivativeBounds* out) const {
    static_cast<void>(output);
    static_cast<void>(out);
    return false;
  }

  /// For losses without curvature: the value that minimises the loss of a leaf's `rows` over
  /// `scores`, instead of the Newton step. False: no such thing.
  virtual bool leaf_value(const double* scores, int output, const int32_t* rows, int64_t count,
                          double* out) const {
    static_cast<void>(scores), static_cast<void>(output), static_cast<void>(rows);
    static_cast<void>(count), static_cast<void>(out);
    return false;
  }
};

/// Throws ArgumentError naming `function`, the argument and the row: a label that is not finite or
/// does not fit the objective, a weight that is negative or not finite, weights that are all 0.
void check_labels(const ObjectiveOptions& options, const Labels& labels, const char* function);

/// The loss of an objective on `labels`; all arguments must outlive it. `custom` is for kCustom,
/// `seed` for losses that draw random numbers (kXendcg).
std::unique_ptr<Loss> make_loss(const ObjectiveOptions& options, const Labels& labels,
                                const CustomDerivatives& custom = {}, uint64_t seed = 0);

}  // namespace cne::gbdt

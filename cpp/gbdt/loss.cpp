#include "gbdt/loss.h"

#include <cmath>

#include "core/error.h"
#include "gbdt/losses.h"

namespace cne::gbdt {

namespace {

void check_label(const ObjectiveOptions& options, double y, int64_t row, const char* function) {
  const auto refuse = [&](const char* what) {
    throw ArgumentError(message(function, ": expected ", what, " in y, got ", y, " at row ", row));
  };
  if (!std::isfinite(y)) refuse("finite labels");
  if (options.kind == Objective::kBinaryLogLoss && y != 0 && y != 1) refuse("labels 0 and 1");
}

}  // namespace

void check_labels(const ObjectiveOptions& options, const Labels& labels, const char* function) {
  double total = 0;
  for (int64_t i = 0; i < labels.rows; ++i) {
    for (int k = 0; k < labels.width; ++k)
      check_label(options, labels.label[k * labels.rows + i], i, function);
    const double w = labels.weight_of(i);
    if (!std::isfinite(w) || w < 0)
      throw ArgumentError(message(function, ": expected finite weights >= 0 in sample_weight, got ",
                                  w, " at row ", i));
    total += w;
  }
  if (!(total > 0))
    throw ArgumentError(message(function,
                                ": expected a sample_weight above 0, but the weights of all ",
                                labels.rows, " rows are zero"));
  if (!std::isfinite(total))
    throw ArgumentError(
        message(function, ": expected sample_weight with a finite sum, got ", total));
}

std::unique_ptr<Loss> make_loss(const ObjectiveOptions& options, const Labels& labels) {
  switch (options.kind) {
    case Objective::kSquaredError:
      return make_squared_loss(options, labels);
    case Objective::kBinaryLogLoss:
      return make_binary_loss(options, labels);
    default:
      throw UnsupportedError(
          message("train: objective \"", objective_name(options.kind), "\" is not built"));
  }
}

}  // namespace cne::gbdt

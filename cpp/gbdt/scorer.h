#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/table.h"
#include "gbdt/booster.h"

namespace cne::gbdt {

struct ScorerOptions {
  std::vector<std::string> columns;  // the features, in the model's order; none: the model's names
  std::string name = "prediction";   // of the new column; several are name_0, name_1, ...
  bool raw_score = false;
};

/// A function that gives a table back with a model's predictions as new float64 columns, for
/// whoever passes tables on: a stream, a frame. A model without names takes all columns by
/// position.
///
/// The booster must outlive it; it may be called from several threads. Making it throws ShapeError
/// when there are not as many columns as features. Calling it throws NotFoundError for a column
/// that is not there, ArgumentError when the table has a column of the new name, and what
/// `from_table` and `Booster::predict` throw.
std::function<Table(const Table&)> make_scorer(const Booster& booster, ScorerOptions options);

}  // namespace cne::gbdt

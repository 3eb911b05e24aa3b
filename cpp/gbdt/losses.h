#pragma once

#include <memory>

#include "gbdt/loss.h"

namespace cne::gbdt {

// The makers that make_loss chooses from, one for each family of losses.

/// w (s - y)^2 / 2, for one or several labels a row.
std::unique_ptr<Loss> make_squared_loss(const ObjectiveOptions& options, const Labels& labels);

/// Log loss of labels 0 and 1. With p = sigmoid(s): w (p - y), w p (1 - p).
std::unique_ptr<Loss> make_binary_loss(const ObjectiveOptions& options, const Labels& labels);

}  // namespace cne::gbdt

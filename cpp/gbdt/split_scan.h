#pragma once

#include "gbdt/split.h"

namespace cne::gbdt {

/// The best cut of a numeric feature in the plain case (is_plain, no direction): what the search of
/// split.cpp finds, bit for bit, with the gains of all bins computed side by side.
///
/// `slots` are those of the feature, `count` bins and the one for missing values. The result has
/// gain (twice the loss reduction), bin, missing_left and left; gain is minus infinity where no cut
/// is allowed.
Split scan_numeric(const SplitContext& context, const GradientSums* slots, int count);

}  // namespace cne::gbdt

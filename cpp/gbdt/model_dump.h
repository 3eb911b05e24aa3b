#pragma once

#include <string>

#include "gbdt/model.h"

namespace cne::gbdt {

/// A model as JSON text for people and plots; nothing reads it back.
///
///   objective, base_scores, features (names, numbers where they have none), trees: a list of
///     output, nodes: a list of
///       feature (its name), threshold or categories (those that go left: numbers or texts),
///       missing and unknown ("left", "right"), gain, value, weight, rows,
///       left, right: the number of a node, or -1 - the number of a leaf
///     leaves: a list of
///       value (a list where it has several), weight, rows; linear ones: constant, coefficients by
///       feature
///
/// Node 0 is the root; a tree without nodes is its leaf 0.
std::string dump_model(const Model& model);

}  // namespace cne::gbdt

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gbdt/model.h"

namespace cne::gbdt {

/// A model as JSON text for people and plots; nothing reads it back.
///
///   objective, base_scores, features (names, numbers where they have none), trees: a list of
///     output, nodes: a list of
///       feature (its name), threshold ("inf" where any value that is not missing goes left) or
///       categories (those that go left: numbers or texts),
///       missing and unknown ("left", "right"), gain, value, weight, rows,
///       left, right: the number of a node, or -1 - the number of a leaf
///     leaves: a list of
///       value (a list where it has several), weight, rows; linear ones: constant, coefficients by
///       feature
///
/// Node 0 is the root; a tree without nodes is its leaf 0. With `tree`, `trees` holds that one
/// alone; ArgumentError when there is no such tree.
std::string dump_model(const Model& model, std::optional<int64_t> tree = std::nullopt);

}  // namespace cne::gbdt

#pragma once

#include <string>
#include <vector>

#include "bind/bind.h"
#include "feature/feature_store.h"

namespace cne::bind {

/// A prepared lookup with the Python name of its only entity column, if there is only one.
struct BoundPlan {
  std::shared_ptr<feature::FeatureStore> store;  // keeps the directory open
  feature::LookupPlan plan;
  nb::object entity;
};

/// Reads `{"k": [1, 2]}` (exact ints or strs in a list or tuple, or one of them bare) for a plan of
/// one view with one entity straight into keys, without Arrow. False when the entities or the plan
/// are of another form. The keys view the Python strings.
bool read_simple_keys(const BoundPlan& bound, nb::handle entities, feature::KeyBatch& keys);

/// Entities as a table: an Arrow object, or a dict of the columns `names` as lists, NumPy arrays,
/// Arrow arrays or scalars (which are repeated). Throws NotFoundError for a missing column,
/// ShapeError for unequal lengths, TypeError for values that are no column.
Table to_entities(nb::handle entities, const std::vector<std::string>& names, const char* function);

}  // namespace cne::bind

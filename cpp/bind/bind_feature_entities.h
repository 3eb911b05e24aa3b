#pragma once

#include <optional>
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

/// Below this many keys a lookup is shorter than handing the interpreter lock over and back.
inline constexpr int64_t kUnlockedRows = 128;

/// Keys of a plan of one view with one entity as `{"k": [1, 2]}` has them: exact ints or strs in a
/// list or tuple, or one of them bare.
struct SimpleKeys {
  nb::object values;  // of kUnlockedRows or more strs a tuple, which no one can change
  int64_t rows = 0;
  DType type = DType::kInt64;
};
/// None when the entities or the plan are of another form.
std::optional<SimpleKeys> find_simple_keys(const BoundPlan& bound, nb::handle entities);
/// Reads them straight into keys, without Arrow. False when there is a value of another kind, or
/// the list has changed. The keys view the Python strings.
bool read_simple_keys(const SimpleKeys& simple, feature::KeyBatch& keys);

/// Entities as a table: an Arrow object, or a dict of the columns `names` as lists, NumPy arrays,
/// Arrow arrays or scalars (which are repeated). Throws NotFoundError for a missing column,
/// ShapeError for unequal lengths, TypeError for values that are no column.
Table to_entities(nb::handle entities, const std::vector<std::string>& names, const char* function);

}  // namespace cne::bind

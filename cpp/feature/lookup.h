#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"
#include "feature/entity_key.h"
#include "feature/online_store.h"

namespace cne::feature {

/// What a lookup at time `at_ns` may see: rows with event time and created time up to it, whose age
/// is below the time to live (0: any age).
struct Visibility {
  int64_t at_ns = 0;
  int64_t ttl_ns = 0;
  bool sees(int64_t event_ns, int64_t created_ns) const {
    if (event_ns > at_ns || created_ns > at_ns) return false;
    // The difference of two times may not fit in 63 bits, so it is taken without sign.
    return ttl_ns == 0 || static_cast<uint64_t>(at_ns) - static_cast<uint64_t>(event_ns) <
                              static_cast<uint64_t>(ttl_ns);
  }
};

/// Which features go to which columns of a matrix, with what can be known ahead.
struct MatrixReads {
  MatrixReads() = default;
  /// Feature `features[j]` of a view goes to `columns[j]`. None may be text.
  MatrixReads(const Schema& schema, const std::vector<uint32_t>& features,
              std::vector<int64_t> columns);

  std::vector<FeatureSlot> slots;
  std::vector<int64_t> columns;
  /// All are float64 among the first 32 features, and these bits of the header say that none is
  /// null: then values are copied as they are.
  bool plain = false;
  uint64_t all_valid = 0;
  /// Plain, and side by side in the row and in the matrix.
  bool adjacent = false;
};

/// Writes features of key i to `out[i * stride + column]` as float64 (bool as 0 and 1); NaN where
/// the entity is unknown, not visible or the value null. Keys are taken in a rolling batch whose
/// memory is fetched ahead.
void lookup_matrix(const OnlineStore& store, const KeyBatch& keys, Visibility visibility,
                   const MatrixReads& reads, int64_t stride, double* out);

/// One column a slot with the values of its type, null where absent. `types` belong to the slots.
std::vector<Column> lookup_columns(const OnlineStore& store, const KeyBatch& keys,
                                   Visibility visibility, const std::vector<FeatureSlot>& slots,
                                   const std::vector<DataType>& types);

}  // namespace cne::feature

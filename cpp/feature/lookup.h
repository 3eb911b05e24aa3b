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

/// Writes feature number `features[j]` of key i to `out[i * stride + columns[j]]` as float64 (bool
/// as 0 and 1); NaN where the entity is unknown, not visible or the value null. None may be text.
/// Keys are taken in batches whose memory is fetched ahead. `layout` is the store's.
void lookup_matrix(const OnlineStore& store, const KeyBatch& keys, Visibility visibility,
                   const RowLayout& layout, const std::vector<uint32_t>& features,
                   const std::vector<int64_t>& columns, int64_t stride, double* out);

/// One column a slot with the values of its type, null where absent. `types` belong to the slots.
std::vector<Column> lookup_columns(const OnlineStore& store, const KeyBatch& keys,
                                   Visibility visibility, const std::vector<FeatureSlot>& slots,
                                   const std::vector<DataType>& types);

}  // namespace cne::feature

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/column.h"
#include "core/table.h"
#include "feature/feature_schema.h"
#include "feature/online_store.h"

namespace cne::feature {

/// Rows of a view in one form, whatever table they came from: what is logged, kept as history and
/// put online. Columns have exactly the types of the view's spec.
struct RowBlock {
  int64_t rows = 0;
  std::vector<Column> entities;
  Column event_time;  // int64 nanoseconds since 1970 UTC, no nulls
  Column created;     // the same
  std::vector<Column> features;

  RowBlock slice(int64_t start, int64_t length) const;
};

/// Rows of all parts in order; at least one part.
RowBlock concat_blocks(const std::vector<RowBlock>& parts);

/// The types of a view's entities as a first table has them. Throws NotFoundError or TypeError that
/// names the column.
std::vector<DataType> infer_entity_types(const ViewSpec& spec, const Table& table);

/// Picks the view's columns from a table by name and brings them into the types of the spec, which
/// must be typed. Other columns are ignored. Without `created` a row became known at its event
/// time. Throws NotFoundError for a missing column, TypeError for a wrong type, ArgumentError for a
/// null entity or time, all naming the column and the row.
RowBlock materialize(const ViewSpec& spec, const Table& table, const std::string& event_time,
                     const std::optional<std::string>& created);

/// Puts the rows into the online store, in order.
void put_online(const ViewSpec& spec, const RowBlock& block, OnlineStore& store);

}  // namespace cne::feature

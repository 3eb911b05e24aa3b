#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "frame/aggregate.h"

namespace cne::frame {

/// A table in pieces of fixed cut: `piece(i)` makes piece i, and may be called from any thread, at
/// most twice.
struct Pieces {
  int64_t count = 0;
  std::function<Table(int64_t)> piece;
};

struct NamedExpr {
  ExprPtr expr;
  std::string name;
};

/// One row for each distinct key, in the order of first appearance: the keys, then the aggregates.
/// Without keys one row. `schema` is that of the pieces.
///
/// The result is the same bit for bit for any number of threads. Few groups: neighbouring pieces
/// are aggregated apart and merged in order. Many groups: rows are spread by the hash of their key
/// over a fixed number of partitions, each of which one task aggregates in row order. Which of the
/// two is taken depends on the data alone.
Table group_by(const Pieces& pieces, const Schema& schema, const std::vector<NamedExpr>& keys,
               const std::vector<Aggregate>& aggregates);

}  // namespace cne::frame

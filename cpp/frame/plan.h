#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "frame/as_of_join.h"
#include "frame/group_by.h"

namespace cne::frame {

struct Plan;
using PlanPtr = std::shared_ptr<const Plan>;

/// Reads batches that hold at least the named columns.
using ReadBatches = std::function<std::vector<Table>(const std::vector<std::string>& columns)>;

struct ScanNode {
  std::string source;  // for explain
  ReadBatches read;
};
struct FilterNode {
  ExprPtr condition;
};
struct ProjectNode {
  std::vector<NamedExpr> columns;
};
struct AggregateNode {
  std::vector<NamedExpr> keys;
  std::vector<Aggregate> aggregates;
};
struct SortNode {
  std::vector<ExprPtr> keys;
  std::vector<bool> descending;
};
struct LimitNode {
  int64_t offset = 0;
  int64_t rows = 0;
};
struct AsOfJoinNode {
  std::string left_on;
  std::string right_on;
  std::vector<std::string> left_by;
  std::vector<std::string> right_by;
  AsOfStrategy strategy = AsOfStrategy::kBackward;
  /// A duration (for times) or a number; null: none.
  ExprPtr tolerance;
  bool allow_exact = true;
  std::string suffix = "_right";
};

/// A step of a query and what comes before it. A value that is never changed: queries share steps.
/// Made by the functions below, which check it against the schemas, so that a mistake is reported
/// where it is made and not when the query runs.
struct Plan {
  std::variant<ScanNode, FilterNode, ProjectNode, AggregateNode, SortNode, LimitNode, AsOfJoinNode>
      node;
  std::vector<PlanPtr> inputs;
  Schema schema;
  int32_t depth = 1;  // steps from here to the farthest scan, at most kMaxDepth
};

PlanPtr scan(std::string source, Schema schema, ReadBatches read);
/// Batches in memory; at least one.
PlanPtr scan(std::vector<Table> batches);
/// Throws TypeError when the condition is not a bool. All of these throw NotFoundError for an
/// unknown column, with the nearest name.
PlanPtr filter(PlanPtr input, ExprPtr condition);
/// Throws ArgumentError when two columns have one name, naming `function`.
PlanPtr project(PlanPtr input, std::vector<NamedExpr> columns, const char* function);
PlanPtr aggregate(PlanPtr input, std::vector<NamedExpr> keys, std::vector<Aggregate> aggregates);
PlanPtr sort(PlanPtr input, std::vector<ExprPtr> keys, std::vector<bool> descending);
/// Rows [offset, offset + rows).
PlanPtr limit(PlanPtr input, int64_t offset, int64_t rows);
/// All left columns, then the right ones but its keys and a time of the same name; a name that both
/// sides have gets the suffix.
PlanPtr join_as_of(PlanPtr left, PlanPtr right, AsOfJoinNode options);

/// The same query reading as few columns as it needs.
PlanPtr prune_columns(const PlanPtr& plan);

/// The steps, the last one first, each input indented below.
std::string explain(const Plan& plan);

/// The result in batches, in order; at least one, which may be empty. The same bit for bit for any
/// number of threads.
std::vector<Table> execute(const PlanPtr& plan);

}  // namespace cne::frame

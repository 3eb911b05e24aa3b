#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "frame/cast.h"
#include "frame/filter.h"
#include "frame/gather.h"
#include "frame/plan.h"
#include "frame/promote.h"
#include "frame/sort.h"

// Runs plans. Filters and projections work piece by piece, side by side; the other steps take all
// pieces of their input.

namespace cne::frame {

namespace {

constexpr int64_t kPieceRows = 1 << 16;
constexpr int64_t kSmallBatch = 1 << 13;

/// Cuts batches into pieces of at most kPieceRows rows. Where they are small on average they are
/// joined first. The cut depends on the batches alone.
std::vector<Table> cut(std::vector<Table> batches) {
  int64_t rows = 0;
  for (const Table& batch : batches) rows += batch.rows();
  if (batches.size() > 1 && rows / static_cast<int64_t>(batches.size()) < kSmallBatch)
    batches = {concat(batches, "collect")};
  std::vector<Table> out;
  for (const Table& batch : batches) {
    if (batch.rows() <= kPieceRows) {
      if (batch.rows() > 0) out.push_back(batch);
      continue;
    }
    for (int64_t at = 0; at < batch.rows(); at += kPieceRows)
      out.push_back(batch.slice(at, std::min(kPieceRows, batch.rows() - at)));
  }
  return out;
}

/// The same columns in the order of a schema.
Table pick(const Table& table, const Schema& schema) {
  if (schema.empty()) return Table::with_rows(table.rows());
  Table out;
  for (const Field& field : schema) out.add(field.name, table.at(field.name, "collect"));
  return out;
}

bool streams(const Plan& plan) {
  return std::holds_alternative<FilterNode>(plan.node) ||
         std::holds_alternative<ProjectNode>(plan.node);
}

/// Filters and projections over the pieces of the step below them.
struct Chain {
  std::vector<const Plan*> steps;  // the first to run first
  std::vector<Table> pieces;

  Table run(int64_t piece) const {
    Table table = pieces[static_cast<size_t>(piece)];
    for (const Plan* step : steps) {
      if (const auto* node = std::get_if<FilterNode>(&step->node)) {
        table = filter(table, evaluate(*node->condition, table, "filter"));
        continue;
      }
      const auto& columns = std::get<ProjectNode>(step->node).columns;
      Table out = Table::with_rows(table.rows());
      for (const NamedExpr& column : columns)
        out.add(column.name, evaluate(*column.expr, table, "select"));
      table = std::move(out);
    }
    return table;
  }
};

std::vector<Table> run(const Plan& plan);

Chain make_chain(const Plan& plan) {
  Chain chain;
  const Plan* at = &plan;
  for (; streams(*at); at = at->inputs[0].get()) chain.steps.push_back(at);
  std::reverse(chain.steps.begin(), chain.steps.end());
  chain.pieces = cut(run(*at));
  return chain;
}

std::vector<Table> run_chain(const Chain& chain) {
  if (chain.steps.empty()) return chain.pieces;
  std::vector<Table> out(chain.pieces.size());
  parallel_tasks(static_cast<int64_t>(out.size()),
                 [&](int64_t i, int) { out[static_cast<size_t>(i)] = chain.run(i); });
  std::erase_if(out, [](const Table& table) { return table.rows() == 0; });
  return out;
}

Table run_whole(const Plan& plan) {
  const std::vector<Table> parts = run_chain(make_chain(plan));
  return parts.empty() ? Table::empty(plan.schema) : concat(parts, "collect");
}

/// Rows [offset, offset + rows) of a chain's result; later pieces are not computed.
std::vector<Table> run_limit(const LimitNode& node, const Plan& input) {
  const Chain chain = make_chain(input);
  std::vector<Table> out;
  int64_t skip = node.offset;
  int64_t left = node.rows;
  for (size_t i = 0; i < chain.pieces.size() && left > 0; ++i) {
    const Table part = chain.run(static_cast<int64_t>(i));
    const int64_t from = std::min(skip, part.rows());
    const int64_t take = std::min(left, part.rows() - from);
    skip -= from;
    left -= take;
    if (take > 0) out.push_back(part.slice(from, take));
  }
  return out;
}

// The steps are not inlined into `run`, which calls itself for each step of a query: its frames
// would hold what all of them need.

[[gnu::noinline]] Table run_sort(const SortNode& node, const Plan& input) {
  const Table table = run_whole(input);
  std::vector<SortKey> keys;
  for (size_t i = 0; i < node.keys.size(); ++i)
    keys.push_back({evaluate(*node.keys[i], table, "sort"), node.descending[i]});
  const std::vector<int64_t> rows = sort_rows(keys, table.rows(), "sort");
  return gather(table, rows.data(), table.rows());
}

/// Times as the int64, uint64 or float64 that as_of_rows takes.
Column as_time(const Column& column) {
  const DType id = column.type().id;
  if (id == DType::kUInt64) return column;
  return cast(column, is_floating(id) ? DType::kFloat64 : DType::kInt64, true, "join_asof");
}

/// A column of keys in the type that both sides share. Of uint64 with a signed type it is uint64: a
/// negative key, which is in one side only, becomes null and meets nothing.
Column join_key(const Column& column, const DataType& other) {
  const DataType both = common_type({column.type()}, {other}, "join_asof");
  const bool mixed = both.id == DType::kFloat64 && is_integer(column.type().id) &&
                     is_integer(other.id);  // which float64 cannot tell apart beyond 2^53
  return cast(column, mixed ? DataType(DType::kUInt64) : both, !mixed, "join_asof");
}

/// A column of times in the type that both sides share. Of uint64 with a signed type it is int64,
/// and an ArgumentError says which value does not fit.
Column join_time(const Column& column, const DataType& other) {
  const DataType both = common_type({column.type()}, {other}, "join_asof");
  const bool mixed =
      both.id == DType::kFloat64 && is_integer(column.type().id) && is_integer(other.id);
  return as_time(cast(column, mixed ? DataType(DType::kInt64) : both, true, "join_asof"));
}

/// The tolerance in ticks of the times' unit; of dates in days.
AsOfTolerance tolerance_ticks(const Expr& tolerance, const DataType& on) {
  const Column value = evaluate(tolerance, Table::with_rows(1), "join_asof");
  if (is_floating(value.type().id)) {
    AsOfTolerance out;
    out.real = cast(value, DType::kFloat64, true, "join_asof").values<double>()[0];
    if (!(out.real >= 0))
      out.whole.reset();
    else if (out.real < 0x1p64)
      out.whole = static_cast<uint64_t>(out.real);
    return out;
  }
  __int128 whole = value.type().id == DType::kUInt64 ? __int128{value.values<uint64_t>()[0]}
                                                     : __int128{integer_at(value, 0)};
  if (value.type().id == DType::kDuration) {
    whole *= on.id == DType::kDate ? 1 : ticks_per_second(on.unit);
    whole /= ticks_per_second(value.type().unit) * (on.id == DType::kDate ? 86400 : 1);
  }
  AsOfTolerance out{static_cast<double>(whole), std::nullopt};
  constexpr auto kMost = std::numeric_limits<uint64_t>::max();
  if (integer_at(value, 0) >= 0 || value.type().id == DType::kUInt64)
    out.whole = whole > kMost ? kMost : static_cast<uint64_t>(whole);
  return out;
}

[[gnu::noinline]] Table run_join(const AsOfJoinNode& node, const Plan& plan) {
  const Table left = run_whole(*plan.inputs[0]);
  const Table right = run_whole(*plan.inputs[1]);
  std::vector<Column> left_by;
  std::vector<Column> right_by;
  for (size_t i = 0; i < node.left_by.size(); ++i) {
    const Column& a = left.at(node.left_by[i], "join_asof");
    const Column& b = right.at(node.right_by[i], "join_asof");
    left_by.push_back(join_key(a, b.type()));
    right_by.push_back(join_key(b, a.type()));
  }
  const Column& a = left.at(node.left_on, "join_asof");
  const Column& b = right.at(node.right_on, "join_asof");
  AsOfOptions options{node.strategy, {}, node.allow_exact};
  if (node.tolerance)
    options.tolerance =
        tolerance_ticks(*node.tolerance, common_type({a.type()}, {b.type()}, "join_asof"));
  const std::vector<int64_t> rows = as_of_rows(left_by, join_time(a, b.type()), right_by,
                                               join_time(b, a.type()), options, "join_asof");
  Table out = left;
  for (size_t c = 0, at = left.width(); at < plan.schema.size(); ++c) {
    const std::string& name = right.names()[c];
    const auto& by = node.right_by;
    if (std::find(by.begin(), by.end(), name) != by.end()) continue;
    if (name == node.right_on && node.right_on == node.left_on) continue;
    out.add(plan.schema[at++].name, gather(right.column(c), rows.data(), left.rows()));
  }
  return out;
}

[[gnu::noinline]] Table run_aggregate(const AggregateNode& node, const Plan& input) {
  const Chain chain = make_chain(input);
  const Pieces pieces{static_cast<int64_t>(chain.pieces.size()),
                      [&](int64_t i) { return chain.run(i); }};
  return group_by(pieces, input.schema, node.keys, node.aggregates);
}

[[gnu::noinline]] std::vector<Table> run_scan(const ScanNode& node, const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema) names.push_back(field.name);
  std::vector<Table> out;
  for (const Table& batch : node.read(names)) out.push_back(pick(batch, schema));
  return out;
}

std::vector<Table> run(const Plan& plan) {
  if (const auto* node = std::get_if<ScanNode>(&plan.node)) return run_scan(*node, plan.schema);
  const Plan& input = *plan.inputs[0];
  if (const auto* node = std::get_if<AggregateNode>(&plan.node))
    return {run_aggregate(*node, input)};
  if (const auto* node = std::get_if<SortNode>(&plan.node)) return {run_sort(*node, input)};
  if (const auto* node = std::get_if<LimitNode>(&plan.node)) return run_limit(*node, input);
  if (const auto* node = std::get_if<AsOfJoinNode>(&plan.node)) return {run_join(*node, plan)};
  return run_chain(make_chain(plan));
}

}  // namespace

std::vector<Table> execute(const PlanPtr& plan) {
  const PlanPtr pruned = prune_columns(plan);
  std::vector<Table> out;
  for (const Table& table : run(*pruned)) out.push_back(pick(table, plan->schema));
  if (out.empty()) out.push_back(Table::empty(plan->schema));
  return out;
}

}  // namespace cne::frame

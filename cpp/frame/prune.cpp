#include <algorithm>
#include <utility>

#include "frame/plan.h"

// Column pruning: each step is rebuilt to give only what the steps after it read.

namespace cne::frame {

namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add(Names& names, const std::string& name) {
  if (!has(names, name)) names.push_back(name);
}

Schema kept_fields(const Schema& schema, const Names& needed) {
  Schema out;
  for (const Field& field : schema)
    if (has(needed, field.name)) out.push_back(field);
  // A table without columns would not know its rows.
  if (out.empty() && !schema.empty()) out.push_back(schema[0]);
  return out;
}

PlanPtr prune(const PlanPtr& plan, Names needed);

struct Pruner {
  const Plan& plan;
  Names needed;

  PlanPtr rebuild(decltype(Plan::node) node, std::vector<PlanPtr> inputs, Schema schema) const {
    return std::make_shared<const Plan>(
        Plan{std::move(node), std::move(inputs), std::move(schema)});
  }

  PlanPtr operator()(const ScanNode& node) const {
    return rebuild(node, {}, kept_fields(plan.schema, needed));
  }
  PlanPtr operator()(const FilterNode& node) {
    referenced_columns(*node.condition, needed);
    PlanPtr input = prune(plan.inputs[0], needed);
    Schema schema = input->schema;
    return rebuild(node, {std::move(input)}, std::move(schema));
  }
  PlanPtr operator()(const ProjectNode& node) const {
    ProjectNode kept;
    Names below;
    Schema schema = kept_fields(plan.schema, needed);
    if (plan.schema.empty()) schema.clear();
    for (const NamedExpr& column : node.columns)
      if (std::any_of(schema.begin(), schema.end(),
                      [&](const Field& field) { return field.name == column.name; })) {
        kept.columns.push_back(column);
        referenced_columns(*column.expr, below);
      }
    return rebuild(std::move(kept), {prune(plan.inputs[0], std::move(below))}, std::move(schema));
  }
  PlanPtr operator()(const AggregateNode& node) const {
    Names below;
    for (const NamedExpr& key : node.keys) referenced_columns(*key.expr, below);
    for (const Aggregate& aggregate : node.aggregates)
      if (aggregate.input) referenced_columns(*aggregate.input, below);
    return rebuild(node, {prune(plan.inputs[0], std::move(below))}, plan.schema);
  }
  PlanPtr operator()(const SortNode& node) {
    for (const ExprPtr& key : node.keys) referenced_columns(*key, needed);
    PlanPtr input = prune(plan.inputs[0], needed);
    Schema schema = input->schema;
    return rebuild(node, {std::move(input)}, std::move(schema));
  }
  PlanPtr operator()(const LimitNode& node) const {
    PlanPtr input = prune(plan.inputs[0], needed);
    Schema schema = input->schema;
    return rebuild(node, {std::move(input)}, std::move(schema));
  }
  PlanPtr operator()(const AsOfJoinNode& node) const {
    // The suffix depends on which names both sides have, so a right column under another name keeps
    // its left namesake.
    Names left = node.left_by;
    add(left, node.left_on);
    Names right = node.right_by;
    add(right, node.right_on);
    for (const Field& field : plan.inputs[1]->schema) {
      if (has(needed, field.name)) add(right, field.name);
      if (!has(needed, field.name + node.suffix)) continue;
      add(right, field.name);
      for (const Field& other : plan.inputs[0]->schema)
        if (other.name == field.name) add(left, field.name);
    }
    for (const Field& field : plan.inputs[0]->schema)
      if (has(needed, field.name)) add(left, field.name);
    return join_as_of(prune(plan.inputs[0], std::move(left)),
                      prune(plan.inputs[1], std::move(right)), node);
  }
};

PlanPtr prune(const PlanPtr& plan, Names needed) {
  return std::visit(Pruner{*plan, std::move(needed)}, plan->node);
}

}  // namespace

PlanPtr prune_columns(const PlanPtr& plan) {
  Names needed;
  for (const Field& field : plan->schema) needed.push_back(field.name);
  return prune(plan, std::move(needed));
}

}  // namespace cne::frame

#include "frame/plan.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "frame/promote.h"

namespace cne::frame {

namespace {

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> out;
  for (const Field& field : schema) out.push_back(field.name);
  return out;
}

const Field& field_at(const Schema& schema, const std::string& name, const char* function) {
  for (const Field& field : schema)
    if (field.name == name) return field;
  throw NotFoundError(message(function, ": no column", describe_unknown(name, names_of(schema))));
}

void check_names(const Schema& schema, const char* function) {
  std::vector<std::string> names = names_of(schema);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw ArgumentError(
        message(function, ": two columns are named \"", *twice, "\"; rename one with .alias(...)"));
}

PlanPtr make(decltype(Plan::node) node, std::vector<PlanPtr> inputs, Schema schema) {
  int32_t depth = 1;
  for (const PlanPtr& input : inputs) depth = std::max(depth, input->depth + 1);
  if (depth > kMaxDepth)
    throw ArgumentError(message("frame: expected a query of at most ", kMaxDepth,
                                " steps; collect a part of it first"));
  return std::make_shared<const Plan>(
      Plan{std::move(node), std::move(inputs), std::move(schema), depth});
}

/// The type that both sides of a join are compared in; errors name the columns.
DataType joined_type(const Schema& left, const std::string& left_name, const Schema& right,
                     const std::string& right_name) {
  const Field& a = field_at(left, left_name, "join_asof");
  const Field& b = field_at(right, right_name, "join_asof");
  try {
    return common_type({a.type}, {b.type}, "join_asof");
  } catch (const TypeError&) {
    throw TypeError(message("join_asof: expected columns of one type, got ", to_string(a.type),
                            " in \"", left_name, "\" and ", to_string(b.type), " in \"", right_name,
                            "\" of the right side"));
  }
}

}  // namespace

PlanPtr scan(std::string source, Schema schema, ReadBatches read) {
  check_names(schema, "from_arrow");
  return make(ScanNode{std::move(source), std::move(read)}, {}, std::move(schema));
}

PlanPtr scan(std::vector<Table> batches) {
  Schema schema = batches.at(0).schema();
  const size_t count = batches.size();
  int64_t rows = 0;
  for (const Table& batch : batches) rows += batch.rows();
  std::string source =
      message("memory, ", rows, " rows in ", count, count == 1 ? " batch" : " batches");
  return scan(std::move(source), std::move(schema),
              [batches = std::move(batches)](const std::vector<std::string>&) { return batches; });
}

PlanPtr filter(PlanPtr input, ExprPtr condition) {
  const DataType type = infer_type(*condition, input->schema, "filter");
  if (type.id != DType::kBool)
    throw TypeError(message("filter: expected a condition of type bool, got ", to_string(type),
                            " in ", to_string(*condition)));
  Schema schema = input->schema;
  return make(FilterNode{std::move(condition)}, {std::move(input)}, std::move(schema));
}

PlanPtr project(PlanPtr input, std::vector<NamedExpr> columns, const char* function) {
  Schema schema;
  for (const NamedExpr& column : columns)
    schema.push_back({column.name, infer_type(*column.expr, input->schema, function)});
  check_names(schema, function);
  return make(ProjectNode{std::move(columns)}, {std::move(input)}, std::move(schema));
}

PlanPtr aggregate(PlanPtr input, std::vector<NamedExpr> keys, std::vector<Aggregate> aggregates) {
  Schema schema;
  for (const NamedExpr& key : keys) {
    const DataType type = infer_type(*key.expr, input->schema, "group_by");
    if (is_nested(type.id))
      throw TypeError(message("group_by: a key cannot be of type ", to_string(type)));
    schema.push_back({key.name, type});
  }
  const AggregateLayout layout(aggregates, input->schema, "agg");
  schema.insert(schema.end(), layout.schema().begin(), layout.schema().end());
  check_names(schema, "agg");
  return make(AggregateNode{std::move(keys), std::move(aggregates)}, {std::move(input)},
              std::move(schema));
}

PlanPtr sort(PlanPtr input, std::vector<ExprPtr> keys, std::vector<bool> descending) {
  if (keys.empty()) throw ArgumentError("sort: expected at least one column, got none");
  if (keys.size() != descending.size())
    throw ArgumentError(message("sort: expected a descending for each of ", keys.size(),
                                " columns, got ", descending.size()));
  for (const ExprPtr& key : keys) {
    const DataType type = infer_type(*key, input->schema, "sort");
    if (is_nested(type.id))
      throw TypeError(message("sort: values of type ", to_string(type), " have no order"));
  }
  Schema schema = input->schema;
  return make(SortNode{std::move(keys), std::move(descending)}, {std::move(input)},
              std::move(schema));
}

PlanPtr limit(PlanPtr input, int64_t offset, int64_t rows) {
  if (offset < 0 || rows < 0)
    throw ArgumentError(
        message("limit: expected numbers of at least 0, got ", offset < 0 ? offset : rows));
  Schema schema = input->schema;
  return make(LimitNode{offset, rows}, {std::move(input)}, std::move(schema));
}

PlanPtr join_as_of(PlanPtr left, PlanPtr right, AsOfJoinNode options) {
  if (options.left_by.size() != options.right_by.size())
    throw ArgumentError(message("join_asof: expected as many left as right keys, got ",
                                options.left_by.size(), " and ", options.right_by.size()));
  for (size_t i = 0; i < options.left_by.size(); ++i) {
    const DataType type =
        joined_type(left->schema, options.left_by[i], right->schema, options.right_by[i]);
    if (is_nested(type.id))
      throw TypeError(message("join_asof: a key cannot be of type ", to_string(type)));
  }
  const DataType on = joined_type(left->schema, options.left_on, right->schema, options.right_on);
  if (!is_numeric(on.id) && !is_temporal(on.id))
    throw TypeError(message("join_asof: expected times or numbers in \"", options.left_on,
                            "\", got ", to_string(on)));
  if (options.tolerance) {
    const DataType type = infer_type(*options.tolerance, {}, "join_asof");
    const bool span = type.id == DType::kDuration;
    if (span != is_temporal(on.id) || (!span && !is_numeric(type.id)))
      throw TypeError(message("join_asof: expected a tolerance that is ",
                              is_temporal(on.id) ? "a duration such as \"10m\"" : "a number",
                              ", got ", to_string(type)));
  }
  Schema schema = left->schema;
  for (const Field& field : right->schema) {
    const auto& by = options.right_by;
    if (std::find(by.begin(), by.end(), field.name) != by.end()) continue;
    if (field.name == options.right_on && options.right_on == options.left_on) continue;
    Field out = field;
    for (const Field& other : left->schema)
      if (other.name == field.name) out.name = field.name + options.suffix;
    schema.push_back(std::move(out));
  }
  check_names(schema, "join_asof");
  return make(std::move(options), {std::move(left), std::move(right)}, std::move(schema));
}

namespace {

std::string list_columns(const std::vector<NamedExpr>& columns) {
  std::string out;
  for (const NamedExpr& column : columns) {
    if (!out.empty()) out += ", ";
    const std::string text = to_string(*column.expr);
    const bool plain = column.expr->op == ExprOp::kColumn && column.expr->name == column.name;
    out += plain ? column.name : message(text, " as ", column.name);
  }
  return out;
}

struct Describe {
  const Plan& plan;

  std::string operator()(const ScanNode& node) const {
    std::vector<NamedExpr> columns;
    for (const Field& field : plan.schema) columns.push_back({column(field.name), field.name});
    return message("scan ", node.source, ": ", list_columns(columns));
  }
  std::string operator()(const FilterNode& node) const {
    return "filter " + to_string(*node.condition);
  }
  std::string operator()(const ProjectNode& node) const {
    return "select " + list_columns(node.columns);
  }
  std::string operator()(const AggregateNode& node) const {
    std::string out = message("group by ", list_columns(node.keys), ": ");
    for (size_t i = 0; i < node.aggregates.size(); ++i)
      out += message(i ? ", " : "", to_string(node.aggregates[i]), " as ", node.aggregates[i].name);
    return out;
  }
  std::string operator()(const SortNode& node) const {
    std::string out = "sort by ";
    for (size_t i = 0; i < node.keys.size(); ++i)
      out +=
          message(i ? ", " : "", to_string(*node.keys[i]), node.descending[i] ? " descending" : "");
    return out;
  }
  std::string operator()(const LimitNode& node) const {
    return message("limit ", node.rows, node.offset ? message(" from row ", node.offset) : "");
  }
  std::string operator()(const AsOfJoinNode& node) const {
    const char* names[] = {"backward", "forward", "nearest"};
    std::string out = message("as-of join ", names[static_cast<int>(node.strategy)], " on ",
                              node.left_on, " = ", node.right_on);
    for (size_t i = 0; i < node.left_by.size(); ++i)
      out += message(", ", node.left_by[i], " = ", node.right_by[i]);
    if (node.tolerance) out += ", tolerance " + to_string(*node.tolerance);
    return out;
  }
};

/// One step. Apart from the recursion, whose frames it would make large.
[[gnu::noinline]] void append_step(const Plan& plan, size_t depth, std::string& out) {
  out += std::string(2 * depth, ' ') + std::visit(Describe{plan}, plan.node) + "\n";
}

void append_plan(const Plan& plan, size_t depth, std::string& out) {
  append_step(plan, depth, out);
  for (const PlanPtr& input : plan.inputs) append_plan(*input, depth + 1, out);
}

}  // namespace

std::string explain(const Plan& plan) {
  std::string out;
  append_plan(plan, 0, out);
  out.pop_back();
  return out;
}

}  // namespace cne::frame

#include <nanobind/stl/pair.h>

#include <memory>
#include <utility>

#include "bind/bind.h"
#include "bind/bind_frame.h"
#include "core/error.h"
#include "frame/plan.h"

namespace cne::bind {

using frame::Aggregate;
using frame::Expr;
using frame::NamedExpr;
using frame::PlanPtr;

namespace {

/// A query in Python: a plan under a name that nanobind can hold.
struct Query {
  PlanPtr plan;
};

using Pairs = std::vector<std::pair<Expr, std::string>>;

std::vector<NamedExpr> named(const Pairs& pairs) {
  std::vector<NamedExpr> out;
  out.reserve(pairs.size());
  for (const auto& [expr, name] : pairs) out.push_back({std::make_shared<const Expr>(expr), name});
  return out;
}

Query scan_callable(const std::string& source, nb::handle schema, nb::handle read) {
  Schema fields = to_schema(schema, "read_parquet");
  auto held = hold(nb::borrow(read));
  return {frame::scan(source, std::move(fields), [held](const std::vector<std::string>& columns) {
    const HoldInterpreter locked;
    return to_batches((*held)(columns), "read_parquet");
  })};
}

frame::AsOfStrategy parse_strategy(const std::string& name) {
  if (name == "backward") return frame::AsOfStrategy::kBackward;
  if (name == "forward") return frame::AsOfStrategy::kForward;
  if (name == "nearest") return frame::AsOfStrategy::kNearest;
  throw ArgumentError(message(
      "join_asof: expected strategy \"backward\", \"forward\" or \"nearest\", got \"", name, "\""));
}

Query join_as_of(const Query& left, const Query& right, std::pair<std::string, std::string> on,
                 std::pair<std::vector<std::string>, std::vector<std::string>> by,
                 const std::string& strategy, std::optional<Expr> tolerance, bool allow_exact,
                 std::string suffix) {
  frame::AsOfJoinNode node;
  node.left_on = std::move(on.first);
  node.right_on = std::move(on.second);
  node.left_by = std::move(by.first);
  node.right_by = std::move(by.second);
  node.strategy = parse_strategy(strategy);
  if (tolerance) node.tolerance = std::make_shared<const Expr>(std::move(*tolerance));
  node.allow_exact = allow_exact;
  node.suffix = std::move(suffix);
  return {frame::join_as_of(left.plan, right.plan, std::move(node))};
}

Query sort(const Query& self, const std::vector<Expr>& keys, std::vector<bool> descending) {
  std::vector<frame::ExprPtr> shared;
  for (const Expr& key : keys) shared.push_back(std::make_shared<const Expr>(key));
  return {frame::sort(self.plan, std::move(shared), std::move(descending))};
}

}  // namespace

void bind_plans(nb::module_& m) {
  nb::class_<Query>(m, "Query", "A lazy query.")
      .def_prop_ro("columns",
                   [](const Query& self) {
                     std::vector<std::string> out;
                     for (const Field& field : self.plan->schema) out.push_back(field.name);
                     return out;
                   })
      .def("empty", [](const Query& self) { return Table::empty(self.plan->schema); })
      .def("filter",
           [](const Query& self, const Expr& condition) {
             return Query{frame::filter(self.plan, std::make_shared<const Expr>(condition))};
           })
      .def("project",
           [](const Query& self, const Pairs& columns, const std::string& function) {
             return Query{frame::project(self.plan, named(columns), function.c_str())};
           })
      .def("aggregate",
           [](const Query& self, const Pairs& keys, std::vector<Aggregate> aggregates) {
             return Query{frame::aggregate(self.plan, named(keys), std::move(aggregates))};
           })
      .def("sort", sort)
      .def("limit", [](const Query& self, int64_t offset,
                       int64_t rows) { return Query{frame::limit(self.plan, offset, rows)}; })
      .def("join_asof", join_as_of, nb::arg("right"), nb::arg("on"), nb::arg("by"),
           nb::arg("strategy"), nb::arg("tolerance").none(), nb::arg("allow_exact"),
           nb::arg("suffix"))
      .def("explain", [](const Query& self) { return explain(*prune_columns(self.plan)); })
      .def("collect", [](const Query& self) { return frame::execute(self.plan); }, Unlocked());
  m.def(
      "scan",
      [](nb::handle object) { return Query{frame::scan(to_batches(object, "from_arrow"))}; },
      nb::arg("object").none());
  m.def("scan_callable", scan_callable);
}

}  // namespace cne::bind

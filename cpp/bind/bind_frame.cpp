#include "bind/bind_frame.h"

#include <utility>

#include "bind/bind.h"
#include "core/error.h"
#include "frame/aggregate.h"
#include "frame/expr.h"
#include "frame/time_zone.h"

namespace cne::bind {

using frame::Aggregate;
using frame::Expr;
using frame::ExprPtr;

namespace {

/// Nodes are values; a copy shares what lies below.
ExprPtr share(const Expr& expr) { return std::make_shared<const Expr>(expr); }

std::vector<ExprPtr> share_all(const std::vector<Expr>& exprs) {
  std::vector<ExprPtr> out;
  out.reserve(exprs.size());
  for (const Expr& expr : exprs) out.push_back(share(expr));
  return out;
}

void bind_expressions(nb::module_& m) {
  nb::class_<Expr>(m, "Expr", "A node of an expression.")
      .def("__repr__", [](const Expr& self) { return to_string(self); })
      .def("columns",
           [](const Expr& self) {
             std::vector<std::string> out;
             referenced_columns(self, out);
             return out;
           })
      .def("type", [](const Expr& self, nb::handle schema, const std::string& function) {
        return to_string(
            frame::infer_type(self, to_schema(schema, function.c_str()), function.c_str()));
      });
  m.def("column", [](const std::string& name) { return *frame::column(name); });
  m.def("literal", [](bool value) { return *frame::literal(value); }, nb::arg().noconvert());
  m.def("literal", [](int64_t value) { return *frame::literal(value); }, nb::arg().noconvert());
  m.def("literal", [](double value) { return *frame::literal(value); }, nb::arg().noconvert());
  m.def("literal", [](const std::string& value) { return *frame::literal(value); });
  m.def("literal_null",
        [] { return *frame::literal(Column::nulls(DType::kInt64, 1), /*weak=*/true); });
  m.def("literal_array", [](nb::handle table, bool weak) {
    return *frame::literal(to_table(table, "lit").column(0), weak);
  });
  m.def("cast", [](const Expr& input, const std::string& type, bool strict) {
    return *frame::cast(share(input), parse_type(type, "cast"), strict);
  });
  m.def(
      "apply",
      [](const std::string& op, const std::vector<Expr>& inputs, const std::string& name) {
        return *frame::apply(frame::parse_op(op), share_all(inputs), name);
      },
      nb::arg("op"), nb::arg("inputs"), nb::arg("name") = "");
  m.def(
      "evaluate",
      [](const Expr& expr, const Table& table) {
        return Table({"value"}, {evaluate(expr, table)});
      },
      Unlocked());
}

void bind_aggregates(nb::module_& m) {
  nb::class_<Aggregate>(m, "Aggregate", "An aggregate over an expression, or a count of rows.")
      .def(
          "__init__",
          [](Aggregate* self, const std::string& kind, std::optional<Expr> input,
             const std::string& name) {
            new (self)
                Aggregate{frame::parse_aggregate(kind), input ? share(*input) : nullptr, name};
          },
          nb::arg("kind"), nb::arg("input").none(), nb::arg("name"))
      .def_ro("name", &Aggregate::name)
      .def_prop_ro("kind", [](const Aggregate& self) { return to_string(self.kind); })
      .def("renamed",
           [](const Aggregate& self, const std::string& name) {
             Aggregate out = self;
             out.name = name;
             return out;
           })
      .def("__repr__", [](const Aggregate& self) { return to_string(self); });
}

}  // namespace

void bind_frame(nb::module_& m) {
  bind_expressions(m);
  bind_aggregates(m);
  bind_plans(m);
  m.def("set_zone_folders", &frame::set_zone_folders);
}

}  // namespace cne::bind

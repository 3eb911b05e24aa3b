#include "bind/bind_feature.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>

#include <algorithm>
#include <memory>

#include "bind/bind_feature_entities.h"
#include "bind/bind_feature_matrix.h"
#include "core/error.h"
#include "feature/feature_store.h"

namespace cne::bind {

namespace {

using feature::FeatureStore;
using feature::ViewSpec;

/// A store as Python holds it, with the plans of the last few lists of refs.
struct BoundStore {
  std::shared_ptr<FeatureStore> store;

  struct Entry {
    std::vector<nb::object> refs;  // compared by identity: literals and reused lists are the same
    std::shared_ptr<BoundPlan> plan;
  };
  std::vector<Entry> recent;

  std::shared_ptr<BoundPlan> prepare(nb::handle refs, const char* function) {
    const std::vector<std::string> names = to_names(refs, function);
    auto plan = std::make_shared<BoundPlan>(BoundPlan{store, store->plan(names, function), {}});
    if (plan->plan.parts().size() == 1 && plan->plan.entities().size() == 1)
      plan->entity = nb::str(plan->plan.entities()[0].c_str());
    return plan;
  }

  std::shared_ptr<BoundPlan> recall(nb::handle refs, const char* function) {
    if (store->closed()) throw StateError(message(function, ": the store is closed"));
    const bool plain = PyList_CheckExact(refs.ptr()) || PyTuple_CheckExact(refs.ptr());
    if (!plain) return prepare(refs, function);
    PyObject** items = PySequence_Fast_ITEMS(refs.ptr());
    const auto size = static_cast<size_t>(PySequence_Fast_GET_SIZE(refs.ptr()));
    for (const Entry& entry : recent) {
      const auto same = [](PyObject* a, const nb::object& b) { return a == b.ptr(); };
      if (entry.refs.size() == size && std::equal(items, items + size, entry.refs.begin(), same) &&
          alive(*entry.plan))
        return entry.plan;
    }
    Entry entry{{}, prepare(refs, function)};
    for (size_t i = 0; i < size; ++i) entry.refs.push_back(nb::borrow(items[i]));
    if (recent.size() == 8) recent.erase(recent.begin());
    recent.push_back(entry);
    return entry.plan;
  }

 private:
  static bool alive(const BoundPlan& bound) {
    for (const auto& part : bound.plan.parts())
      if (part.view->dropped()) return false;
    return true;
  }
  static std::vector<std::string> to_names(nb::handle refs, const char* function) {
    try {
      if (!PyUnicode_Check(refs.ptr())) return nb::cast<std::vector<std::string>>(refs);
    } catch (const nb::cast_error&) {  // said below
    }
    throw TypeError(message(function, ": expected a list of \"view:feature\" names, got ",
                            nb::cast<std::string>(nb::repr(refs))));
  }
};

nb::dict describe(const ViewSpec& spec) {
  nb::dict out, schema;
  for (const Field& field : spec.features) schema[field.name.c_str()] = to_string(field.type);
  nb::object types = nb::none();
  if (spec.typed()) {
    nb::list names;
    for (const DataType& type : spec.entity_types) names.append(to_string(type));
    types = names;
  }
  out["entities"] = spec.entities;
  out["entity_types"] = types;
  out["schema"] = schema;
  out["ttl_ns"] = spec.ttl_ns == 0 ? nb::object(nb::none()) : nb::cast(spec.ttl_ns);
  out["history"] = spec.history;
  return out;
}

/// The store's lock may be held for as long as a write takes, which others need the interpreter
/// for.
std::vector<ViewSpec> views_of(const feature::FeatureStore& store) {
  const ReleaseInterpreter unlocked;
  return store.views();
}

/// The columns of a written table that the view takes; the others may be of any type.
std::function<bool(std::string_view)> needed_by(const feature::FeatureStore& store,
                                                const std::string& view,
                                                const std::string& event_time,
                                                const std::optional<std::string>& created) {
  std::vector<std::string> names{event_time};
  if (created) names.push_back(*created);
  for (const ViewSpec& spec : views_of(store)) {
    if (spec.name != view) continue;
    names.insert(names.end(), spec.entities.begin(), spec.entities.end());
    for (const Field& field : spec.features) names.push_back(field.name);
  }
  return [names = std::move(names)](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
}

void bind_plan(nb::module_& m) {
  nb::class_<BoundPlan>(m, "Plan")
      .def("matrix", &matrix_of, nb::arg("entities"), nb::arg("at_ns").none(),
           nb::arg("out").none())
      .def(
          "table",
          [](const BoundPlan& self, nb::handle entities, std::optional<int64_t> at_ns) {
            const Table table = to_entities(entities, self.plan.entities(), "lookup");
            const ReleaseInterpreter unlocked;
            return self.plan.table(table, now_or(at_ns));
          },
          nb::arg("entities"), nb::arg("at_ns").none());
  nb::class_<FeatureSink>(m, "Sink").def("__call__", [](const FeatureSink& self, nb::handle table) {
    const Table rows = to_table(table, "sink");
    const ReleaseInterpreter unlocked;
    self.write(rows);
  });
}

void bind_reads(nb::class_<BoundStore>& store) {
  store
      .def(
          "matrix",
          [](BoundStore& self, nb::handle refs, nb::handle entities, std::optional<int64_t> at_ns,
             nb::handle out) {
            return matrix_of(*self.recall(refs, "lookup_matrix"), entities, at_ns, out);
          },
          nb::arg("refs"), nb::arg("entities"), nb::arg("at_ns").none(), nb::arg("out").none())
      .def(
          "table",
          [](BoundStore& self, nb::handle refs, nb::handle entities, std::optional<int64_t> at_ns) {
            const std::shared_ptr<BoundPlan> bound = self.recall(refs, "lookup");
            const Table table = to_entities(entities, bound->plan.entities(), "lookup");
            const ReleaseInterpreter unlocked;
            return bound->plan.table(table, now_or(at_ns));
          },
          nb::arg("refs"), nb::arg("entities"), nb::arg("at_ns").none())
      .def("prepare",
           [](BoundStore& self, nb::handle refs) { return self.prepare(refs, "prepare"); })
      .def("history", [](BoundStore& self, nb::handle refs, nb::handle entities,
                         const std::string& event_time) {
        const std::shared_ptr<BoundPlan> bound = self.recall(refs, "history");
        const Table table = to_table(entities, "history");
        const ReleaseInterpreter unlocked;
        return self.store->history(bound->plan, table, event_time);
      });
}

}  // namespace

void bind_feature(nb::module_& m) {
  bind_plan(m);
  nb::class_<BoundStore> store(m, "Store");
  bind_reads(store);
  store
      .def("create_view",
           [](BoundStore& self, std::string name, std::vector<std::string> entities,
              nb::handle schema, int64_t ttl_ns, bool history, bool exist_ok) {
             const Schema fields = to_schema(schema, "create_view");
             const ReleaseInterpreter unlocked;
             self.store->create_view(feature::make_view_spec(std::move(name), std::move(entities),
                                                             fields, ttl_ns, history),
                                     exist_ok);
           })
      .def(
          "drop_view",
          [](BoundStore& self, const std::string& name) { self.store->drop_view(name); },
          Unlocked())
      .def("views",
           [](BoundStore& self) {
             nb::dict out;
             for (const ViewSpec& spec : views_of(*self.store))
               out[spec.name.c_str()] = describe(spec);
             return out;
           })
      .def(
          "counts",
          [](BoundStore& self, const std::string& view) { return self.store->counts(view); },
          Unlocked())
      .def(
          "write",
          [](BoundStore& self, const std::string& view, nb::handle table,
             const std::string& event_time, const std::optional<std::string>& created) {
            const Table rows =
                to_table(table, "write", {{}, needed_by(*self.store, view, event_time, created)});
            const ReleaseInterpreter unlocked;
            return self.store->write(view, rows, event_time, created);
          },
          nb::arg("view"), nb::arg("table"), nb::arg("event_time"), nb::arg("created").none())
      .def(
          "sink",
          [](BoundStore& self, const std::string& view, const std::string& event_time,
             const std::optional<std::string>& created) {
            return FeatureSink{self.store->sink(view, event_time, created),
                               [store = self.store] { store->sync(); }};
          },
          nb::arg("view"), nb::arg("event_time"), nb::arg("created").none())
      .def(
          "sync", [](BoundStore& self) { self.store->sync(); }, Unlocked())
      .def(
          "compact", [](BoundStore& self) { self.store->compact(); }, Unlocked())
      .def(
          "close", [](BoundStore& self) { self.store->close(); }, Unlocked())
      .def_prop_ro("closed", [](BoundStore& self) { return self.store->closed(); })
      .def_prop_ro("recovered_bytes",
                   [](BoundStore& self) { return self.store->recovered_bytes(); });
  m.def(
      "open",
      [](const std::string& path, const std::string& fsync, int64_t fsync_interval_ms,
         bool read_only, int64_t compact_bytes, bool repair) {
        return BoundStore{
            FeatureStore::open({path, fsync, fsync_interval_ms, read_only, compact_bytes, repair}),
            {}};
      },
      nb::arg("path"), nb::arg("fsync"), nb::arg("fsync_interval_ms"), nb::arg("read_only"),
      nb::arg("compact_bytes"), nb::arg("repair"), Unlocked());
}

}  // namespace cne::bind

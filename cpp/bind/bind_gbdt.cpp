#include "bind/bind_gbdt.h"

#include <algorithm>
#include <utility>

#include "bind/bind_gbdt_communicator.h"
#include "core/error.h"
#include "gbdt/booster.h"
#include "gbdt/device_predict.h"
#include "gbdt/device_rounds.h"
#include "gbdt/importance.h"
#include "gbdt/model_file.h"
#include "gbdt/staged.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

nb::object bind_predict(const Booster& booster, nb::handle x, bool raw_score, int trees,
                        const std::string& device) {
  TrainOptions where;
  set_device(device, "predict", where);
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(x, &levels, "predict");
  const auto rows = static_cast<size_t>(matrix.rows);
  const auto outputs = static_cast<size_t>(booster.outputs());
  std::vector<double> out(rows * outputs);
  {
    const ReleaseInterpreter unlocked;
    if (DeviceRounds::wanted(where))
      predict_on_device(booster, where.device, matrix, raw_score, trees, out.data());
    else
      booster.predict(matrix, raw_score, trees, out.data());
  }
  return outputs == 1 ? to_numpy(std::move(out), {rows})
                      : to_numpy(std::move(out), {rows, outputs});
}

/// A row that is no vector of numbers, such as a list or a table of one row, as float64.
std::vector<double> read_row(const Booster& booster, nb::handle given) {
  const nb::object rows =
      nb::module_::import_("cnengine.gbdt.inputs").attr("to_row")(given, "predict_row");
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(rows, &levels, "predict_row");
  if (matrix.rows != 1)
    throw ShapeError(message("predict_row: expected one row, got ", matrix.rows));
  std::vector<double> out;
  for (const FeatureColumn& column : matrix.columns) out.push_back(column[0]);
  return out;
}

nb::object bind_predict_row(const Booster& booster, nb::handle given, bool raw_score) {
  Vector vector;  // of float64, or what NumPy makes one of
  std::vector<double> other;
  const double* row = nullptr;
  size_t width = 0;
  if (nb::try_cast(given, vector)) {
    row = vector.data();
    width = vector.shape(0);
  } else {
    other = read_row(booster, given);
    row = other.data();
    width = other.size();
  }
  if (static_cast<int64_t>(width) != booster.width())
    throw ShapeError(message("predict_row: X has ", width,
                             " features, but the model was trained on ", booster.width(),
                             " features"));
  if (booster.outputs() == 1) {
    double out = 0;
    booster.predict_row(row, raw_score, &out);
    return nb::float_(out);
  }
  std::vector<double> out(static_cast<size_t>(booster.outputs()));
  booster.predict_row(row, raw_score, out.data());
  const size_t outputs = out.size();
  return to_numpy(std::move(out), {outputs});
}

/// An iterator: the predictions after each round.
struct Staged {
  StagedScores scores;
  size_t outputs;
  bool raw_score;
};

Staged bind_staged(const Booster& booster, nb::handle x, bool raw_score) {
  const std::vector<Levels> levels = booster.levels();
  return {StagedScores(booster, to_matrix(x, &levels, "staged_predict"), "staged_predict"),
          static_cast<size_t>(booster.outputs()), raw_score};
}

nb::object bind_next(Staged& self) {
  const auto rows = static_cast<size_t>(self.scores.rows());
  std::vector<double> out(rows * self.outputs);
  bool more = false;
  {
    const ReleaseInterpreter unlocked;
    more = self.scores.next();
    if (more) self.scores.predict(self.raw_score, out.data());
  }
  if (!more) throw nb::stop_iteration();
  return self.outputs == 1 ? to_numpy(std::move(out), {rows})
                           : to_numpy(std::move(out), {rows, self.outputs});
}

/// The model with other attributes.
Booster bind_with_attributes(const Booster& booster, std::string attributes) {
  Model model = booster.model();
  model.attributes = std::move(attributes);
  return Booster(std::move(model), "with_attributes");
}

nb::object bind_predict_leaves(const Booster& booster, nb::handle x) {
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(x, &levels, "predict_leaves");
  const size_t trees = booster.model().trees.size();
  const auto rows = static_cast<size_t>(matrix.rows);
  std::vector<int32_t> out(rows * trees);
  {
    const ReleaseInterpreter unlocked;
    booster.predict_leaves(matrix, out.data());
  }
  return to_numpy(std::move(out), {rows, trees});
}

nb::object bind_importance(const Booster& booster, const std::string& kind) {
  std::vector<double> out =
      importance_of(booster.model(), find_importance(kind, "feature_importance"));
  const size_t width = out.size();
  return to_numpy(std::move(out), {width});
}

nb::bytes bind_to_bytes(const Booster& booster) {
  const std::string bytes = serialize(booster.model());
  return nb::bytes(bytes.data(), bytes.size());
}

}  // namespace

void bind_gbdt(nb::module_& m) {
  nb::class_<Booster> booster(m, "Booster");
  nb::class_<Staged>(booster, "Staged")
      .def("__iter__", [](nb::handle self) { return nb::borrow(self); })
      .def("__next__", bind_next);
  booster
      .def("predict", bind_predict, nb::arg("x"), nb::arg("raw_score") = false,
           nb::arg("trees") = -1, nb::arg("device") = "cpu")
      .def("predict_row", bind_predict_row, nb::arg("row").none(), nb::arg("raw_score") = false)
      .def("predict_leaves", bind_predict_leaves, nb::arg("x"))
      .def("importance", bind_importance, nb::arg("kind"))
      .def("gain_importance", [](const Booster& b) { return bind_importance(b, "total_gain"); })
      .def("split_importance",
           [](const Booster& b) {
             const std::vector<double> counts = importance_of(b.model(), Importance::kSplit);
             const size_t width = counts.size();
             return to_numpy(std::vector<int64_t>(counts.begin(), counts.end()), {width});
           })
      .def("to_bytes", bind_to_bytes)
      .def("take_rounds",
           [](const Booster& b, const std::vector<int64_t>& rounds) {
             return Booster(take_rounds(b.model(), rounds, "take_rounds"), "take_rounds");
           })
      .def("with_attributes", bind_with_attributes, nb::arg("attributes"))
      .def("staged", bind_staged, nb::arg("x"), nb::arg("raw_score") = false,
           nb::keep_alive<0, 1>())
      .def(
          "save", [](const Booster& b, const std::string& path) { save_model(b.model(), path); },
          Unlocked())
      .def("categories", [](const Booster& b) { return to_categories(b.model().features); })
      .def_prop_ro("feature_names", [](const Booster& b) { return names_of(b.model().features); })
      .def_prop_ro("width", &Booster::width)
      .def_prop_ro("num_trees", [](const Booster& b) { return b.model().trees.size(); })
      .def_prop_ro("trees_per_round", [](const Booster& b) { return trees_per_round(b.model()); })
      .def_prop_ro("base_scores", [](const Booster& b) { return b.model().base_scores; })
      .def_prop_ro("outputs", &Booster::outputs)
      .def_prop_ro("attributes", [](const Booster& b) { return b.model().attributes; })
      .def_prop_ro("objective",
                   [](const Booster& b) { return objective_name(b.model().objective.kind); });
  bind_gbdt_explain(booster);
  bind_gbdt_binned(m);
  bind_gbdt_communicator(m);
  bind_gbdt_train(m);
  bind_gbdt_loss(m);
  bind_gbdt_files(m);
  m.def("from_bytes", [](const nb::bytes& bytes) {
    return Booster(deserialize({bytes.c_str(), bytes.size()}, "from_bytes"), "from_bytes");
  });
  m.def(
      "load", [](const std::string& path) { return Booster(load_model(path), "load_model"); },
      Unlocked());
}

}  // namespace cne::bind

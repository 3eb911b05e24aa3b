#include "bind/bind_gbdt.h"
#include "gbdt/device_rounds.h"
#include "gbdt/device_shap.h"
#include "gbdt/model_dump.h"
#include "gbdt/scorer.h"
#include "gbdt/shap.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

nb::object bind_contributions(const Booster& booster, nb::handle x, int trees,
                              const std::string& device) {
  TrainOptions where;
  set_device(device, "predict_contributions", where);
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(x, &levels, "predict_contributions");
  booster.check_width(matrix, "predict_contributions");
  const auto rows = static_cast<size_t>(matrix.rows);
  const auto outputs = static_cast<size_t>(booster.outputs());
  const auto width = static_cast<size_t>(booster.width()) + 1;
  std::vector<double> out(rows * outputs * width);
  {
    const ReleaseInterpreter unlocked;
    if (DeviceRounds::wanted(where))
      contributions_on_device(booster, where.device, matrix, trees, out.data());
    else
      predict_contributions(booster, matrix, trees, out.data());
  }
  return outputs == 1 ? to_numpy(std::move(out), {rows, width})
                      : to_numpy(std::move(out), {rows, outputs, width});
}

nb::object bind_interactions(const Booster& booster, nb::handle x, int trees) {
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(x, &levels, "predict_interactions");
  booster.check_width(matrix, "predict_interactions");
  const auto rows = static_cast<size_t>(matrix.rows);
  const auto outputs = static_cast<size_t>(booster.outputs());
  const auto width = static_cast<size_t>(booster.width()) + 1;
  std::vector<double> out(rows * outputs * width * width);
  {
    const ReleaseInterpreter unlocked;
    predict_interactions(booster, matrix, trees, out.data());
  }
  return outputs == 1 ? to_numpy(std::move(out), {rows, width, width})
                      : to_numpy(std::move(out), {rows, outputs, width, width});
}

nb::object bind_category_set(const Tree& tree, const TreeNode& node) {
  if (node.category_set < 0) return nb::none();
  const CategorySet& set = tree.category_sets[node.category_set];
  nb::list out;
  for (size_t c = 0; c < 64 * set.size(); ++c)
    if (contains(set, static_cast<int64_t>(c))) out.append(c);
  return out;
}

/// (nodes, leaf values) of each tree.
nb::list bind_trees(const Booster& booster) {
  nb::list out;
  for (const Tree& tree : booster.model().trees) {
    nb::list nodes;
    for (const TreeNode& node : tree.nodes) {
      nb::dict entry;
      entry["feature"] = node.feature;
      entry["threshold"] = node.threshold;
      entry["left"] = node.left;
      entry["right"] = node.right;
      entry["missing_left"] = node.missing_left;
      entry["unknown_left"] = node.unknown_left;
      entry["gain"] = node.gain;
      entry["value"] = node.value;
      entry["weight"] = node.weight;
      entry["rows"] = node.rows;
      entry["categories_left"] = bind_category_set(tree, node);
      nodes.append(entry);
    }
    out.append(nb::make_tuple(nodes, tree.leaf_values));
  }
  return out;
}

/// What trees() leaves out, by tree.
nb::list bind_leaves(const Booster& booster) {
  nb::list out;
  for (const Tree& tree : booster.model().trees) {
    nb::dict entry;
    entry["output"] = tree.output;
    entry["width"] = tree.width;
    entry["values"] = tree.leaf_values;
    entry["weights"] = tree.leaf_weights;
    entry["rows"] = tree.leaf_rows;
    entry["linear"] = !tree.linear.empty();
    out.append(entry);
  }
  return out;
}

struct Scorer {
  std::function<Table(const Table&)> score;
};

Scorer bind_scorer(const Booster& booster, std::vector<std::string> columns, std::string name,
                   bool raw_score) {
  return {make_scorer(booster, {std::move(columns), std::move(name), raw_score})};
}

Table bind_score(const Scorer& scorer, nb::handle data) {
  const Table table = to_table(data, "scorer");
  const ReleaseInterpreter unlocked;
  return scorer.score(table);
}

}  // namespace

void bind_gbdt_explain(nb::class_<Booster>& booster) {
  nb::class_<Scorer>(booster, "Scorer").def("__call__", bind_score, nb::arg("data"));
  booster
      .def("scorer", bind_scorer, nb::arg("columns") = std::vector<std::string>{},
           nb::arg("name") = "prediction", nb::arg("raw_score") = false, nb::keep_alive<0, 1>())
      .def("predict_contributions", bind_contributions, nb::arg("x"), nb::arg("trees") = -1,
           nb::arg("device") = "cpu")
      .def("predict_interactions", bind_interactions, nb::arg("x"), nb::arg("trees") = -1)
      .def("trees", bind_trees)
      .def("leaves", bind_leaves)
      .def(
          "dump",
          [](const Booster& b, std::optional<int64_t> tree) { return dump_model(b.model(), tree); },
          nb::arg("tree") = nb::none());
}

}  // namespace cne::bind

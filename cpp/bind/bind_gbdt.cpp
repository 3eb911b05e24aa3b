#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include <cmath>
#include <tuple>

#include "bind/bind.h"
#include "core/error.h"
#include "gbdt/grower.h"
#include "gbdt/model_file.h"
#include "gbdt/train.h"

namespace cne::bind {

namespace {

using namespace cne::gbdt;
using Dense = nb::ndarray<nb::numpy, nb::ro, nb::ndim<2>, nb::device::cpu>;
using Vector = nb::ndarray<const double, nb::numpy, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using OptionalVector = std::optional<Vector>;

template <typename T>
nb::object to_numpy(std::vector<T> values, std::vector<size_t> shape) {
  auto* held = new std::vector<T>(std::move(values));
  nb::capsule owner(held, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(held->data(), shape.size(), shape.data(), owner));
}

/// An array of float32 or float64 is viewed (the caller keeps it alive), a table read by Arrow.
FeatureMatrix to_matrix(nb::handle object, const std::vector<Levels>* levels,
                        const char* function) {
  Dense array;
  if (!nb::try_cast(object, array)) return from_table(to_table(object, function), levels, function);
  const bool single = array.dtype() == nb::dtype<float>();
  if (!single && array.dtype() != nb::dtype<double>())
    throw TypeError(message(function, ": expected an array of float32 or float64"));
  return from_dense(array.data(), single, static_cast<int64_t>(array.shape(0)),
                    static_cast<int64_t>(array.shape(1)), array.stride(0), array.stride(1));
}

Labels to_labels(const Vector& y, const OptionalVector& weight, const char* what) {
  if (weight && weight->shape(0) != y.shape(0))
    throw ShapeError(message("train: expected as many weights as labels in ", what, ", got ",
                             weight->shape(0), " weights and ", y.shape(0), " labels"));
  return {y.data(), weight ? weight->data() : nullptr, static_cast<int64_t>(y.shape(0))};
}

Device to_device(const std::string& name) {
  if (name == "cpu") return {};
  if (name == "gpu") return {Device::Kind::kCuda, 0};
  throw ArgumentError(message("train: expected device \"cpu\" or \"gpu\", got \"", name, "\""));
}

/// Reads one option if the mapping has it; what is left at the end is unknown.
class OptionReader {
 public:
  explicit OptionReader(const nb::dict& options)
      : left_(nb::steal<nb::dict>(PyDict_Copy(options.ptr()))) {}

  template <typename T>
  void read(const char* name, T& out) {
    if (!left_.contains(name)) return;
    const nb::object value = left_[name];
    if (!nb::try_cast(value, out))
      throw TypeError(message("train: expected ", name, " to be ",
                              std::is_floating_point_v<T>      ? "a number"
                              : std::is_same_v<T, std::string> ? "text"
                                                               : "an integer that fits",
                              ", got ", nb::cast<std::string>(nb::repr(value))));
    nb::del(left_[name]);
  }
  void finish() const {
    for (const auto& [key, value] : left_)
      throw ArgumentError(message("train: unknown option ", nb::cast<std::string>(nb::repr(key))));
  }

 private:
  nb::dict left_;
};

TrainOptions to_options(const nb::dict& dict) {
  TrainOptions o;
  OptionReader in(dict);
  std::string objective = "regression";
  std::string device = "cpu";
  in.read("objective", objective);
  in.read("device", device);
  in.read("n_estimators", o.n_estimators);
  in.read("learning_rate", o.learning_rate);
  in.read("num_leaves", o.grow.num_leaves);
  in.read("max_depth", o.grow.max_depth);
  in.read("min_child_samples", o.grow.min_child_samples);
  in.read("min_sum_hessian", o.grow.min_sum_hessian);
  in.read("lambda_l1", o.grow.lambda_l1);
  in.read("lambda_l2", o.grow.lambda_l2);
  in.read("min_gain", o.grow.min_gain);
  in.read("max_cat_to_onehot", o.grow.max_cat_to_onehot);
  in.read("max_cat_threshold", o.grow.max_cat_threshold);
  in.read("cat_smooth", o.grow.cat_smooth);
  in.read("cat_l2", o.grow.cat_l2);
  in.read("min_data_per_group", o.grow.min_data_per_group);
  in.read("max_bins", o.max_bins);
  in.read("subsample_for_bin", o.subsample_for_bin);
  in.read("subsample", o.subsample);
  in.read("colsample", o.colsample);
  in.read("early_stopping_rounds", o.early_stopping_rounds);
  in.read("seed", o.seed);
  in.finish();
  if (!find_objective(objective, &o.objective.kind))
    throw ArgumentError(message("train: unknown objective \"", objective, "\""));
  o.device = to_device(device);
  o.poll = [] {
    const nb::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  };
  return o;
}

/// Numbers of the categorical features: those named, and all text.
std::vector<uint8_t> to_flags(const FeatureMatrix& x, const std::vector<int64_t>& categorical) {
  std::vector<uint8_t> flags(x.columns.size());
  for (size_t j = 0; j < x.levels.size(); ++j) flags[j] = !x.levels[j].empty();
  for (const int64_t j : categorical) {
    if (j < 0 || j >= x.width())
      throw ArgumentError(
          message("train: expected categorical_features from 0 to ", x.width() - 1, ", got ", j));
    flags[j] = 1;
  }
  return flags;
}

nb::tuple bind_train(nb::handle x, const Vector& y, const OptionalVector& weight,
                     const std::vector<int64_t>& categorical, const nb::object& valid_x,
                     const std::optional<Vector>& valid_y, const OptionalVector& valid_weight,
                     const nb::dict& options, const std::string& attributes) {
  const TrainOptions read = to_options(options);
  const FeatureMatrix matrix = to_matrix(x, nullptr, "train");
  const Labels labels = to_labels(y, weight, "the training set");
  const std::vector<uint8_t> flags = to_flags(matrix, categorical);
  std::vector<EvaluationSet> sets;
  if (valid_y)
    sets.push_back({"valid", to_matrix(valid_x, &matrix.levels, "train"),
                    to_labels(*valid_y, valid_weight, "the validation set")});
  TrainResult result;
  std::optional<Booster> booster;
  {
    const nb::gil_scoped_release unlocked;
    result = train(matrix, labels, flags, sets, read);
    result.model.attributes = attributes;
    booster.emplace(std::move(result.model), "train");
  }
  return nb::make_tuple(nb::cast(std::move(*booster)),
                        sets.empty() ? std::vector<double>{} : result.values[0][0],
                        result.best_iteration);
}

nb::object bind_predict(const Booster& booster, nb::handle x, bool raw_score, int trees) {
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(x, &levels, "predict");
  const auto rows = static_cast<size_t>(matrix.rows);
  const auto outputs = static_cast<size_t>(booster.outputs());
  std::vector<double> out(rows * outputs);
  {
    const nb::gil_scoped_release unlocked;
    booster.predict(matrix, raw_score, trees, out.data());
  }
  return outputs == 1 ? to_numpy(std::move(out), {rows})
                      : to_numpy(std::move(out), {rows, outputs});
}

nb::object bind_predict_row(const Booster& booster, const Vector& row, bool raw_score) {
  if (static_cast<int64_t>(row.shape(0)) != booster.width())
    throw ShapeError(message("predict_row: X has ", row.shape(0),
                             " features, but the model was trained on ", booster.width(),
                             " features"));
  if (booster.outputs() == 1) {
    double out = 0;
    booster.predict_row(row.data(), raw_score, &out);
    return nb::float_(out);
  }
  std::vector<double> out(static_cast<size_t>(booster.outputs()));
  booster.predict_row(row.data(), raw_score, out.data());
  const size_t outputs = out.size();
  return to_numpy(std::move(out), {outputs});
}

nb::object bind_predict_leaves(const Booster& booster, nb::handle x) {
  const std::vector<Levels> levels = booster.levels();
  const FeatureMatrix matrix = to_matrix(x, &levels, "predict_leaves");
  const size_t trees = booster.model().trees.size();
  const auto rows = static_cast<size_t>(matrix.rows);
  std::vector<int32_t> out(rows * trees);
  {
    const nb::gil_scoped_release unlocked;
    booster.predict_leaves(matrix, out.data());
  }
  return to_numpy(std::move(out), {rows, trees});
}

nb::list bind_feature_names(const Booster& booster) {
  nb::list out;
  for (const FeatureInfo& feature : booster.model().features) out.append(feature.name);
  return out;
}

nb::list bind_categories(const Booster& booster) {
  nb::list out;
  for (const FeatureInfo& feature : booster.model().features) {
    if (!feature.categorical) {
      out.append(nb::none());
      continue;
    }
    nb::list values;
    for (const double value : feature.categories) {
      if (feature.levels.empty())
        values.append(value);
      else
        values.append(feature.levels[static_cast<size_t>(value)]);
    }
    out.append(values);
  }
  return out;
}

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
      entry["gain"] = node.gain;
      entry["rows"] = node.rows;
      nb::list set;
      if (node.category_set >= 0)
        for (size_t c = 0; c < 64 * tree.category_sets[node.category_set].size(); ++c)
          if (contains(tree.category_sets[node.category_set], static_cast<int64_t>(c)))
            set.append(c);
      entry["categories_left"] = node.category_set >= 0 ? nb::object(set) : nb::none();
      nodes.append(entry);
    }
    out.append(nb::make_tuple(nodes, tree.leaf_values));
  }
  return out;
}

nb::bytes bind_to_bytes(const Booster& booster) {
  const std::string bytes = serialize(booster.model());
  return nb::bytes(bytes.data(), bytes.size());
}

/// One histogram of given fixed-point gradients, to test and measure both twins.
nb::tuple bind_histogram(nb::handle x, nb::ndarray<const int32_t, nb::ndim<2>, nb::c_contig> pairs,
                         std::optional<nb::ndarray<const int32_t, nb::ndim<1>, nb::c_contig>> rows,
                         int max_bins, const std::string& device, int repeat) {
  const FeatureMatrix matrix = to_matrix(x, nullptr, "histogram");
  if (static_cast<int64_t>(pairs.shape(0)) != matrix.rows || pairs.shape(1) != 2)
    throw ShapeError("histogram: expected gradients of shape (rows, 2)");
  std::vector<int32_t> all(static_cast<size_t>(matrix.rows));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
  const BinMatrix bins(
      matrix,
      find_bins(matrix, all, std::vector<uint8_t>(matrix.columns.size()), max_bins, matrix.rows, 0),
      "histogram");
  std::vector<GradientSums> sums(static_cast<size_t>(bins.total_slots()));
  const RowSet set = rows ? RowSet{rows->data(), static_cast<int64_t>(rows->shape(0))}
                          : RowSet{nullptr, matrix.rows};
  for (int64_t i = 0; i < set.count && set.index != nullptr; ++i)
    if (set.index[i] < 0 || set.index[i] >= matrix.rows)
      throw ArgumentError(
          message("histogram: expected rows below ", matrix.rows, ", got ", set.index[i]));
  const auto* first = reinterpret_cast<const Gradient*>(pairs.data());
  const std::vector<Gradient> gradients(first, first + matrix.rows);
  const Device where = to_device(device);
  {
    const nb::gil_scoped_release unlocked;
    const HistogramSource source{bins, rows_on(where, bins), gradients_on(where, gradients)};
    for (int i = 0; i < repeat; ++i) build_histogram(source, set, sums.data());
  }
  std::vector<int64_t> flat;
  for (const GradientSums& s : sums) flat.insert(flat.end(), {s.gradient, s.hessian, s.rows});
  std::vector<int32_t> slots(bins.slots(), bins.slots() + bins.width() + 1);
  return nb::make_tuple(to_numpy(std::move(flat), {sums.size(), 3}), slots);
}

}  // namespace

void bind_gbdt(nb::module_& m) {
  nb::class_<Booster>(m, "Booster")
      .def("predict", bind_predict, nb::arg("x"), nb::arg("raw_score") = false,
           nb::arg("trees") = -1)
      .def("predict_row", bind_predict_row, nb::arg("row"), nb::arg("raw_score") = false)
      .def("predict_leaves", bind_predict_leaves, nb::arg("x"))
      .def("gain_importance",
           [](const Booster& b) {
             const auto width = static_cast<size_t>(b.width());
             return to_numpy(b.gain_importance(), {width});
           })
      .def("split_importance",
           [](const Booster& b) {
             const auto width = static_cast<size_t>(b.width());
             return to_numpy(b.split_importance(), {width});
           })
      .def("to_bytes", bind_to_bytes)
      .def(
          "save", [](const Booster& b, const std::string& path) { save_model(b.model(), path); },
          Unlocked())
      .def("trees", bind_trees)
      .def("categories", bind_categories)
      .def_prop_ro("feature_names", bind_feature_names)
      .def_prop_ro("width", &Booster::width)
      .def_prop_ro("num_trees", [](const Booster& b) { return b.model().trees.size(); })
      .def_prop_ro("base_scores", [](const Booster& b) { return b.model().base_scores; })
      .def_prop_ro("outputs", &Booster::outputs)
      .def_prop_ro("attributes", [](const Booster& b) { return b.model().attributes; })
      .def_prop_ro("objective",
                   [](const Booster& b) { return objective_name(b.model().objective.kind); });
  m.def("train", bind_train, nb::arg("x"), nb::arg("y"), nb::arg("weight").none(),
        nb::arg("categorical"), nb::arg("valid_x").none(), nb::arg("valid_y").none(),
        nb::arg("valid_weight").none(), nb::arg("options"), nb::arg("attributes"));
  m.def("from_bytes", [](const nb::bytes& bytes) {
    return Booster(deserialize({bytes.c_str(), bytes.size()}, "from_bytes"), "from_bytes");
  });
  m.def(
      "load", [](const std::string& path) { return Booster(load_model(path), "load_model"); },
      Unlocked());
  m.def("histogram", bind_histogram, nb::arg("x"), nb::arg("gradients"), nb::arg("rows").none(),
        nb::arg("max_bins") = 255, nb::arg("device") = "cpu", nb::arg("repeat") = 1);
}

}  // namespace cne::bind

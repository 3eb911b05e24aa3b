#include "bind/bind_gbdt.h"
#include "core/error.h"
#include "gbdt/metric.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

using Scores = nb::ndarray<const double, nb::numpy, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

/// The labels of an objective, checked, with scores (outputs, rows) that fit them.
void check(const ObjectiveOptions& options, const Labels& labels, const Scores& scores,
           const char* function) {
  check_labels(options, labels, function);
  const int outputs = output_count(options);
  if (static_cast<int64_t>(scores.shape(1)) != labels.rows ||
      static_cast<int>(scores.shape(0)) != outputs)
    throw ShapeError(message(function, ": expected scores of shape (", outputs, ", ", labels.rows,
                             "), got (", scores.shape(0), ", ", scores.shape(1), ")"));
}

nb::tuple bind_derivatives(const nb::dict& options, const nb::dict& parts, const Scores& scores,
                           int round) {
  const TrainOptions read = to_options(options);
  const HeldLabels held = to_labels(parts, output_count(read.objective), "the rows");
  const Labels& labels = held.view;
  check(read.objective, labels, scores, "derivatives");
  const auto outputs = static_cast<size_t>(output_count(read.objective));
  const auto rows = static_cast<size_t>(labels.rows);
  std::vector<double> gradient(outputs * rows);
  std::vector<double> hessian(outputs * rows);
  {
    const ReleaseInterpreter unlocked;
    const std::unique_ptr<Loss> loss = make_loss(read.objective, labels, {}, read.seed);
    loss->prepare(scores.data(), round);
    for (size_t k = 0; k < outputs; ++k)
      loss->derivatives(scores.data(), static_cast<int>(k), 0, labels.rows,
                        gradient.data() + k * rows, hessian.data() + k * rows);
  }
  return nb::make_tuple(to_numpy(std::move(gradient), {outputs, rows}),
                        to_numpy(std::move(hessian), {outputs, rows}));
}

std::vector<double> bind_base_scores(const nb::dict& options, const nb::dict& parts) {
  const TrainOptions read = to_options(options);
  const HeldLabels held = to_labels(parts, output_count(read.objective), "the rows");
  check_labels(read.objective, held.view, "base_scores");
  return make_loss(read.objective, held.view)->base_scores();
}

double bind_evaluate(const std::string& metric, const nb::dict& options, const nb::dict& parts,
                     const Scores& scores) {
  const TrainOptions read = to_options(options);
  const HeldLabels held = to_labels(parts, output_count(read.objective), "the rows");
  check(read.objective, held.view, scores, "evaluate");
  const Metric found = find_metric(metric, "evaluate");
  const ReleaseInterpreter unlocked;
  return evaluate(found, read.objective, held.view, scores.data(), "evaluate");
}

}  // namespace

void bind_gbdt_loss(nb::module_& m) {
  m.def("derivatives", bind_derivatives, nb::arg("options"), nb::arg("labels"), nb::arg("scores"),
        nb::arg("round") = 0);
  m.def("base_scores", bind_base_scores, nb::arg("options"), nb::arg("labels"));
  m.def("evaluate", bind_evaluate, nb::arg("metric"), nb::arg("options"), nb::arg("labels"),
        nb::arg("scores"));
  m.def("metric_is_larger_better",
        [](const std::string& name) { return find_metric(name, "train").larger_is_better; });
  m.def("metric_names", metric_names);
  m.def("objectives", [] {
    std::vector<std::string> out;
    for (int k = 0; k <= static_cast<int>(Objective::kCustom); ++k)
      out.emplace_back(objective_name(static_cast<Objective>(k)));
    return out;
  });
}

}  // namespace cne::bind

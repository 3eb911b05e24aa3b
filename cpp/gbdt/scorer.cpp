#include "gbdt/scorer.h"

#include <algorithm>

#include "core/error.h"

namespace cne::gbdt {

namespace {

constexpr const char* kFunction = "scorer";

std::vector<std::string> names_of(const Booster& booster, ScorerOptions& options) {
  std::vector<std::string> names = std::move(options.columns);
  if (names.empty())
    for (const FeatureInfo& feature : booster.model().features) names.push_back(feature.name);
  if (static_cast<int>(names.size()) != booster.width())
    throw ShapeError(message(kFunction, ": expected the ", booster.width(),
                             " features of the model in columns, got ", names.size()));
  const bool named = std::none_of(names.begin(), names.end(),
                                  [](const std::string& name) { return name.empty(); });
  return named ? names : std::vector<std::string>{};
}

Table select(const Table& table, const std::vector<std::string>& names) {
  if (names.empty()) return table;
  std::vector<Column> columns;
  for (const std::string& name : names) columns.push_back(table.at(name, kFunction));
  return Table(names, std::move(columns));
}

}  // namespace

std::function<Table(const Table&)> make_scorer(const Booster& booster, ScorerOptions options) {
  const std::vector<std::string> names = names_of(booster, options);
  return [&booster, names, options, levels = booster.levels()](const Table& table) {
    const FeatureMatrix x = from_table(select(table, names), &levels, kFunction);
    const auto rows = static_cast<size_t>(table.rows());
    const auto outputs = static_cast<size_t>(booster.outputs());
    std::vector<double> scores(rows * outputs);
    booster.predict(x, options.raw_score, -1, scores.data());
    Table out = table;
    for (size_t k = 0; k < outputs; ++k) {
      const std::string name = outputs == 1 ? options.name : options.name + "_" + std::to_string(k);
      if (table.find(name) >= 0)
        throw ArgumentError(message(kFunction, ": the table has a column \"", name, "\" already"));
      Buffer values = Buffer::allocate(rows * sizeof(double));
      auto* to = reinterpret_cast<double*>(values.mutable_data());
      for (size_t i = 0; i < rows; ++i) to[i] = scores[i * outputs + k];
      out.add(name, Column({DType::kFloat64}, table.rows(), std::move(values)));
    }
    return out;
  };
}

}  // namespace cne::gbdt

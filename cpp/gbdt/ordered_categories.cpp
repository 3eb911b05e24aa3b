#include "gbdt/ordered_categories.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/random_unit.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace {

/// The categories of rows that count, ascending, with those that a model knows.
std::vector<double> find_categories(const FeatureColumn& column, const Labels& labels,
                                    const std::vector<double>& known) {
  std::vector<double> seen;
  for (int64_t i = 0; i < labels.rows; ++i)
    if (labels.weight_of(i) > 0 && !std::isnan(column[i])) seen.push_back(column[i]);
  seen.insert(seen.end(), known.begin(), known.end());
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  return seen;
}

/// The category number of each row; the number of categories where missing, one more where unknown.
std::vector<int32_t> codes_of(const FeatureColumn& column, const FeatureInfo& info, int64_t rows) {
  const auto count = static_cast<int32_t>(info.categories.size());
  std::vector<int32_t> out(static_cast<size_t>(rows));
  parallel_for(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double number = info.encode(column[i]);
      out[i] = number != number ? count : number < 0 ? count + 1 : static_cast<int32_t>(number);
    }
  });
  return out;
}

std::vector<int32_t> permutation(int64_t rows, uint64_t seed) {
  const uint64_t key = random_key(seed, Draw::kPermutation, 0);
  std::vector<double> draws(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i) draws[i] = random_unit(key, static_cast<uint64_t>(i));
  std::vector<int32_t> out(static_cast<size_t>(rows));
  std::iota(out.begin(), out.end(), 0);
  std::stable_sort(out.begin(), out.end(),
                   [&](int32_t a, int32_t b) { return draws[a] < draws[b]; });
  return out;
}

/// What means are taken of: each label of a row, or whether it is of a class.
struct Target {
  const double* label;
  double is = 0;  // with `of_class`: the class
  bool of_class = false;

  double operator()(int64_t row) const {
    return of_class ? static_cast<double>(label[row] == is) : label[row];
  }
};

std::vector<Target> targets_of(const Labels& labels, const ObjectiveOptions& objective) {
  std::vector<Target> out;
  if (objective.kind == Objective::kMulticlass || objective.kind == Objective::kMulticlassOva) {
    for (int k = 0; k < objective.classes; ++k)
      out.push_back({labels.label, static_cast<double>(k), true});
    return out;
  }
  for (int k = 0; k < labels.width; ++k) out.push_back({labels.label + k * labels.rows});
  return out;
}

/// The running means of the rows into `out`; those of all rows, by category, into the result, the
/// missing one last.
std::vector<double> ordered_means(const Labels& labels, const Target& target,
                                  const std::vector<int32_t>& codes, size_t categories,
                                  const std::vector<int32_t>& order, double prior, double weight,
                                  double* out) {
  std::vector<double> sums(categories + 2);
  std::vector<double> weights(categories + 2);
  const auto mean = [&](size_t c) { return (sums[c] + weight * prior) / (weights[c] + weight); };
  for (const int32_t row : order) {
    const auto c = static_cast<size_t>(codes[row]);
    out[row] = mean(c);
    sums[c] += labels.weight_of(row) * target(row);
    weights[c] += labels.weight_of(row);
  }
  std::vector<double> all;
  for (size_t c = 0; c <= categories; ++c) all.push_back(mean(c));
  return all;
}

std::vector<double> frequencies(const Labels& labels, const std::vector<int32_t>& codes,
                                size_t categories) {
  std::vector<double> out(categories + 2);
  for (int64_t i = 0; i < labels.rows; ++i) out[codes[i]] += labels.weight_of(i);
  out.pop_back();
  return out;
}

/// Moves the numbers of a source's column `number` to where its other columns have none, within a
/// quarter of that number: a threshold then tells its column.
void set_apart(int number, std::vector<double>& by_category, Buffer& of_rows, int64_t rows,
               double& unknown) {
  double* numbers = of_rows.mutable_as<double>();
  double most = std::abs(unknown);
  for (const double value : by_category) most = std::max(most, std::abs(value));
  for (int64_t i = 0; i < rows; ++i) most = std::max(most, std::abs(numbers[i]));
  int exponent = 0;
  std::frexp(most, &exponent);
  const auto move = [&](double value) { return std::ldexp(value, -exponent - 2) + number; };
  for (double& value : by_category) value = move(value);
  for (int64_t i = 0; i < rows; ++i) numbers[i] = move(numbers[i]);
  unknown = move(unknown);
}

void append_numbers(FeatureMatrix& matrix, Buffer numbers, int feature) {
  const FeatureColumn column{numbers.data()};
  matrix.owners.push_back(std::move(numbers));
  if (feature < matrix.width())
    matrix.columns[feature] = column;
  else
    matrix.columns.push_back(column);
}

}  // namespace

OrderedCategories::OrderedCategories(const FeatureMatrix& x, const Labels& labels,
                                     const std::vector<uint8_t>& categorical,
                                     const TrainOptions& options, const Model* start)
    : training_(x), categorical_(categorical) {
  const std::vector<int32_t> order = permutation(x.rows, options.seed);
  const std::vector<Target> targets = targets_of(labels, options.objective);
  training_.names.clear();
  features_.resize(x.columns.size());
  for (int f = 0; f < x.width(); ++f) {
    if (!x.names.empty()) features_[f].name = x.names[f];
    if (!x.levels.empty()) features_[f].levels = x.levels[f];
    if (!categorical[f]) continue;
    FeatureInfo info = features_[f];
    info.categorical = true;
    info.categories =
        find_categories(x.columns[f], labels,
                        start != nullptr ? start->features[f].categories : std::vector<double>{});
    const size_t count = info.categories.size();
    if (static_cast<int>(count) <= options.grow.max_cat_to_onehot) continue;
    categorical_[f] = 0;
    if (!training_.levels.empty()) training_.levels[f].clear();
    const std::vector<int32_t> codes = codes_of(x.columns[f], info, x.rows);
    Source source{f, std::move(info), {}};
    const auto add = [&](Buffer numbers, std::vector<double> values, double unknown) {
      const auto number = static_cast<int>(source.columns.size());
      set_apart(number, values, numbers, x.rows, unknown);
      const double missing = values.back();
      values.pop_back();
      source.columns.push_back(
          {number == 0 ? f : training_.width(), std::move(values), missing, unknown});
      append_numbers(training_, std::move(numbers), source.columns.back().feature);
    };
    for (const Target& target : targets) {
      const double prior = weighted_mean_of(labels, [&](int64_t i) { return target(i); });
      Buffer numbers = Buffer::allocate(static_cast<size_t>(x.rows) * sizeof(double));
      std::vector<double> values =
          ordered_means(labels, target, codes, count, order, prior, options.ordered_prior,
                        numbers.mutable_as<double>());
      add(std::move(numbers), std::move(values), prior);
    }
    std::vector<double> values = frequencies(labels, codes, count);
    Buffer numbers = Buffer::allocate(static_cast<size_t>(x.rows) * sizeof(double));
    for (int64_t i = 0; i < x.rows; ++i)
      numbers.mutable_as<double>()[i] =
          codes[i] <= static_cast<int32_t>(count) ? values[codes[i]] : 0;
    add(std::move(numbers), std::move(values), 0);
    sources_.push_back(std::move(source));
  }
  categorical_.resize(training_.columns.size());
  if (!training_.levels.empty()) training_.levels.resize(training_.columns.size());
}

FeatureMatrix OrderedCategories::derive(const FeatureMatrix& x) const {
  FeatureMatrix out = x;
  out.names.clear();
  for (const Source& source : sources_) {
    const auto count = static_cast<int32_t>(source.info.categories.size());
    const std::vector<int32_t> codes = codes_of(x.columns[source.feature], source.info, x.rows);
    for (const Column& column : source.columns) {
      Buffer numbers = Buffer::allocate(static_cast<size_t>(x.rows) * sizeof(double));
      for (int64_t i = 0; i < x.rows; ++i)
        numbers.mutable_as<double>()[i] = codes[i] < count    ? column.values[codes[i]]
                                          : codes[i] == count ? column.missing
                                                              : column.unknown;
      append_numbers(out, std::move(numbers), column.feature);
    }
  }
  if (!out.levels.empty()) out.levels.resize(out.columns.size());
  return out;
}

GrowOptions OrderedCategories::constraints(GrowOptions options) const {
  if (!options.monotone_constraints.empty())
    options.monotone_constraints.resize(training_.columns.size());
  for (std::vector<int32_t>& set : options.interaction_constraints)
    for (const Source& source : sources_)
      if (std::find(set.begin(), set.end(), source.feature) != set.end())
        for (const Column& column : source.columns) set.push_back(column.feature);
  return options;
}

const OrderedCategories::Column* OrderedCategories::column_of(int feature,
                                                              const Source** source) const {
  for (const Source& one : sources_)
    for (const Column& column : one.columns)
      if (column.feature == feature) {
        *source = &one;
        return &column;
      }
  return nullptr;
}

Model OrderedCategories::to_categories(Model model) const {
  for (Tree& tree : model.trees) {
    std::vector<CategorySet> sets;
    for (TreeNode& node : tree.nodes) {
      const Source* source = nullptr;
      if (node.category_set >= 0) {
        sets.push_back(std::move(tree.category_sets[node.category_set]));
      } else if (const Column* column = column_of(node.feature, &source)) {
        CategorySet& set = sets.emplace_back();
        for (size_t c = 0; c < column->values.size(); ++c)
          if (column->values[c] <= node.threshold) insert(set, static_cast<int64_t>(c));
        node.feature = source->feature;
        node.missing_left = column->missing <= node.threshold;
        node.unknown_left = column->unknown <= node.threshold;
      } else {
        continue;
      }
      node.category_set = static_cast<int32_t>(sets.size()) - 1;
    }
    tree.category_sets = std::move(sets);
  }
  model.features.resize(features_.size());
  for (size_t f = 0; f < features_.size(); ++f) {
    model.features[f].name = features_[f].name;
    model.features[f].levels = features_[f].levels;
  }
  for (const Source& source : sources_) model.features[source.feature] = source.info;
  return model;
}

Model OrderedCategories::to_numbers(const Model& model, const char* function) const {
  const auto refuse = [&] {
    throw UnsupportedError(
        message(function,
                ": with cat_method \"ordered\", expected a model to go on from that was trained "
                "on the same categories and labels"));
  };
  Model out = model;
  out.features.resize(training_.columns.size());
  for (const Source& source : sources_) {
    if (model.features[source.feature].categories != source.info.categories) refuse();
    for (const Column& column : source.columns) out.features[column.feature] = {};
    for (Tree& tree : out.trees) {
      for (TreeNode& node : tree.nodes) {
        if (node.category_set < 0 || node.feature != source.feature) continue;
        const CategorySet& set = tree.category_sets[node.category_set];
        const auto number = static_cast<size_t>(std::lround(std::clamp(node.threshold, 0.0, 1e9)));
        if (number >= source.columns.size()) refuse();
        const Column& column = source.columns[number];
        bool fits = node.missing_left == (column.missing <= node.threshold) &&
                    node.unknown_left == (column.unknown <= node.threshold);
        for (size_t c = 0; c < column.values.size(); ++c)
          fits &= contains(set, static_cast<int64_t>(c)) == (column.values[c] <= node.threshold);
        if (!fits) refuse();
        node.feature = column.feature;
        node.category_set = -1;
      }
    }
  }
  return out;
}

}  // namespace cne::gbdt

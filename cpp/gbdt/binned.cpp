#include "gbdt/binned.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/hash.h"
#include "gbdt/bin_sample.h"
#include "gbdt/continuation.h"
#include "gbdt/model_file.h"
#include "gbdt/train_options.h"
#include "gbdt/tree_scores.h"

namespace cne::gbdt {

InputFeatures describe(const FeatureMatrix& x, const std::vector<uint8_t>& categorical) {
  InputFeatures out;
  out.infos.resize(x.columns.size());
  for (int f = 0; f < x.width(); ++f) {
    FeatureInfo& info = out.infos[f];
    if (!x.names.empty()) info.name = x.names[f];
    if (!x.levels.empty()) info.levels = x.levels[f];
    info.categorical = categorical[f] != 0;
    out.fits_float32.push_back(x.columns[f].fits_float32());
  }
  return out;
}

size_t Binned::bytes() const { return matrix.bytes() + start.scores.size() * sizeof(double); }

std::vector<int32_t> counted_rows(const double* weight, int64_t rows) {
  std::vector<int32_t> out;
  out.reserve(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i)
    if (weight == nullptr || weight[i] > 0) out.push_back(static_cast<int32_t>(i));
  return out;
}

void check_binning(const InputFeatures& features, int64_t rows, const double* weight,
                   const BinOptions& options, const Model* start, const char* function) {
  check_bin_options(options.max_bins, options.subsample_for_bin, function);
  if (rows == 0 || features.width() == 0)
    throw ShapeError(message(function, ": expected at least one row and one feature in X, got ",
                             rows, " rows and ", features.width(), " features"));
  check_row_count(rows, function);
  for (int64_t i = 0; weight != nullptr && i < rows; ++i)
    if (!(weight[i] >= 0) || !std::isfinite(weight[i]))
      throw ArgumentError(
          message(function, ": expected weights >= 0, got ", weight[i], " at row ", i));
  if (start != nullptr) check_start_features(*start, features, function);
}

Binned bin_checked_rows(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                        const double* weight, const BinOptions& options, const Model* start,
                        const char* function) {
  check_row_count(x.rows, function);
  const SampledRows rows(x.rows, counted_rows(weight, x.rows), options.subsample_for_bin,
                         options.seed);
  std::vector<FeatureBins> bins = find_bins(x, rows, categorical, options.max_bins);
  if (start != nullptr) add_categories(*start, bins, function);
  Binned out{
      BinMatrix(x, std::move(bins), function), describe(x, categorical), options.max_bins, {}};
  set_categories(out);
  return out;
}

Binned bin_rows(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                const double* weight, const BinOptions& options, const Model* start,
                const char* function) {
  check_binning(describe(x, categorical), x.rows, weight, options, start, function);
  Binned out = bin_checked_rows(x, categorical, weight, options, start, function);
  if (start == nullptr) return out;
  out.start.model = identity_of(*start);
  if (!tells_scores(out.matrix, *start))
    out.start.scores = scores_of_start(x, out.matrix, out.features.infos, *start);
  return out;
}

void set_categories(Binned& binned) {
  for (int f = 0; f < binned.features.width(); ++f)
    if (binned.features.infos[f].categorical)
      binned.features.infos[f].categories = binned.matrix.bins_of_feature(f).bounds;
}

Binned subset(const Binned& whole, const std::vector<int64_t>& rows) {
  std::vector<int32_t> chosen;
  chosen.reserve(rows.size());
  for (const int64_t row : rows) {
    if (row < 0 || row >= whole.rows())
      throw ArgumentError(
          message("subset: expected rows from 0 to ", whole.rows() - 1, ", got ", row));
    chosen.push_back(static_cast<int32_t>(row));
  }
  Binned out{
      BinMatrix(whole.matrix, chosen), whole.features, whole.max_bins, {whole.start.model, {}}};
  const auto outputs = static_cast<int64_t>(whole.start.scores.size()) / whole.rows();
  for (int64_t k = 0; k < outputs; ++k)
    for (const int32_t row : chosen)
      out.start.scores.push_back(whole.start.scores[k * whole.rows() + row]);
  return out;
}

uint64_t identity_of(const Model& model) {
  const std::string bytes = serialize(model);
  return hash_bytes(bytes.data(), bytes.size()) | 1;
}

bool tells_scores(const BinMatrix& bins, const Model& model) {
  return std::all_of(model.trees.begin(), model.trees.end(), [&](const Tree& tree) {
    return tree.linear.empty() && fits_bins(tree, bins);
  });
}

std::vector<double> scores_of_start(const FeatureMatrix& x, const BinMatrix& bins,
                                    const std::vector<FeatureInfo>& features, const Model& start) {
  std::vector<double> out;
  for (const double base : start.base_scores)
    out.insert(out.end(), static_cast<size_t>(x.rows), base);
  const std::vector<Tree> trees = renumber_categories(start, features);
  TreeScores(&x, bins, features).add(trees, 0, trees.size(), out.data());
  return out;
}

}  // namespace cne::gbdt

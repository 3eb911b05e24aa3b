#include "gbdt/bin_batches.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_layout.h"
#include "gbdt/bin_sample.h"
#include "gbdt/continuation.h"
#include "gbdt/feature_tile.h"

namespace cne::gbdt {

namespace {

constexpr const char* kFunction = "bin_batches";

std::string list_of(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", \"" : "\"") + name + "\"";
  return out + "]";
}

/// What the batches hold, found on the first way through them.
struct Contents {
  FeatureMatrix rows;            // names, texts; of the columns only the types
  std::vector<uint8_t> missing;  // by feature: whether a row has none
};

void check_columns(const FeatureMatrix& first, const FeatureMatrix& batch, int64_t number) {
  if (batch.width() != first.width())
    throw ShapeError(message(kFunction, ": expected ", first.width(), " features in batch ", number,
                             ", as in the first one, got ", batch.width()));
  if (batch.names != first.names)
    throw ArgumentError(message(kFunction, ": expected the columns ", list_of(first.names),
                                " in batch ", number, ", as in the first one, got ",
                                list_of(batch.names)));
}

/// Reads all batches once; without `known` levels, learns them.
Contents read_contents(const BatchSource& source, const std::vector<Levels>* known) {
  Contents out;
  const BatchReader next = source(known);
  for (int64_t number = 1;; ++number) {
    const std::optional<FeatureMatrix> batch = next();
    if (!batch) break;
    if (number == 1) {
      out.rows.names = batch->names;
      out.rows.levels = batch->levels;
      out.rows.columns.resize(batch->columns.size(), FeatureColumn{nullptr, DType::kFloat32});
      out.missing.resize(batch->columns.size());
    }
    check_columns(out.rows, *batch, number);
    parallel_tasks(batch->width(), [&](int64_t f, int) {
      const FeatureColumn& column = batch->columns[f];
      if (!column.fits_float32()) out.rows.columns[f].type = DType::kFloat64;
      if (!out.missing[f]) out.missing[f] = any_missing(column, batch->rows);
      if (known == nullptr && !batch->levels.empty())
        add_levels(out.rows.levels[f], batch->levels[f]);
    });
    out.rows.rows += batch->rows;
  }
  return out;
}

/// Calls body(batch, first row) for all batches, which have to be those of before.
template <typename Body>
void for_batches(const BatchSource& source, const FeatureMatrix& all, const Body& body) {
  const BatchReader next = source(&all.levels);
  int64_t begin = 0;
  for (int64_t number = 1;; ++number) {
    const std::optional<FeatureMatrix> batch = next();
    if (!batch) break;
    check_columns(all, *batch, number);
    if (batch->rows > all.rows - begin)
      throw ArgumentError(message(kFunction, ": expected the same batches each time, got ",
                                  all.rows, " rows at first and more now"));
    body(*batch, begin);
    begin += batch->rows;
  }
  if (begin != all.rows)
    throw ArgumentError(message(kFunction, ": expected the same batches each time, got ", all.rows,
                                " rows at first and ", begin, " now"));
}

/// What bins and layouts are found from.
struct Samples {
  std::vector<FeatureSample> values;
  std::vector<LayoutSample> layouts;
};

Samples read_samples(const BatchSource& source, const Contents& contents,
                     const std::vector<uint8_t>& categorical, const SampledRows& rows) {
  const int width = contents.rows.width();
  Samples out;
  for (int f = 0; f < width; ++f) out.values.emplace_back(categorical[f] != 0);
  out.layouts.resize(static_cast<size_t>(width));
  for_batches(source, contents.rows, [&](const FeatureMatrix& batch, int64_t begin) {
    parallel_tasks((width + kTileFeatures - 1) / kTileFeatures, [&](int64_t tile, int) {
      const int first = static_cast<int>(tile) * kTileFeatures;
      const int last = std::min(first + kTileFeatures, width);
      add_to_samples(batch, begin, rows, first, last, &out.values[first]);
      for (int f = first; f < last; ++f)
        out.layouts[f].add(batch.columns[f], begin, batch.rows, contents.rows.rows);
    });
  });
  return out;
}

/// Bins without rows.
Binned begin_binned(Samples samples, const Contents& contents,
                    const std::vector<uint8_t>& categorical, const BinOptions& options,
                    const Model* start) {
  const int width = contents.rows.width();
  std::vector<FeatureBins> bins(static_cast<size_t>(width));
  parallel_tasks(width,
                 [&](int64_t f, int) { bins[f] = samples.values[f].take_bins(options.max_bins); });
  if (start != nullptr) add_categories(*start, bins, kFunction);
  std::vector<FeatureLayout> layouts(static_cast<size_t>(width));
  for (int f = 0; f < width; ++f)
    layouts[f] = samples.layouts[f].layout(bins[f], contents.missing[f] != 0);
  Binned out{BinMatrix(contents.rows.rows, std::move(bins), layouts, kFunction),
             describe(contents.rows, categorical),
             options.max_bins,
             {}};
  set_categories(out);
  return out;
}

}  // namespace

Binned bin_batches(const BatchSource& source, const std::vector<int64_t>& categorical,
                   const RowWeights& weight, const BinOptions& options, const Model* start) {
  std::vector<Levels> known;
  for (size_t f = 0; start != nullptr && f < start->features.size(); ++f)
    known.push_back(start->features[f].levels);
  const Contents contents = read_contents(source, start != nullptr ? &known : nullptr);
  const FeatureMatrix& all = contents.rows;
  if (weight.data != nullptr && weight.count != all.rows)
    throw ShapeError(message(kFunction, ": expected as many weights as rows, got ", weight.count,
                             " weights and ", all.rows, " rows"));
  const std::vector<uint8_t> flags =
      categorical_flags(all.levels, all.width(), categorical, kFunction);
  check_binning(describe(all, flags), all.rows, weight.data, options, start, kFunction);
  const SampledRows rows(all.rows, counted_rows(weight.data, all.rows), options.subsample_for_bin,
                         options.seed);
  Binned out =
      begin_binned(read_samples(source, contents, flags, rows), contents, flags, options, start);
  const bool told = start == nullptr || tells_scores(out.matrix, *start);
  if (start != nullptr) out.start.model = identity_of(*start);
  if (!told) out.start.scores.resize(start->base_scores.size() * static_cast<size_t>(all.rows));
  for_batches(source, all, [&](const FeatureMatrix& batch, int64_t begin) {
    out.matrix.add(batch, begin);
    if (told) return;
    const BinMatrix bins(batch, out.matrix);
    const std::vector<double> scores = scores_of_start(batch, bins, out.features.infos, *start);
    for (size_t k = 0; k < start->base_scores.size(); ++k)
      std::copy_n(scores.begin() + static_cast<int64_t>(k) * batch.rows, batch.rows,
                  out.start.scores.begin() + static_cast<int64_t>(k) * all.rows + begin);
  });
  out.matrix.finish();
  return out;
}

std::vector<uint8_t> categorical_flags(const std::vector<Levels>& levels, int width,
                                       const std::vector<int64_t>& categorical,
                                       const char* function) {
  std::vector<uint8_t> flags(static_cast<size_t>(width));
  for (size_t j = 0; j < levels.size(); ++j) flags[j] = !levels[j].empty();
  for (const int64_t j : categorical) {
    if (j < 0 || j >= width)
      throw ArgumentError(
          message(function, ": expected categorical_features from 0 to ", width - 1, ", got ", j));
    flags[j] = 1;
  }
  return flags;
}

}  // namespace cne::gbdt

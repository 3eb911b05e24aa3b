#include "gbdt/shared_bins.h"

#include <algorithm>
#include <utility>

#include "core/parallel.h"
#include "gbdt/bin_layout.h"
#include "gbdt/bin_sample.h"
#include "gbdt/continuation.h"
#include "gbdt/feature_tile.h"
#include "gbdt/model_bytes.h"

namespace cne::gbdt {

namespace {

/// What this worker's rows say of a feature.
struct FeatureView {
  FeatureSample values;
  LayoutSample layout;
  bool missing = false;
};

std::vector<FeatureView> look_at(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                                 const SampledRows& rows, const Shard& shard) {
  std::vector<FeatureSample> samples;
  for (int f = 0; f < x.width(); ++f) samples.emplace_back(categorical[f] != 0);
  const int64_t tiles = (x.width() + kTileFeatures - 1) / kTileFeatures;
  parallel_tasks(tiles, [&](int64_t tile, int) {
    const int first = static_cast<int>(tile) * kTileFeatures;
    const int last = std::min(first + kTileFeatures, x.width());
    add_to_samples(x, shard.begin, rows, first, last, &samples[first]);
  });
  std::vector<FeatureView> out;
  for (FeatureSample& sample : samples) out.push_back({std::move(sample), {}, false});
  parallel_tasks(x.width(), [&](int64_t f, int) {
    out[f].layout.add(x.columns[f], shard.begin, x.rows, shard.total);
    out[f].missing = any_missing(x.columns[f], x.rows);
  });
  return out;
}

/// The views of all workers, feature by feature.
void share(std::vector<FeatureView>& views, const std::vector<uint8_t>& categorical,
           const Shard& shard) {
  ModelWriter own;
  for (const FeatureView& view : views) {
    view.values.write(own);
    view.layout.write(own);
    own.put(static_cast<uint8_t>(view.missing));
  }
  views.clear();
  for (const uint8_t flag : categorical) views.push_back({FeatureSample(flag != 0), {}, false});
  for (const std::string& bytes : shard.group->allgather(own.take())) {
    ModelReader reader(bytes, "train: bins of another worker");
    for (FeatureView& view : views) {
      view.values.merge(reader);
      view.layout.merge(reader);
      view.missing |= reader.get<uint8_t>() != 0;
    }
    if (!reader.done()) reader.broken("more bins than features");
  }
}

}  // namespace

Binned bin_shared_rows(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                       const double* weight, const BinOptions& options, const Model* start,
                       const Shard& shard, const char* function) {
  const SampledRows rows(shard.total, counted_rows(weight, shard.total), options.subsample_for_bin,
                         options.seed);
  std::vector<FeatureView> views = look_at(x, categorical, rows, shard);
  share(views, categorical, shard);
  std::vector<FeatureBins> bins(views.size());
  parallel_tasks(x.width(),
                 [&](int64_t f, int) { bins[f] = views[f].values.take_bins(options.max_bins); });
  if (start != nullptr) add_categories(*start, bins, function);
  std::vector<FeatureLayout> layouts;
  for (size_t f = 0; f < views.size(); ++f)
    layouts.push_back(views[f].layout.layout(bins[f], bins[f].count() == 1 && views[f].missing));
  Binned out{BinMatrix(x.rows, std::move(bins), layouts, function),
             describe(x, categorical),
             options.max_bins,
             {}};
  set_categories(out);
  out.matrix.add(x, 0);
  out.matrix.finish();
  return out;
}

std::vector<Levels> join_levels(Communicator& group, const std::vector<Levels>& own) {
  ModelWriter out;
  out.put(static_cast<uint32_t>(own.size()));
  for (const Levels& levels : own) {
    out.put(static_cast<uint32_t>(levels.size()));
    for (const std::string& level : levels) out.put_text(level);
  }
  std::vector<Levels> all;
  for (const std::string& bytes : group.allgather(out.take())) {
    ModelReader reader(bytes, "train: texts of another worker");
    const uint32_t features = reader.get_count(4);
    all.resize(std::max<size_t>(all.size(), features));
    for (uint32_t f = 0; f < features; ++f) {
      Levels more;
      for (uint32_t left = reader.get_count(4); left > 0; --left) more.push_back(reader.get_text());
      add_levels(all[f], more);
    }
  }
  return all;
}

}  // namespace cne::gbdt

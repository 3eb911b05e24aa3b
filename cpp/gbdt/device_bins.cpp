#include "gbdt/device_bins.h"

#include <algorithm>

#include "gbdt/device_histogram.h"

namespace cne::gbdt {

namespace {

constexpr int kWordBits = 32;
constexpr int kPaddedWords = 16;
constexpr size_t kReserved = 1024;  // of shared memory, by the driver for each block

int bits_for(int values) {
  int bits = 1;
  while ((1 << bits) < values) ++bits;
  return bits;
}

/// So that two blocks fit a multiprocessor.
int group_slots(const DeviceLimits& limits) {
  const size_t half = limits.shared_per_multiprocessor / 2 - kReserved;
  return static_cast<int>(std::min(half, limits.shared_per_block) / SumHistograms::kSlotBytes);
}

}  // namespace

PackedLayout pack_layout(const BinMatrix& bins, int group_slots, int group_features) {
  PackedLayout out;
  int word = 0;
  int shift = 0;
  FeatureGroup group{0, 0};
  const auto slots_of = [&](const FeatureGroup& g) {
    return bins.slot(g.last) - bins.slot(g.first);
  };
  const auto close = [&] {
    if (group.last > group.first) out.groups.push_back(group);
    out.most_slots = std::max(out.most_slots, slots_of(group));
    group.first = group.last;
  };
  for (int j = 0; j < bins.width(); ++j) {
    const int slots = bins.slot(j + 1) - bins.slot(j);
    const int bits = bits_for(slots);
    if (shift + bits > kWordBits) {
      ++word;
      shift = 0;
    }
    out.features.push_back(
        {word, shift, (uint32_t{1} << bits) - 1, bins.slot(j), bins.bins(j).count()});
    shift += bits;
    if (slots_of(group) + slots > group_slots || group.last - group.first == group_features)
      close();
    group.last = j + 1;
  }
  close();
  out.words = bins.width() > 0 ? word + 1 : 0;
  int padded = 1;
  while (padded < out.words) padded *= 2;
  out.words = out.words <= kPaddedWords ? padded : (out.words + 3) / 4 * 4;
  return out;
}

DeviceBins::DeviceBins(const DeviceQueue& queue, const BinMatrix& bins, bool packed)
    : bins_(bins), stride_((bins.rows() + 127) / 128 * 128) {
  const int width = bins.width();
  columns_.reserve(queue, stride_ * width);
  std::vector<uint8_t> listed;
  for (int j = 0; j < width; ++j) {
    const BinColumn column = bins.column(j);
    const uint8_t* bytes = column.bins;
    if (column.is_listed()) {
      listed.resize(static_cast<size_t>(bins.rows()));
      column.read(0, bins.rows(), listed.data());
      bytes = listed.data();
    }
    queue.upload(bytes, static_cast<size_t>(bins.rows()), columns_.data() + j * stride_);
  }
  if (!packed) return;
  layout_ = pack_layout(bins, group_slots(queue.limits()), SumHistograms::kThreads);
  features_.upload(queue, layout_.features.data(), width);
  groups_.upload(queue, layout_.groups.data(), static_cast<int64_t>(layout_.groups.size()));
  packed_.reserve(queue, bins.rows() * layout_.words);
  const PackRows kernel{columns_.data(), stride_,       bins.rows(),   features_.data(),
                        width,           layout_.words, packed_.data()};
  cne::run(queue, kernel, {(bins.rows() + PackRows::kThreads - 1) / PackRows::kThreads, 1});
}

}  // namespace cne::gbdt

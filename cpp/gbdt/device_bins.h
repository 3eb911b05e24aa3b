#pragma once

#include <cstdint>
#include <vector>

#include "core/device_queue.h"
#include "core/kernel.h"
#include "gbdt/bin_matrix.h"

namespace cne::gbdt {

/// Where the bin of a feature lies in a packed row, and in a histogram.
struct PackedFeature {
  int32_t word;
  int32_t shift;
  uint32_t mask;
  int32_t slot;   // the first one in a histogram
  int32_t count;  // bins without the one for missing values, which is bin `count`
};

/// Features [first, last), summed by one block.
struct FeatureGroup {
  int32_t first;
  int32_t last;
};

/// How rows of bins are packed: each bin in as many bits as its feature needs, none across the end
/// of a 32-bit word, so that a row of `words` words is read once for all of its features. Rows of
/// up to 16 words are padded to a power of two: a row that is read by itself then lies in as few
/// sectors of 32 bytes as it can.
struct PackedLayout {
  std::vector<PackedFeature> features;
  std::vector<FeatureGroup> groups;
  int words = 0;
  int most_slots = 0;  // of a group
};

/// Groups have at most `group_slots` slots (256 or more) and `group_features` features.
PackedLayout pack_layout(const BinMatrix& bins, int group_slots, int group_features);

/// Packs rows: block x packs kThreads of them, one each thread.
struct PackRows {
  static constexpr const char* kName = "train: pack_rows";
  static constexpr int kThreads = 256;
  const uint8_t* columns;
  int64_t column_stride;
  int64_t rows;
  const PackedFeature* features;
  int width;
  int words;
  uint32_t* packed;

  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t row = block.x() * kThreads + t;
      if (row >= rows) return;
      uint32_t* out = packed + row * words;
      int at = 0;
      uint32_t word = 0;
      for (int j = 0; j < width; ++j) {
        const PackedFeature feature = features[j];
        if (feature.word != at) {
          out[at++] = word;
          word = 0;
        }
        word |= static_cast<uint32_t>(columns[j * column_stride + row]) << feature.shift;
      }
      for (; at < words; word = 0) out[at++] = word;
    });
  }
};

/// A bin matrix in the memory of a device: by columns, one byte a bin, for partitions and trees
/// that are walked; packed by rows, where it is trained on. Views `bins` and `queue`, which must
/// outlive it.
class DeviceBins {
 public:
  DeviceBins(const DeviceQueue& queue, const BinMatrix& bins, bool packed);

  const BinMatrix& bins() const { return bins_; }
  int64_t rows() const { return bins_.rows(); }
  const uint8_t* column(int j) const { return columns_.data() + j * stride_; }
  int64_t column_stride() const { return stride_; }
  const PackedLayout& layout() const { return layout_; }
  const uint32_t* packed() const { return packed_.data(); }
  const PackedFeature* features() const { return features_.data(); }
  const FeatureGroup* groups() const { return groups_.data(); }

 private:
  const BinMatrix& bins_;
  int64_t stride_;
  PackedLayout layout_;
  DeviceArray<uint8_t> columns_;
  DeviceArray<uint32_t> packed_;
  DeviceArray<PackedFeature> features_;
  DeviceArray<FeatureGroup> groups_;
};

}  // namespace cne::gbdt

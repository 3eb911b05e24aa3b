#include <doctest/doctest.h>

#include "device_data.h"
#include "gbdt/device_bins.h"

using namespace cne;
using namespace cne::gbdt;

TEST_CASE("packed rows hold every bin, none across a word") {
  for (const int group_slots : {256, 1000, 7000}) {
    const DeviceData data(700, 41, 3);
    const BinMatrix& bins = *data.bins;
    const PackedLayout layout = pack_layout(bins, group_slots, 10);
    CHECK((layout.words == 1 || layout.words % 2 == 0));
    int next = 0;
    for (const FeatureGroup& group : layout.groups) {
      CHECK(group.first == next);
      CHECK(group.last - group.first <= 10);
      CHECK(bins.slot(group.last) - bins.slot(group.first) <= group_slots);
      next = group.last;
    }
    CHECK(next == bins.width());
    const DeviceQueue queue({}, "test");
    const DeviceBins packed(queue, bins, true);
    for (int j = 0; j < bins.width(); ++j) {
      const PackedFeature& f = packed.layout().features[j];
      CHECK(f.count == bins.bins(j).count());
      CHECK(f.mask >= static_cast<uint32_t>(f.count));
      CHECK((uint64_t{f.mask} << f.shift) <= 0xffffffffu);
      std::vector<uint8_t> column(static_cast<size_t>(bins.rows()));
      bins.column(j).read(0, bins.rows(), column.data());
      for (int64_t i = 0; i < bins.rows(); ++i) {
        const uint32_t word = packed.packed()[i * packed.layout().words + f.word];
        REQUIRE(((word >> f.shift) & f.mask) == column[i]);
      }
    }
  }
}

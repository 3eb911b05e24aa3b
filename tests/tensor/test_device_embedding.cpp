#include <doctest/doctest.h>

#include <random>

#include "tensor/device_embedding.h"

using namespace cne;
using namespace cne::tensor;

TEST_CASE("a GPU's kernels read rows by their numbers, and add to them in order") {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  const DeviceQueue queue({}, "test");
  for (const int64_t width : {1, 7, 128, 129})
    for (const int64_t count : {0, 1, 8, 50}) {
      constexpr int64_t kRows = 13;
      std::vector<int64_t> indices;
      for (int64_t i = 0; i < count; ++i)  // some are no row
        indices.push_back(static_cast<int64_t>(random() % (kRows + 2)) - 1);
      const auto size = [&](int64_t rows) { return static_cast<size_t>(rows * width); };
      std::vector<float> table(size(kRows)), gradient(size(count)), out(size(count), 9);
      for (float& each : table) each = normal(random);
      for (float& each : gradient) each = normal(random);
      const GatherRows gather{table.data(), indices.data(), out.data(), kRows, width, count};
      cne::run(queue, gather, gather.grid());
      std::vector<double> wide(table.begin(), table.end());
      bool same = true;
      for (int64_t i = 0; i < count; ++i)
        for (int64_t k = 0; k < width; ++k) {
          const int64_t row = indices[static_cast<size_t>(i)];
          const bool is_row = row >= 0 && row < kRows;
          const float want = is_row ? table[static_cast<size_t>(row * width + k)] : 0.0F;
          same = same && out[static_cast<size_t>(i * width + k)] == want;
          if (is_row)
            wide[static_cast<size_t>(row * width + k)] +=
                gradient[static_cast<size_t>(i * width + k)];
        }
      CHECK(same);
      const RowSegments segments = row_segments(indices, kRows);
      const ScatterRows scatter{
          gradient.data(),          segments.rows.data(), segments.starts.data(),
          segments.order.data(),    table.data(),         width,
          std::ssize(segments.rows)};
      cne::run(queue, scatter, scatter.grid());
      bool equal = true;
      for (size_t i = 0; i < table.size(); ++i)
        equal = equal && table[i] == static_cast<float>(wide[i]);
      CHECK(equal);
    }
}

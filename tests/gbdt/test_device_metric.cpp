#include <doctest/doctest.h>

#include "device_data.h"
#include "gbdt/device_metric.h"

using namespace cne;
using namespace cne::gbdt;

TEST_CASE("metrics of a GPU's kernel are those of the CPU, for labels with several numbers, too") {
  const DeviceData data(20000, 3, 5);
  Random random(8);
  for (const int outputs : {1, 3}) {
    std::vector<double> scores, label, weight;
    for (int64_t i = 0; i < outputs * 20000; ++i) {
      scores.push_back(random.unit());
      label.push_back(random.number());
    }
    for (int64_t i = 0; i < 20000; ++i) weight.push_back(random.unit());
    ObjectiveOptions options;
    options.outputs = outputs;
    Labels labels;
    labels.label = label.data();
    labels.weight = weight.data();
    labels.rows = 20000;
    labels.width = outputs;
    DeviceScores device({}, *data.bins, labels, options, scores);
    for (const char* name : {"l2", "rmse", "l1"}) {
      const Metric metric = find_metric(name, "test");
      CHECK(device.evaluate(metric) == evaluate(metric, options, labels, scores.data(), "test"));
    }
    CHECK(!device.evaluate(find_metric("huber", "test")));
    std::vector<double> back(scores.size());
    device.download(back);
    CHECK(back == scores);
  }
}

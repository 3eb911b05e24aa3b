#include <doctest/doctest.h>

#include <vector>

#include "core/kernel.h"

using namespace cne;

namespace {

/// Sums numbers by blocks; reads what a neighbour wrote in the phase before.
struct SumBlocks {
  static constexpr const char* kName = "test: sum_blocks";
  static constexpr int kThreads = 8;
  const int64_t* numbers;
  int64_t* sum;
  std::vector<int>* order;

  size_t shared_bytes() const { return kThreads * sizeof(int64_t); }
  template <typename Block>
  void run(Block& block) const {
    auto* shared = block.template shared<int64_t>();
    block.each([&](int t) {
      CHECK(shared[t] == static_cast<int64_t>(0xa5a5a5a5a5a5a5a5ULL));
      order->push_back(t);
    });
    block.each([&](int t) {
      shared[t] = numbers[(block.y() * 3 + block.x()) * kThreads + t];
      order->push_back(t);
    });
    block.each([&](int t) { Block::add(sum, shared[kThreads - 1 - t]); });
  }
};

}  // namespace

TEST_CASE("kernels run phase by phase, over all blocks, in other orders") {
  std::vector<int64_t> numbers;
  int64_t want = 0;
  for (int64_t i = 0; i < 3 * 2 * 8; ++i) {
    numbers.push_back(i * i);
    want += i * i;
  }
  const DeviceQueue queue({}, "test");
  DeviceArray<int64_t> sum(queue, 1);
  queue.clear(sum.data(), sizeof(int64_t));
  std::vector<int> order;
  emulate(SumBlocks{numbers.data(), sum.data(), &order}, {3, 2});
  int64_t got = 0;
  queue.download(sum.data(), sizeof got, &got);
  CHECK(got == want);
  REQUIRE(order.size() == 3 * 2 * 16);
  CHECK(order[0] == 7);
  CHECK(order[8] == 0);
}

TEST_CASE("memory of a device begins with what means nothing, and grows") {
  const DeviceQueue queue({}, "test");
  DeviceArray<uint8_t> array(queue, 3);
  CHECK(array.data()[0] == 0xa5);
  const uint8_t bytes[5] = {1, 2, 3, 4, 5};
  array.upload(queue, bytes, 5);
  CHECK(array.capacity() == 5);
  DeviceArray<uint8_t> other(queue, 5);
  queue.copy(array.data(), 5, other.data());
  uint8_t back[5];
  queue.download(other.data(), 5, back);
  CHECK(back[4] == 5);
}

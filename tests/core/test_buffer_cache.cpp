#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "core/buffer.h"
#include "core/buffer_cache.h"

namespace cne {

TEST_CASE("blocks are large enough, aligned, and come back") {
  for (const size_t size : {size_t{1}, kSmallestCached - 1, kSmallestCached, kSmallestCached + 64,
                            size_t{200'000}, size_t{1} << 20, (size_t{5} << 20) + 64}) {
    const size_t padded = (size + 63) / 64 * 64;
    void* const block = take_block(padded);
    REQUIRE(block != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(block) % 64 == 0);
    std::memset(block, 0xab, padded);  // the sanitizer would see one that is too small
    give_block(block, padded);
    void* const again = take_block(padded);
#ifndef CNE_SANITIZED
    if (padded >= kSmallestCached) CHECK(again == block);
#endif
    give_block(again, padded);
  }
}

TEST_CASE("buffers of several threads do not share bytes") {
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id)
    threads.emplace_back([id] {
      for (int round = 0; round < 200; ++round) {
        Buffer buffer = Buffer::allocate(kSmallestCached + static_cast<size_t>(round % 7) * 4096);
        std::memset(buffer.mutable_data(), id, buffer.size());
        for (size_t i = 0; i < buffer.size(); i += 4096) REQUIRE(buffer.data()[i] == id);
      }
    });
  for (std::thread& each : threads) each.join();
}

}  // namespace cne

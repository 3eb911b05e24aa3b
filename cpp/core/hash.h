#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cne {

/// Kafka's murmur2 (seed 0x9747b28c): keys go to partition `(murmur2 & 0x7fffffff) % partitions`,
/// as in org.apache.kafka.common.utils.Utils.
uint32_t murmur2(const void* data, size_t size);

/// Mixes 64 bits (the finaliser of MurmurHash3).
inline uint64_t hash_u64(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

/// Hashes bytes for tables in memory and for key groups in checkpoints: the same on every machine
/// and in every version that reads the same checkpoint format.
inline uint64_t hash_bytes(const void* data, size_t size, uint64_t seed = 0) {
  constexpr uint64_t kPrime = 0x9e3779b97f4a7c15ULL;
  const auto fold = [](uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  const auto load = [](const uint8_t* p, size_t n) {
    uint64_t word = 0;
    std::memcpy(&word, p, n);
    return word;
  };
  const auto* p = static_cast<const uint8_t*>(data);
  uint64_t h = seed ^ (size * kPrime);
  size_t left = size;
  for (; left >= 16; left -= 16, p += 16)
    h = fold(load(p, 8) ^ 0xa0761d6478bd642fULL, load(p + 8, 8) ^ h ^ 0xe7037ed1a0b428dbULL);
  if (left >= 8) {
    h = fold(load(p, 8) ^ kPrime, h ^ 0x8ebc6af09c88c6e3ULL);
    p += 8;
    left -= 8;
  }
  if (left > 0) h = fold(load(p, left) ^ 0x589965cc75374cc3ULL, h ^ kPrime);
  return hash_u64(h);
}

}  // namespace cne

#include "core/codec.h"

#ifdef CNE_WITH_SNAPPY
#include <snappy.h>

#include <algorithm>
#include <cstring>
#endif

namespace cne::detail {

#ifdef CNE_WITH_SNAPPY

namespace {

// snappy-java's SnappyCodec: magic, version and lowest readable version as big-endian int32; then
// blocks, each a big-endian int32 length and that many bytes of raw snappy.
constexpr uint8_t kXerial[16] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
constexpr size_t kMagicSize = 8;
constexpr size_t kBlock = 32 << 10;  // of snappy-java

uint32_t load_be32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 |
         static_cast<uint32_t>(p[2]) << 8 | p[3];
}

void decompress_block(const uint8_t* data, size_t size, size_t limit, ByteBuffer& out) {
  const auto* bytes = reinterpret_cast<const char*>(data);
  size_t plain = 0;
  if (!snappy::GetUncompressedLength(bytes, size, &plain))
    throw_bad_bytes(Codec::kSnappy, "no length");
  if (plain > limit - out.size()) throw_bad_bytes(Codec::kSnappy, "too large");
  // Snappy cannot shrink by more than this, so a false length asks for no memory.
  if (plain / 64 > size) throw_bad_bytes(Codec::kSnappy, "the length is false");
  uint8_t* to = out.room(plain + 1);
  if (!snappy::RawUncompress(bytes, size, reinterpret_cast<char*>(to)))
    throw_bad_bytes(Codec::kSnappy, "malformed");
  out.end_at(to + plain);
}

}  // namespace

void compress_snappy(const uint8_t* data, size_t size, ByteBuffer& out) {
  out.append(kXerial, sizeof kXerial);
  for (size_t at = 0; at < size; at += kBlock) {
    const size_t count = std::min(kBlock, size - at);
    uint8_t* to = out.room(4 + snappy::MaxCompressedLength(count));
    size_t packed = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(data + at), count,
                        reinterpret_cast<char*>(to + 4), &packed);
    for (int i = 0; i < 4; ++i) to[i] = static_cast<uint8_t>(packed >> (24 - 8 * i));
    out.end_at(to + 4 + packed);
  }
}

void decompress_snappy(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out) {
  const size_t limit = out.size() + max_size;
  if (size < sizeof kXerial || std::memcmp(data, kXerial, kMagicSize) != 0)
    return decompress_block(data, size, limit, out);
  for (size_t at = sizeof kXerial; at < size;) {
    if (size - at < 4) throw_bad_bytes(Codec::kSnappy, "cut");
    const uint32_t packed = load_be32(data + at);
    at += 4;
    if (packed > size - at) throw_bad_bytes(Codec::kSnappy, "cut");
    decompress_block(data + at, packed, limit, out);
    at += packed;
  }
}

#else

void compress_snappy(const uint8_t*, size_t, ByteBuffer&) { throw_no_codec(Codec::kSnappy); }
void decompress_snappy(const uint8_t*, size_t, size_t, ByteBuffer&) {
  throw_no_codec(Codec::kSnappy);
}

#endif

}  // namespace cne::detail

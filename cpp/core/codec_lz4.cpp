#include "core/codec.h"

#ifdef CNE_WITH_LZ4
#include <lz4frame.h>

#include <algorithm>
#endif

namespace cne::detail {

#ifdef CNE_WITH_LZ4

void compress_lz4(const uint8_t* data, size_t size, ByteBuffer& out) {
  // Kafka's Java client reads frames of independent blocks only.
  LZ4F_preferences_t preferences = {};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  const size_t bound = LZ4F_compressFrameBound(size, &preferences);
  uint8_t* to = out.room(bound);
  const size_t packed = LZ4F_compressFrame(to, bound, data, size, &preferences);
  if (LZ4F_isError(packed)) throw_bad_bytes(Codec::kLz4, LZ4F_getErrorName(packed));
  out.end_at(to + packed);
}

void decompress_lz4(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out) {
  struct Context {
    LZ4F_dctx* value = nullptr;
    Context() {
      if (LZ4F_isError(LZ4F_createDecompressionContext(&value, LZ4F_VERSION)))
        throw std::bad_alloc();
    }
    ~Context() { LZ4F_freeDecompressionContext(value); }
  } context;
  constexpr size_t kChunk = 64 << 10;
  const size_t limit = out.size() + max_size;
  size_t at = 0;
  size_t hint = 1;
  while (at < size || hint != 0) {
    const size_t chunk = std::min(kChunk, limit + 1 - out.size());
    uint8_t* to = out.room(chunk);
    size_t written = chunk;
    size_t taken = size - at;
    hint = LZ4F_decompress(context.value, to, &written, data + at, &taken, nullptr);
    if (LZ4F_isError(hint)) throw_bad_bytes(Codec::kLz4, LZ4F_getErrorName(hint));
    at += taken;
    out.end_at(to + written);
    if (out.size() > limit) throw_bad_bytes(Codec::kLz4, "too large");
    if (hint != 0 && taken == 0 && written == 0) throw_bad_bytes(Codec::kLz4, "cut");
  }
}

#else

void compress_lz4(const uint8_t*, size_t, ByteBuffer&) { throw_no_codec(Codec::kLz4); }
void decompress_lz4(const uint8_t*, size_t, size_t, ByteBuffer&) { throw_no_codec(Codec::kLz4); }

#endif

}  // namespace cne::detail

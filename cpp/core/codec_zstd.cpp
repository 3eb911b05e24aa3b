#include "core/codec.h"

#ifdef CNE_WITH_ZSTD
#include <zstd.h>

#include <algorithm>
#endif

namespace cne::detail {

#ifdef CNE_WITH_ZSTD

void compress_zstd(const uint8_t* data, size_t size, ByteBuffer& out) {
  const size_t bound = ZSTD_compressBound(size);
  uint8_t* to = out.room(bound);
  const size_t packed = ZSTD_compress(to, bound, data, size, ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(packed)) throw_bad_bytes(Codec::kZstd, ZSTD_getErrorName(packed));
  out.end_at(to + packed);
}

void decompress_zstd(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out) {
  struct Context {
    ZSTD_DCtx* value = ZSTD_createDCtx();
    Context() {
      if (value == nullptr) throw std::bad_alloc();
    }
    ~Context() { ZSTD_freeDCtx(value); }
  } context;
  constexpr size_t kChunk = 128 << 10;
  const size_t limit = out.size() + max_size;
  ZSTD_inBuffer in = {data, size, 0};
  size_t hint = 1;
  // Streams rather than asks the frame for its size: the header may lie, or not say.
  while (in.pos < in.size || hint != 0) {
    const size_t chunk = std::min(kChunk, limit + 1 - out.size());
    uint8_t* to = out.room(chunk);
    ZSTD_outBuffer to_buffer = {to, chunk, 0};
    const size_t before = in.pos;
    hint = ZSTD_decompressStream(context.value, &to_buffer, &in);
    if (ZSTD_isError(hint)) throw_bad_bytes(Codec::kZstd, ZSTD_getErrorName(hint));
    out.end_at(to + to_buffer.pos);
    if (out.size() > limit) throw_bad_bytes(Codec::kZstd, "too large");
    if (hint != 0 && in.pos == before && to_buffer.pos == 0) throw_bad_bytes(Codec::kZstd, "cut");
  }
}

#else

void compress_zstd(const uint8_t*, size_t, ByteBuffer&) { throw_no_codec(Codec::kZstd); }
void decompress_zstd(const uint8_t*, size_t, size_t, ByteBuffer&) { throw_no_codec(Codec::kZstd); }

#endif

}  // namespace cne::detail

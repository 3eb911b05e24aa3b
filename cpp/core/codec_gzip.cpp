#include "core/codec.h"

#ifdef CNE_WITH_ZLIB
#include <zlib.h>

#include <algorithm>
#endif

namespace cne::detail {

#ifdef CNE_WITH_ZLIB

namespace {
constexpr int kGzipWindow = 15 + 16;  // zlib: 16 asks for the gzip wrapper
constexpr size_t kChunk = 64 << 10;
}  // namespace

void compress_gzip(const uint8_t* data, size_t size, ByteBuffer& out) {
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  stream.next_in = const_cast<uint8_t*>(data);
  stream.avail_in = static_cast<uInt>(size);
  const size_t bound = deflateBound(&stream, static_cast<uLong>(size));
  stream.next_out = out.room(bound);
  stream.avail_out = static_cast<uInt>(bound);
  deflate(&stream, Z_FINISH);  // cannot run out: the bound is zlib's own
  out.end_at(stream.next_out);
  deflateEnd(&stream);
}

void decompress_gzip(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out) {
  struct Inflater {
    z_stream stream = {};
    Inflater() {
      if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream); }
  } inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = const_cast<uint8_t*>(data);
  stream.avail_in = static_cast<uInt>(size);
  const size_t limit = out.size() + max_size;
  bool ended = false;
  while (!ended || stream.avail_in > 0) {
    if (ended) inflateReset(&stream);  // another member follows
    // One byte more than allowed, so that being too large is seen.
    const size_t chunk = std::min(kChunk, limit + 1 - out.size());
    stream.next_out = out.room(chunk);
    stream.avail_out = static_cast<uInt>(chunk);
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.end_at(stream.next_out);
    if (out.size() > limit) throw_bad_bytes(Codec::kGzip, "too large");
    if (code != Z_OK && code != Z_STREAM_END) throw_bad_bytes(Codec::kGzip, "malformed or cut");
    ended = code == Z_STREAM_END;
    if (!ended && stream.avail_in == 0 && stream.avail_out > 0)
      throw_bad_bytes(Codec::kGzip, "cut");
  }
}

#else

void compress_gzip(const uint8_t*, size_t, ByteBuffer&) { throw_no_codec(Codec::kGzip); }
void decompress_gzip(const uint8_t*, size_t, size_t, ByteBuffer&) { throw_no_codec(Codec::kGzip); }

#endif

}  // namespace cne::detail

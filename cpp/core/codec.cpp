#include "core/codec.h"

#include <array>

#include "core/error.h"

namespace cne {

namespace {

constexpr std::array kNames = {"none", "gzip", "snappy", "lz4", "zstd"};

bool has_codec(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return true;
    case Codec::kGzip:
#ifdef CNE_WITH_ZLIB
      return true;
#else
      return false;
#endif
    case Codec::kSnappy:
#ifdef CNE_WITH_SNAPPY
      return true;
#else
      return false;
#endif
    case Codec::kLz4:
#ifdef CNE_WITH_LZ4
      return true;
#else
      return false;
#endif
    case Codec::kZstd:
#ifdef CNE_WITH_ZSTD
      return true;
#else
      return false;
#endif
  }
  return false;
}

}  // namespace

const char* codec_name(Codec codec) {
  const auto i = static_cast<size_t>(codec);
  return i < kNames.size() ? kNames[i] : "unknown";
}

Codec parse_codec(std::string_view name, const char* function) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<Codec>(i);
  throw ArgumentError(
      message(function, ": no codec", describe_unknown(name, {kNames.begin(), kNames.end()})));
}

std::vector<std::string> available_codecs() {
  std::vector<std::string> out;
  for (size_t i = 0; i < kNames.size(); ++i)
    if (has_codec(static_cast<Codec>(i))) out.emplace_back(kNames[i]);
  return out;
}

void compress(Codec codec, const uint8_t* data, size_t size, ByteBuffer& out) {
  switch (codec) {
    case Codec::kNone:
      return out.append(data, size);
    case Codec::kGzip:
      return detail::compress_gzip(data, size, out);
    case Codec::kSnappy:
      return detail::compress_snappy(data, size, out);
    case Codec::kLz4:
      return detail::compress_lz4(data, size, out);
    case Codec::kZstd:
      return detail::compress_zstd(data, size, out);
  }
  detail::throw_no_codec(codec);
}

void decompress(Codec codec, const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out) {
  switch (codec) {
    case Codec::kNone:
      if (size > max_size) detail::throw_bad_bytes(codec, "too large");
      return out.append(data, size);
    case Codec::kGzip:
      return detail::decompress_gzip(data, size, max_size, out);
    case Codec::kSnappy:
      return detail::decompress_snappy(data, size, max_size, out);
    case Codec::kLz4:
      return detail::decompress_lz4(data, size, max_size, out);
    case Codec::kZstd:
      return detail::decompress_zstd(data, size, max_size, out);
  }
  detail::throw_no_codec(codec);
}

namespace detail {

void throw_bad_bytes(Codec codec, std::string_view why) {
  throw CorruptionError(message("decompress: bad ", codec_name(codec), " data: ", why));
}

void throw_no_codec(Codec codec) {
  throw UnsupportedError(message("codec: this build has no ", codec_name(codec),
                                 "; install its development package and build again"));
}

}  // namespace detail

}  // namespace cne

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_buffer.h"

namespace cne {

/// How bytes are compressed; the numbers are those of Kafka's record batches.
enum class Codec : uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

/// "none", "gzip", "snappy", "lz4" or "zstd".
const char* codec_name(Codec codec);
/// Throws ArgumentError naming `function` when there is no such codec.
Codec parse_codec(std::string_view name, const char* function);
/// Those that this build was compiled with, "none" first.
std::vector<std::string> available_codecs();

/// Appends the compressed bytes to `out`: gzip (RFC 1952), snappy in the framing of xerial's
/// snappy-java (which Kafka's clients write), the LZ4 and Zstandard frame formats.
/// Throws UnsupportedError when this build lacks the codec.
void compress(Codec codec, const uint8_t* data, size_t size, ByteBuffer& out);

/// Appends the plain bytes to `out`, at most `max_size` of them. Reads several frames or members
/// one after the other, and snappy with or without xerial's framing.
/// Throws CorruptionError when the bytes are malformed or would be larger than `max_size`;
/// UnsupportedError when this build lacks the codec.
void decompress(Codec codec, const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out);

namespace detail {
// One file a codec; each throws UnsupportedError in a build without its library.
void compress_gzip(const uint8_t* data, size_t size, ByteBuffer& out);
void decompress_gzip(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out);
void compress_snappy(const uint8_t* data, size_t size, ByteBuffer& out);
void decompress_snappy(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out);
void compress_lz4(const uint8_t* data, size_t size, ByteBuffer& out);
void decompress_lz4(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out);
void compress_zstd(const uint8_t* data, size_t size, ByteBuffer& out);
void decompress_zstd(const uint8_t* data, size_t size, size_t max_size, ByteBuffer& out);
[[noreturn]] void throw_bad_bytes(Codec codec, std::string_view why);
[[noreturn]] void throw_no_codec(Codec codec);
}  // namespace detail

}  // namespace cne

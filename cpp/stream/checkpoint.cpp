#include "stream/checkpoint.h"

#include <cstdint>

#include "core/crc32c.h"
#include "core/error.h"
#include "stream/state_io.h"

namespace cne::stream {

namespace {
constexpr std::string_view kMagic = "CNESTRM1";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeader = 24;
}  // namespace

std::string seal_checkpoint(std::string_view payload) {
  StateWriter out;
  out.bytes().append(kMagic);
  out.put(kVersion);
  out.put(crc32c(payload.data(), payload.size()));
  out.put<uint64_t>(payload.size());
  out.bytes().append(payload);
  return std::move(out.bytes());
}

std::string_view open_checkpoint(std::string_view file, const std::string& path) {
  if (file.size() < kHeader || file.substr(0, 8) != kMagic)
    throw CorruptionError(message("Job: ", path, " is not a checkpoint"));
  StateReader header(file.substr(8, kHeader - 8));
  const auto version = header.get<uint32_t>();
  const auto crc = header.get<uint32_t>();
  const auto size = header.get<uint64_t>();
  if (version != kVersion)
    throw UnsupportedError(message("Job: ", path, " has format version ", version,
                                   ", this build reads version ", kVersion));
  const std::string_view payload = file.substr(kHeader);
  if (payload.size() != size)
    throw CorruptionError(
        message("Job: ", path, ": expected a payload of ", size, " bytes, got ", payload.size()));
  if (crc32c(payload.data(), payload.size()) != crc)
    throw CorruptionError(message("Job: ", path, ": the checksum does not match"));
  return payload;
}

}  // namespace cne::stream

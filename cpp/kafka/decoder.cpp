#include "kafka/decoder.h"

namespace cne::kafka {

void Decoder::fail(const char* what) const { throw WireError(message("decode: ", what)); }

uint32_t Decoder::unsigned_varint() {
  uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = *take(1);
    if (shift == 28 && byte > 0x0f) break;
    value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("a number has more than 32 bits");
}

int64_t Decoder::string_size() {
  if (flexible_) {
    const int64_t size = static_cast<int64_t>(unsigned_varint()) - 1;
    if (size > static_cast<int64_t>(kMaxString)) fail("a string of more than 32767 bytes");
    return size;
  }
  const auto size = number<int16_t>();
  if (size < -1) fail("a string of negative length");
  return size;
}

int64_t Decoder::array_size() {
  if (flexible_) return static_cast<int64_t>(unsigned_varint()) - 1;
  const auto size = number<int32_t>();
  if (size < -1) fail("an array of negative length");
  return size;
}

void Decoder::read_string(std::string& value, int64_t size) {
  const auto count = static_cast<uint64_t>(size);
  value.assign(reinterpret_cast<const char*>(take(count)), count);
}

std::optional<std::string> Decoder::plain_string() {
  const auto size = number<int16_t>();
  if (size < -1) fail("a string of negative length");
  if (size < 0) return std::nullopt;
  std::string value;
  read_string(value, size);
  return value;
}

void Decoder::read_tags() {
  tags_read_ = true;
  const uint32_t count = unsigned_varint();
  if (count > left()) fail("more tagged fields than bytes are left");
  if (count > items_left_) fail("more items than one message may have");
  items_left_ -= count;
  tags_.clear();
  int64_t before = -1;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t tag = unsigned_varint();
    if (static_cast<int64_t>(tag) <= before) fail("tagged fields are out of order");
    before = tag;
    const uint32_t size = unsigned_varint();
    tags_.push_back({tag, take(size), size});
  }
}

}  // namespace cne::kafka

#include "kafka/encoder.h"

namespace cne::kafka {

void Encoder::put_varint(ByteBuffer& to, uint32_t value) {
  for (; value >= 0x80; value >>= 7) to.push(static_cast<char>(value | 0x80));
  to.push(static_cast<char>(value));
}

std::string_view Encoder::clip(std::string_view text) {
  if (text.size() <= kMaxString) return text;
  size_t size = kMaxString;
  // Bytes 10xxxxxx go on with a character of UTF-8, which has at most four.
  while (size > kMaxString - 4 && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void Encoder::string_size(int64_t size) {
  if (flexible_) return put_varint(frame_.bytes, static_cast<uint32_t>(size + 1));
  number(static_cast<int16_t>(size));
}

void Encoder::array_size(int64_t size) {
  if (flexible_) return put_varint(frame_.bytes, static_cast<uint32_t>(size + 1));
  number(static_cast<int32_t>(size));
}

void Encoder::write_records(const Records& records) {
  if (records.null) return array_size(-1);
  if (records.slices.empty()) {
    array_size(static_cast<int64_t>(records.size));
    frame_.bytes.append(records.data, records.size);
    return;
  }
  size_t size = 0;
  for (const FileSlice& slice : records.slices) size += slice.size;
  array_size(static_cast<int64_t>(size));
  for (const FileSlice& slice : records.slices)
    frame_.splices.push_back({frame_.bytes.size(), slice});
  frame_.file_bytes += size;
}

}  // namespace cne::kafka

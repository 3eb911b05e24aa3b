#include "feature/record_file.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/crc32c.h"
#include "core/error.h"

namespace cne::feature {

namespace {

constexpr std::string_view kFileMagic = "CNEFEAT1";
constexpr uint32_t kRecordMagic = 0x52454e43;

struct Header {
  uint32_t magic;
  uint32_t type;
  uint64_t bytes;
  uint64_t durable;
  uint32_t payload_crc;
  uint32_t header_crc;
};
static_assert(sizeof(Header) == 32);

uint32_t header_crc(const Header& header) { return crc32c(&header, sizeof(Header) - 4); }

std::optional<Header> header_at(const Buffer& file, uint64_t offset) {
  Header out;
  if (file.size() - offset < sizeof(Header)) return std::nullopt;
  std::memcpy(&out, file.data() + offset, sizeof(Header));
  if (out.magic != kRecordMagic || out.header_crc != header_crc(out)) return std::nullopt;
  return out;
}

std::optional<Record> record_at(const Buffer& file, uint64_t offset) {
  const std::optional<Header> header = header_at(file, offset);
  if (!header) return std::nullopt;
  const uint64_t start = offset + sizeof(Header);
  if (header->bytes % 8 != 0 || header->bytes > file.size() - start) return std::nullopt;
  if (crc32c(file.data() + start, header->bytes) != header->payload_crc) return std::nullopt;
  Record out;
  out.type = static_cast<RecordType>(header->type);
  out.offset = offset;
  out.payload = file.slice(start, header->bytes);
  return out;
}

/// Whether a record behind `offset` says that the bytes there had been durable.
bool was_durable(const Buffer& file, uint64_t offset) {
  for (uint64_t at = offset + 8; at + sizeof(Header) <= file.size(); at += 8)
    if (const auto header = header_at(file, at); header && header->durable > offset) return true;
  return false;
}

}  // namespace

void throw_corrupt(const std::string& path, uint64_t offset, std::string_view what) {
  throw CorruptionError(message("open: \"", path, "\" at byte ", offset, ": ", what));
}

RecordWriter RecordWriter::create(const std::string& path) {
  RecordWriter out(File::open(path, File::Mode::kReadWrite));
  if (out.file_.size() > 0) out.file_.truncate(0);
  out.file_.append(kFileMagic.data(), kFileMagic.size());
  return out;
}

RecordWriter RecordWriter::resume(const std::string& path, uint64_t size) {
  if (size < kFileMagic.size()) return create(path);
  RecordWriter out(File::open(path, File::Mode::kReadWrite));
  if (out.file_.size() > size) out.file_.truncate(size);
  out.sync();
  return out;
}

void RecordWriter::append(RecordType type, std::string_view head, const Buffer& payload) {
  if (!broken_.empty())
    throw StateError(message("write: \"", path(), "\" failed before (", broken_,
                             "); close the store and open it again"));
  const size_t bytes = (head.size() + payload.size() + 7) / 8 * 8;
  scratch_.assign(sizeof(Header) + bytes, '\0');
  char* body = scratch_.data() + sizeof(Header);
  std::memcpy(body, head.data(), head.size());
  if (!payload.empty()) std::memcpy(body + head.size(), payload.data(), payload.size());
  Header header{kRecordMagic, static_cast<uint32_t>(type), bytes, durable_, crc32c(body, bytes), 0};
  header.header_crc = header_crc(header);
  std::memcpy(scratch_.data(), &header, sizeof(Header));
  const uint64_t before = file_.size();
  try {
    file_.append(scratch_.data(), scratch_.size());
  } catch (const IoError& error) {
    try {
      file_.truncate(before);
    } catch (const IoError&) {
      broken_ = error.what();
    }
    throw;
  }
  ++records_;
  if (scratch_.capacity() > (size_t{1} << 20)) scratch_ = {};
}

void RecordWriter::finish() {
  const uint64_t records = records_;
  append(RecordType::kEnd, {reinterpret_cast<const char*>(&records), sizeof(records)});
  sync();
}

void RecordWriter::sync() {
  const uint64_t size = file_.size();
  try {
    flush();
  } catch (const IoError& error) {
    broken_ = error.what();
    throw;
  }
  mark_durable(size);
}

ScanResult scan_records(const std::string& path, const std::function<void(const Record&)>& each) {
  const Buffer file = map_file(path);
  ScanResult out{0, file.size()};
  const size_t known = std::min(file.size(), kFileMagic.size());
  if (std::string_view(file.as<char>(), known) != kFileMagic.substr(0, known))
    throw_corrupt(path, 0, "expected a file of a feature store");
  if (file.size() < kFileMagic.size()) return out;
  out.good_bytes = kFileMagic.size();
  while (out.good_bytes < file.size()) {
    const std::optional<Record> record = record_at(file, out.good_bytes);
    if (!record) break;
    each(*record);
    out.good_bytes += sizeof(Header) + record->payload.size();
  }
  if (out.good_bytes < out.file_bytes && was_durable(file, out.good_bytes))
    throw_corrupt(path, out.good_bytes, "a record is damaged that later ones know as durable");
  return out;
}

void scan_whole(const std::string& path, const std::function<void(const Record&)>& each) {
  uint64_t records = 0;
  bool ended = false;
  const ScanResult result = scan_records(path, [&](const Record& record) {
    if (ended) throw_corrupt(path, record.offset, "expected the end of the file");
    ended = record.type == RecordType::kEnd;
    if (!ended) {
      ++records;
      return each(record);
    }
    uint64_t count = 0;
    if (record.payload.size() == sizeof(count))
      std::memcpy(&count, record.payload.data(), sizeof(count));
    if (count != records) throw_corrupt(path, record.offset, "records are missing");
  });
  if (!ended || result.good_bytes != result.file_bytes)
    throw_corrupt(path, result.good_bytes, "expected a good record, the file is damaged or cut");
}

}  // namespace cne::feature

#include "feature/record_file.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>

#include "core/crc32c.h"
#include "core/error.h"

namespace cne::feature {

namespace {

constexpr std::string_view kFileMagic = "CNEFEAT2";
constexpr std::string_view kRecordMagic = "CNER";

struct FileHead {
  char magic[8];
  uint32_t salt;
  uint32_t crc;

  uint32_t expected_crc() const { return crc32c(this, sizeof(FileHead) - 4); }
  /// What the crc of every header of the file begins with.
  uint32_t seed() const { return crc32c(&salt, sizeof(salt)); }
};
static_assert(sizeof(FileHead) == 16);

struct Header {
  char magic[4];
  uint32_t type;
  uint64_t bytes;
  uint32_t payload_crc;
  uint32_t header_crc;
};
static_assert(sizeof(Header) == 24);

uint32_t header_crc(const Header& header, uint32_t seed) {
  return crc32c(&header, sizeof(Header) - 4, seed);
}

/// A mapped file and the crc of its salt.
struct Mapped {
  Buffer bytes;
  uint32_t seed = 0;

  std::optional<Header> header_at(uint64_t offset) const {
    Header out;
    if (bytes.size() - offset < sizeof(Header)) return std::nullopt;
    std::memcpy(&out, bytes.data() + offset, sizeof(Header));
    if (std::string_view(out.magic, 4) != kRecordMagic || out.header_crc != header_crc(out, seed))
      return std::nullopt;
    return out;
  }

  std::optional<Record> record_at(uint64_t offset) const {
    const std::optional<Header> header = header_at(offset);
    if (!header) return std::nullopt;
    const uint64_t start = offset + sizeof(Header);
    if (header->bytes % 8 != 0 || header->bytes > bytes.size() - start) return std::nullopt;
    if (crc32c(bytes.data() + start, header->bytes) != header->payload_crc) return std::nullopt;
    return Record{static_cast<RecordType>(header->type), offset, bytes.slice(start, header->bytes)};
  }

  /// Where the next record begins behind a bad one. Any byte will do: bytes may be lost as well.
  std::optional<uint64_t> record_behind(uint64_t offset) const {
    const std::string_view text(bytes.as<char>(), bytes.size());
    for (size_t at = text.find(kRecordMagic, offset + 1); at != std::string_view::npos;
         at = text.find(kRecordMagic, at + 1))
      if (header_at(at)) return at;
    return std::nullopt;
  }
};

/// The head of a file, which may be cut short by a crash: then none.
std::optional<FileHead> head_of(const Buffer& file, const std::string& path) {
  const size_t known = std::min(file.size(), kFileMagic.size());
  if (std::string_view(file.as<char>(), known) != kFileMagic.substr(0, known))
    throw_corrupt(path, 0, "expected a file of a feature store");
  FileHead out;
  if (file.size() < sizeof(FileHead)) return std::nullopt;
  std::memcpy(&out, file.data(), sizeof(FileHead));
  if (out.crc != out.expected_crc()) throw_corrupt(path, 0, "the head of the file is damaged");
  return out;
}

}  // namespace

void throw_corrupt(const std::string& path, uint64_t offset, std::string_view what) {
  throw CorruptionError(message("open: \"", path, "\" at byte ", offset, ": ", what));
}

RecordWriter RecordWriter::create(const std::string& path) {
  RecordWriter out(File::open(path, File::Mode::kReadWrite));
  if (out.file_.size() > 0) out.file_.truncate(0);
  FileHead head{{}, std::random_device()(), 0};
  std::memcpy(head.magic, kFileMagic.data(), kFileMagic.size());
  head.crc = head.expected_crc();
  out.file_.append(&head, sizeof(head));
  out.seed_ = head.seed();
  return out;
}

RecordWriter RecordWriter::resume(const std::string& path, const ScanResult& scan) {
  if (scan.good_bytes < sizeof(FileHead)) return create(path);
  RecordWriter out(File::open(path, File::Mode::kReadWrite));
  if (out.file_.size() > scan.good_bytes) out.file_.truncate(scan.good_bytes);
  out.seed_ = scan.seed;
  out.marked_ = scan.marked;
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
  head.copy(body, head.size());
  if (!payload.empty()) std::memcpy(body + head.size(), payload.data(), payload.size());
  Header header{{}, static_cast<uint32_t>(type), bytes, crc32c(body, bytes), 0};
  std::memcpy(header.magic, kRecordMagic.data(), kRecordMagic.size());
  header.header_crc = header_crc(header, seed_);
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
  marked_ = type == RecordType::kMark;
  if (scratch_.capacity() > (size_t{1} << 20)) scratch_ = {};
}

void RecordWriter::finish() {
  const uint64_t records = records_;
  append(RecordType::kEnd, {reinterpret_cast<const char*>(&records), sizeof(records)});
  flush();
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

void RecordWriter::mark_durable(uint64_t size) {
  durable_ = std::max(durable_, size);
  if (marked_ || size != file_.size() || !broken_.empty()) return;
  try {
    append(RecordType::kMark, {});
    durable_ = file_.size();  // a mark that is lost with the power was not needed
  } catch (const IoError&) {
    // What it would have guarded is on the disk; the next append tells.
  }
}

ScanResult scan_records(const std::string& path, const std::function<void(const Record&)>& each,
                        bool repair) {
  const Buffer bytes = map_file(path);
  ScanResult out;
  out.file_bytes = bytes.size();
  const std::optional<FileHead> head = head_of(bytes, path);
  if (!head) return out;
  out.seed = head->seed();
  out.good_bytes = sizeof(FileHead);
  const Mapped file{bytes, out.seed};
  for (uint64_t at = out.good_bytes; at < out.file_bytes;) {
    if (const std::optional<Record> record = file.record_at(at)) {
      out.marked = record->type == RecordType::kMark;
      if (!out.marked) each(*record);
      at += sizeof(Header) + record->payload.size();
      out.good_bytes = at;
      continue;
    }
    const std::optional<uint64_t> next = file.record_behind(at);
    if (!next) break;
    if (*next - at != sizeof(Header)) {  // more than a mark
      if (repair) break;
      throw_corrupt(path, at,
                    "a record is damaged and good ones follow; repair=True cuts the log there");
    }
    at = *next;
  }
  return out;
}

void scan_whole(const std::string& path, const std::function<void(const Record&)>& each) {
  uint64_t records = 0;
  bool ended = false;
  const auto check = [&](const Record& record) {
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
  };
  const ScanResult result = scan_records(path, check, true);
  if (!ended || result.good_bytes != result.file_bytes)
    throw_corrupt(path, result.good_bytes, "expected a good record, the file is damaged or cut");
}

}  // namespace cne::feature

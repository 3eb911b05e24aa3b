#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/buffer.h"
#include "core/file.h"

namespace cne::feature {

enum class RecordType : uint32_t {
  kCreateView = 1,  // u32 view id, u32 0, spec
  kDropView = 2,    // u32 view id, u32 0
  kWrite = 3,       // u32 view id, u32 0, block: rows in the order of writing
  kHistory = 4,     // u32 view id, u32 0, u64 rows, name of a file of kWrite records
  kOnline = 5,      // u32 view id, u32 0, block: the newest row of each entity
  kEnd = 6,         // u64 records before this one: the file is whole
  kMark = 7,        // nothing: what is before is on the disk
};

struct ScanResult {
  uint64_t good_bytes = 0;  // the end of the last good record
  uint64_t file_bytes = 0;
  uint32_t seed = 0;   // of the crc of headers: the salt's
  bool marked = true;  // whether there is no record behind the last mark
};

/// Appends records to a file. Format, little endian:
///
///   file    8 bytes "CNEFEAT2", u32 salt, u32 crc32c of these 12 bytes, then records
///   record  u32 magic, u32 type, u64 payload bytes (a multiple of 8), u32 crc32c of the payload,
///           u32 crc32c of the salt and the 20 bytes before; payload
///
/// The salt, drawn for each file, keeps bytes of a record inside a value from being taken for one.
/// A mark follows what was synced, so that damage to the last record before it is told from a torn
/// tail. Not thread safe but for flush().
class RecordWriter {
 public:
  /// Starts a new file; what is there is overwritten.
  static RecordWriter create(const std::string& path);
  /// Goes on behind the good records of a scan, cuts what follows and makes all durable.
  static RecordWriter resume(const std::string& path, const ScanResult& scan);

  /// Appends a record in one write, padding it. When that fails the file is cut back to what it
  /// was; when that fails too, nothing more can be appended (StateError).
  void append(RecordType type, std::string_view head, const Buffer& payload = {});
  /// Ends a file that is written whole, and makes it durable.
  void finish();
  /// Makes everything so far durable. A failure leaves unknown what is on the disk, so nothing more
  /// can be appended (StateError).
  void sync();
  /// The half of sync() that may run beside append(): everything appended before is durable once
  /// this returns, and mark_durable() may be told.
  void flush() { file_.sync(); }
  /// Marks the end when nothing was appended behind `size`.
  void mark_durable(uint64_t size);
  void break_off(std::string why) { broken_ = std::move(why); }
  bool dirty() const { return durable_ < file_.size(); }
  uint64_t size() const { return file_.size(); }
  const std::string& path() const { return file_.path(); }

 private:
  explicit RecordWriter(File file) : file_(std::move(file)) {}

  File file_;
  uint32_t seed_ = 0;     // of the crc of headers
  uint64_t durable_ = 0;  // how much is known to be on the disk, and a mark behind it
  bool marked_ = true;    // whether there is no record behind the last mark
  uint64_t records_ = 0;
  std::string broken_;
  std::string scratch_;
};

struct Record {
  RecordType type = RecordType::kEnd;
  uint64_t offset = 0;  // of its header
  Buffer payload;       // a view of the mapped file, aligned to 8

  std::string_view text() const { return {payload.as<char>(), payload.size()}; }
};

/// Reads the records of a file in order, but for marks. A bad one ends the scan as a torn tail when
/// no good one is behind it, and otherwise is a CorruptionError with path and offset, or, with
/// `repair`, ends the scan as well. A bad mark between good records says nothing and is passed
/// over.
ScanResult scan_records(const std::string& path, const std::function<void(const Record&)>& each,
                        bool repair = false);
/// For a file that was finished: anything but good records up to the end is CorruptionError.
void scan_whole(const std::string& path, const std::function<void(const Record&)>& each);

/// Throws CorruptionError: `path` at `offset`: `what`.
[[noreturn]] void throw_corrupt(const std::string& path, uint64_t offset, std::string_view what);

}  // namespace cne::feature

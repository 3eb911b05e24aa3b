#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/buffer.h"
#include "core/directory_lock.h"
#include "core/fault.h"

namespace cne {

/// The one way to the disk: every write, sync, rename and truncate of the engine goes through here,
/// so that a test can make the n-th of them fail, tear or kill the process (FaultPlan).
///
/// A File is an open descriptor. Not thread safe but for read_at and sync, which any thread may
/// call. Failures throw IoError with the path, what was tried and errno's text.
class File {
 public:
  /// kReadWrite and kAppend are one mode with two names: what the caller means to do.
  enum class Mode { kRead, kReadWrite, kAppend = kReadWrite };
  /// Creates the file when it is missing, but for kRead.
  static File open(const std::string& path, Mode mode);

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  const std::string& path() const { return path_; }
  int descriptor() const { return fd_; }
  /// Where the next append goes: the size, but for bytes of a failed append behind it.
  uint64_t size() const { return end_; }
  /// The size on disk now, also when another process writes.
  uint64_t size_on_disk() const;
  /// Writes all of it at the end, which this object keeps itself: an append that failed half way
  /// leaves the end where it was, and the next one overwrites the torn bytes.
  void append(const void* data, size_t size);
  void write_at(uint64_t offset, const void* data, size_t size);
  /// Reads up to `size` bytes; fewer only at the end of the file.
  size_t read_at(uint64_t offset, void* data, size_t size) const;
  void truncate(uint64_t size);
  /// fdatasync.
  void sync();
  /// Lets the system begin to write a part to the disk, where it can, so that a later sync has less
  /// to wait for. Promises nothing.
  void start_writeback(uint64_t offset, uint64_t size) const;
  void close();

 private:
  File(int fd, uint64_t end, std::string path) : fd_(fd), end_(end), path_(std::move(path)) {}
  int fd_ = -1;
  uint64_t end_ = 0;
  std::string path_;
};

/// A part of a file, kept open by it: what can be sent without being read.
struct FileSlice {
  std::shared_ptr<const File> file;
  uint64_t position = 0;
  size_t size = 0;
};

/// Maps a file for reading; the Buffer keeps the mapping alive. An empty file gives an empty
/// buffer.
Buffer map_file(const std::string& path);
/// The whole file. Throws IoError when it cannot be read.
std::string read_file(const std::string& path);
/// Replaces a file so that after a crash either the old or the new content is there, whole: writes
/// a temporary file beside it, syncs it, renames it, syncs the directory.
enum class FileReaders { kAsUsual, kOwner };
void write_file_atomic(const std::string& path, std::string_view content,
                       FileReaders readers = FileReaders::kAsUsual);

bool file_exists(const std::string& path);
uint64_t file_size(const std::string& path);
/// When it was written to last, in ms since 1970.
int64_t file_modified_ms(const std::string& path);
void rename_file(const std::string& from, const std::string& to);
void remove_file(const std::string& path);  // a missing file is fine
void remove_tree(const std::string& path);  // a missing directory is fine
void create_directories(const std::string& path);
/// The same, and syncs the directories that hold the new ones: they outlive a loss of power.
void create_durably(const std::string& path);
bool is_directory(const std::string& path);
std::vector<std::string> list_directory(const std::string& path);  // names, sorted
/// Makes renames and creations in a directory durable.
void sync_directory(const std::string& path);
/// Makes everything durable that was written to the file system of `path`: for many files faster
/// than a sync of each. False, having done nothing, where the system would not report failures.
bool sync_filesystem(const std::string& path);

}  // namespace cne

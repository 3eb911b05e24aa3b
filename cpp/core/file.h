#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/buffer.h"

namespace cne {

/// The one way to the disk: every write, sync, rename and truncate of the engine goes through here,
/// so that a test can make the n-th of them fail, tear or kill the process (FaultPlan).
///
/// A File is an open descriptor. Not thread safe but for read_at, which any thread may call.
/// Failures throw IoError with the path, what was tried and errno's text.
class File {
 public:
  enum class Mode { kRead, kReadWrite, kAppend };
  /// kReadWrite and kAppend create the file when it is missing.
  static File open(const std::string& path, Mode mode);

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  const std::string& path() const { return path_; }
  int descriptor() const { return fd_; }
  uint64_t size() const;
  /// Writes all of it at the end (kAppend) or at the current end that the file keeps itself.
  void append(const void* data, size_t size);
  void write_at(uint64_t offset, const void* data, size_t size);
  /// Reads up to `size` bytes; fewer only at the end of the file.
  size_t read_at(uint64_t offset, void* data, size_t size) const;
  void truncate(uint64_t size);
  /// fdatasync.
  void sync();
  void close();

 private:
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_ = -1;
  std::string path_;
};

/// Maps a file for reading; the Buffer keeps the mapping alive. An empty file gives an empty
/// buffer.
Buffer map_file(const std::string& path);
/// The whole file. Throws IoError when it cannot be read.
std::string read_file(const std::string& path);
/// Replaces a file so that after a crash either the old or the new content is there, whole: writes
/// a temporary file beside it, syncs it, renames it, syncs the directory.
void write_file_atomic(const std::string& path, std::string_view content);

bool file_exists(const std::string& path);
void rename_file(const std::string& from, const std::string& to);
void remove_file(const std::string& path);  // a missing file is fine
void remove_tree(const std::string& path);  // a missing directory is fine
void create_directories(const std::string& path);
std::vector<std::string> list_directory(const std::string& path);  // names, sorted
/// Makes renames and creations in a directory durable.
void sync_directory(const std::string& path);

/// Holds `path` exclusively between processes and within one until destroyed. Throws LockedError
/// that names the path and, where known, the holder's process id.
class DirectoryLock {
 public:
  DirectoryLock(const std::string& directory, const char* function);
  DirectoryLock(DirectoryLock&&) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) noexcept;
  ~DirectoryLock();

 private:
  int fd_ = -1;
  std::string path_;
};

/// What goes wrong, and when, for tests. Set by `set_fault_plan` or, at start, by the environment
/// variable CNENGINE_FAULT="kill:17" (also "fail:17", "tear:17", "killtear:17").
struct FaultPlan {
  enum class Action {
    kFail,      // the operation throws IoError and changes nothing; all later ones fail as well
    kTear,      // half of the bytes are written, then as kFail
    kKill,      // the process ends by SIGKILL before the operation
    kKillTear,  // half of the bytes are written, then as kKill
  };
  Action action = Action::kFail;
  int64_t at = 0;  // which changing operation from now on, counted from 1
};
/// Replaces the plan; none switches faults off. Returns how many operations the last plan counted.
int64_t set_fault_plan(std::optional<FaultPlan> plan);
/// Changing operations (append, write_at, truncate, sync, rename, remove, create) of this process
/// so far.
int64_t fault_operations();

}  // namespace cne

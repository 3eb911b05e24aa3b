#pragma once

#include <string>

namespace cne {

/// Holds `path` exclusively between processes and within one until destroyed. Throws LockedError
/// that names the path and, where known, the holder's process id. A fork does not share it: the
/// child's copy holds nothing, and the owner's end releases it though children live on.
class DirectoryLock {
 public:
  DirectoryLock(const std::string& directory, const char* function);
  DirectoryLock(DirectoryLock&&) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) noexcept;
  ~DirectoryLock();

 private:
  void release();

  int fd_ = -1;
  int owner_ = 0;  // process id
  std::string path_;
};

}  // namespace cne

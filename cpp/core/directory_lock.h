#pragma once

#include <string>

namespace cne {

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

}  // namespace cne

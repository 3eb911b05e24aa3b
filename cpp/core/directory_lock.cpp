#include "core/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace cne {

namespace {

std::string read_holder(int fd) {
  char text[24] = {};
  const ssize_t n = pread(fd, text, sizeof text - 1, 0);
  const long holder = n > 0 ? std::strtol(text, nullptr, 10) : 0;
  if (holder <= 0) return "by another process";
  if (holder == getpid()) return "in this process";
  return message("by process ", holder);
}

}  // namespace

// flock belongs to the open file, so a second open in the same process conflicts as well, and the
// system drops it when the process ends, however it ends.
DirectoryLock::DirectoryLock(const std::string& directory, const char* function)
    : path_(directory + "/lock") {
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    throw IoError(message(function, ": cannot create the lock file \"", path_,
                          "\": ", std::generic_category().message(errno)));
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    const std::string holder = read_holder(fd_);
    ::close(fd_);
    if (code != EWOULDBLOCK)
      throw IoError(message(function, ": cannot lock \"", path_,
                            "\": ", std::generic_category().message(code)));
    throw LockedError(
        message(function, ": \"", directory, "\" is already open for writing ", holder));
  }
  // The number is for the message above alone: that it may be stale or missing does no harm.
  owner_ = getpid();
  const std::string pid = std::to_string(owner_) + "\n";
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, pid.data(), pid.size(), 0) < 0) return;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), owner_(other.owner_), path_(std::move(other.path_)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = other.owner_;
    fd_ = std::exchange(other.fd_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}

DirectoryLock::~DirectoryLock() { release(); }

void DirectoryLock::release() {
  if (fd_ < 0) return;
  // A forked child has the same open file: closing alone would leave the lock to the child.
  if (owner_ == getpid()) flock(fd_, LOCK_UN);
  ::close(fd_);
  fd_ = -1;
}

}  // namespace cne

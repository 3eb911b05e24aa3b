#include "log/file_pool.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace cne::log {

namespace {

size_t half_of_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1 << 16;
  return std::clamp<size_t>(limit.rlim_cur / 2, 16, 1 << 20);
}

}  // namespace

FilePool::FilePool(size_t limit) : limit_(limit > 0 ? limit : half_of_descriptors()) {}

size_t FilePool::open_files() {
  const std::lock_guard lock(mutex_);
  return used_.size();
}

/// Closes those that were not used for longest. The mutex is held.
void FilePool::shrink(size_t most) {
  while (used_.size() > most) {
    used_.back()->file_.reset();
    used_.pop_back();
  }
}

PooledFile::PooledFile(std::shared_ptr<FilePool> pool, std::string path, File::Mode mode, bool keep)
    : pool_(std::move(pool)), path_(std::move(path)), mode_(mode) {
  if (keep) pin();
}

PooledFile::~PooledFile() {
  const std::lock_guard lock(pool_->mutex_);
  if (file_ && !keep_) pool_->used_.erase(place_);
}

void PooledFile::pin() {
  const std::lock_guard lock(pool_->mutex_);
  if (keep_) return;
  if (file_)
    pool_->used_.erase(place_);
  else
    open_now();
  keep_ = true;
}

/// The mutex is held.
void PooledFile::open_now() {
  pool_->shrink(pool_->limit_ - 1);
  try {
    file_ = std::make_shared<File>(File::open(path_, mode_));
  } catch (const IoError&) {
    // Too many descriptors, perhaps: others in the process need some too.
    if (pool_->used_.empty()) throw;
    pool_->shrink(0);
    file_ = std::make_shared<File>(File::open(path_, mode_));
  }
}

std::shared_ptr<File> PooledFile::open() {
  const std::lock_guard lock(pool_->mutex_);
  if (keep_) return file_;
  if (file_) {
    pool_->used_.splice(pool_->used_.begin(), pool_->used_, place_);
    return file_;
  }
  open_now();
  pool_->used_.push_front(this);
  place_ = pool_->used_.begin();
  return file_;
}

}  // namespace cne::log

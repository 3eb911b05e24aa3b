#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "core/file.h"

namespace cne::log {

class PooledFile;

/// Keeps at most about `limit` files open, those used last. Thread safe.
class FilePool {
 public:
  /// 0: half of the descriptors that the process may have.
  explicit FilePool(size_t limit = 0);

  /// How many are open now, without those that never close.
  size_t open_files();

 private:
  friend class PooledFile;
  void shrink(size_t most);

  std::mutex mutex_;
  const size_t limit_;
  std::list<PooledFile*> used_;  // the ones that are open, the last used first
};

/// A file that is opened when it is used, and closed by the pool when it was not used for long.
/// What `open` gives stays open as long as it is held. Thread safe.
class PooledFile {
 public:
  /// `keep` opens it now and keeps it open: for readers beside a writer that may remove it.
  PooledFile(std::shared_ptr<FilePool> pool, std::string path, File::Mode mode, bool keep);
  PooledFile(const PooledFile&) = delete;
  PooledFile& operator=(const PooledFile&) = delete;
  ~PooledFile();

  /// Throws IoError when it cannot be opened.
  std::shared_ptr<File> open();
  /// Opens it and keeps it open from now on: before its path goes to another file, or goes.
  void pin();
  const std::string& path() const { return path_; }

 private:
  friend class FilePool;
  void open_now();

  const std::shared_ptr<FilePool> pool_;
  const std::string path_;
  const File::Mode mode_;
  // Guarded by the pool.
  bool keep_ = false;
  std::shared_ptr<File> file_;
  std::list<PooledFile*>::iterator place_;  // while file_ is there and not kept
};

}  // namespace cne::log

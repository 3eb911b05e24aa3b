#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace cne::kafka {

/// Numbers of producers, none given twice for one log directory. They are taken from the file
/// `producer.ids` in blocks, so a restart skips what is left of one. Thread safe.
class ProducerIds {
 public:
  explicit ProducerIds(std::string directory);

  /// Throws IoError; CorruptionError when the file holds no number.
  int64_t next();

 private:
  const std::string file_;
  std::mutex mutex_;
  int64_t next_ = 0;
  int64_t end_ = 0;
};

}  // namespace cne::kafka

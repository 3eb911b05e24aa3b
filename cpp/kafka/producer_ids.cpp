#include "kafka/producer_ids.h"

#include <charconv>
#include <utility>

#include "core/error.h"
#include "core/file.h"

namespace cne::kafka {

namespace {

constexpr int64_t kBlock = 1000;

}  // namespace

ProducerIds::ProducerIds(std::string directory) : file_(std::move(directory) + "/producer.ids") {}

int64_t ProducerIds::next() {
  const std::lock_guard lock(mutex_);
  if (next_ == end_) {
    int64_t first = 0;
    if (file_exists(file_)) {
      const std::string text = read_file(file_);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), first);
      if (error != std::errc() || std::string_view(end, text.data() + text.size()) != "\n" ||
          first < 0)
        throw CorruptionError(message("init_producer_id: ", file_, " holds no number"));
    }
    write_file_atomic(file_, message(first + kBlock, '\n'));
    next_ = first;
    end_ = first + kBlock;
  }
  return next_++;
}

}  // namespace cne::kafka

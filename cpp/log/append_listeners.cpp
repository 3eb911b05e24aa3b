#include "log/append_listeners.h"

#include <shared_mutex>
#include <utility>

namespace cne::log {

struct AppendListeners::Entry {
  uint64_t number = 0;
  Listener call;
  std::shared_mutex mutex;  // shared by the calls in progress
  bool gone = false;
};

uint64_t AppendListeners::add(Listener listener) {
  auto entry = std::make_shared<Entry>();
  entry->call = std::move(listener);
  const std::lock_guard lock(mutex_);
  entry->number = next_++;
  auto entries = entries_ ? std::make_shared<Entries>(*entries_) : std::make_shared<Entries>();
  entries->push_back(entry);
  entries_ = std::move(entries);
  return entry->number;
}

void AppendListeners::remove(uint64_t number) {
  std::shared_ptr<Entry> found;
  {
    const std::lock_guard lock(mutex_);
    if (!entries_) return;
    auto entries = std::make_shared<Entries>();
    for (const auto& each : *entries_)
      if (each->number == number)
        found = each;
      else
        entries->push_back(each);
    entries_ = entries->empty() ? nullptr : std::move(entries);
  }
  if (!found) return;
  const std::unique_lock no_call_in_progress(found->mutex);
  found->gone = true;
}

void AppendListeners::tell(PartitionLog& partition) {
  std::shared_ptr<const Entries> entries;
  {
    const std::lock_guard lock(mutex_);
    entries = entries_;
  }
  if (!entries) return;
  for (const auto& each : *entries) {
    const std::shared_lock call(each->mutex);
    if (!each->gone) each->call(partition);
  }
}

}  // namespace cne::log

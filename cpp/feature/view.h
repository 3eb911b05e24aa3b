#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "feature/feature_schema.h"
#include "feature/online_store.h"
#include "feature/view_history.h"

namespace cne::feature {

/// A view in a store: its spec, its online rows and its history. Shared with prepared lookups, who
/// may outlive the view in the store; `dropped` tells them.
class View {
 public:
  View(ViewSpec spec, uint32_t id) : spec_(std::move(spec)), id_(id) {
    if (spec_.typed()) start();
  }

  /// The spec. Entity types may be read once `online()` is not null, or under the store's lock.
  const ViewSpec& spec() const { return spec_; }
  uint32_t id() const { return id_; }
  /// Null until the types of the entities are known.
  OnlineStore* online() const { return online_.load(std::memory_order_acquire); }
  ViewHistory* history() { return history_ ? &*history_ : nullptr; }
  bool dropped() const { return dropped_.load(std::memory_order_relaxed); }

  // Under the store's lock:
  void set_entity_types(std::vector<DataType> types) {
    spec_.entity_types = std::move(types);
    start();
  }
  void apply(const RowBlock& block) {
    put_online(spec_, block, *online());
    if (history_) history_->append(block);
  }
  void drop() { dropped_.store(true, std::memory_order_relaxed); }

 private:
  void start() {
    owner_ = std::make_unique<OnlineStore>(spec_.features, key_word_count(spec_.entity_types),
                                           has_text(spec_.entity_types));
    if (spec_.history) history_.emplace(spec_, id_);
    online_.store(owner_.get(), std::memory_order_release);
  }

  ViewSpec spec_;
  uint32_t id_;
  std::unique_ptr<OnlineStore> owner_;
  std::atomic<OnlineStore*> online_{nullptr};
  std::optional<ViewHistory> history_;
  std::atomic<bool> dropped_{false};
};

}  // namespace cne::feature

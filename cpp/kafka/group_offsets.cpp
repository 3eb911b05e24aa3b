#include "kafka/group_offsets.h"

#include <set>

namespace cne::kafka {

void GroupOffsets::put(const Place& place, const OffsetValue& value, uint64_t order) {
  const auto erased = erased_.find(place);
  if (erased != erased_.end() && erased->second > order) return;
  Entry& entry = committed_[place];
  if (entry.order <= order) entry = {value, order};
}

void GroupOffsets::commit(const OffsetCommit& commit, uint64_t order) {
  put({commit.topic, commit.partition}, commit.value, order);
  if (--in_flight_ == 0) erased_.clear();
}

void GroupOffsets::pend(int64_t producer_id, const OffsetCommit& commit, uint64_t order) {
  pending_[producer_id][{commit.topic, commit.partition}] = {commit.value, order};
}

void GroupOffsets::unpend(int64_t producer_id, const OffsetCommit& commit, uint64_t order) {
  const auto transaction = pending_.find(producer_id);
  if (transaction == pending_.end()) return;
  const auto found = transaction->second.find({commit.topic, commit.partition});
  if (found != transaction->second.end() && found->second.order == order)
    transaction->second.erase(found);
  if (transaction->second.empty()) pending_.erase(transaction);
}

void GroupOffsets::end_transaction(int64_t producer_id, bool committed) {
  const auto transaction = pending_.find(producer_id);
  if (transaction == pending_.end()) return;
  if (committed)
    for (const auto& [place, entry] : transaction->second) put(place, entry.value, entry.order);
  pending_.erase(transaction);
}

void GroupOffsets::restore(const OffsetCommit& commit, uint64_t order) {
  put({commit.topic, commit.partition}, commit.value, order);
}

void GroupOffsets::erase(const std::string& topic, int32_t partition, uint64_t order) {
  const Place place{topic, partition};
  committed_.erase(place);
  if (in_flight_ > 0) erased_[place] = order;
  for (auto transaction = pending_.begin(); transaction != pending_.end();) {
    transaction->second.erase(place);
    transaction = transaction->second.empty() ? pending_.erase(transaction) : ++transaction;
  }
}

const OffsetValue* GroupOffsets::find(const std::string& topic, int32_t partition) const {
  const auto found = committed_.find({topic, partition});
  return found == committed_.end() ? nullptr : &found->second.value;
}

bool GroupOffsets::is_unstable(const std::string& topic, int32_t partition) const {
  for (const auto& [producer_id, places] : pending_)
    if (places.contains({topic, partition})) return true;
  return false;
}

std::vector<GroupOffsets::Place> GroupOffsets::places() const {
  std::set<Place> all;
  for (const auto& [place, entry] : committed_) all.insert(place);
  for (const auto& [producer_id, places] : pending_)
    for (const auto& [place, entry] : places) all.insert(place);
  return {all.begin(), all.end()};
}

std::vector<GroupOffsets::Place> GroupOffsets::expired(
    const std::function<bool(const std::string&, const OffsetValue&)>& is_over) const {
  std::vector<Place> out;
  for (const auto& [place, entry] : committed_)
    if (is_over(place.first, entry.value) && !is_unstable(place.first, place.second))
      out.push_back(place);
  return out;
}

}  // namespace cne::kafka

#include "frame/aggregate.h"

#include <array>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "frame/aggregate_state.h"

namespace cne::frame {

namespace {

constexpr std::array<const char*, 9> kNames = {"count", "sum",  "mean",   "min",     "max",
                                               "first", "last", "stddev", "variance"};

using Part = AggregateLayout::Part;

size_t part_bytes(Part part, DType id) {
  switch (part) {
    case Part::kRows:
    case Part::kValid:
      return sizeof(state::Count);
    case Part::kSum:
      return sizeof(state::Sum);
    case Part::kFloat:
      return sizeof(state::FloatSum);
    case Part::kMoments:
      return sizeof(state::Moments);
    case Part::kMin:
    case Part::kMax:
      return is_binary_like(id) ? sizeof(state::Text) : sizeof(state::Extreme);
    case Part::kFirst:
    case Part::kLast:
      return is_binary_like(id) ? sizeof(state::Text) : sizeof(state::Edge);
  }
  return 0;
}

Part part_of(AggregateKind kind, const DataType& type) {
  switch (kind) {
    case AggregateKind::kCount:
      return Part::kValid;
    case AggregateKind::kSum:
    case AggregateKind::kMean:
      return is_floating(type.id) ? Part::kFloat : Part::kSum;
    case AggregateKind::kMin:
      return Part::kMin;
    case AggregateKind::kMax:
      return Part::kMax;
    case AggregateKind::kFirst:
      return Part::kFirst;
    case AggregateKind::kLast:
      return Part::kLast;
    case AggregateKind::kStddev:
    case AggregateKind::kVariance:
      return Part::kMoments;
  }
  return Part::kRows;
}

/// The result's type; checks that the aggregate takes the input.
DataType result_type(const Aggregate& aggregate, const DataType& type, const char* function) {
  const DType id = type.id;
  const auto wrong = [&](const char* expected) {
    return TypeError(message(function, ": ", to_string(aggregate), " expects ", expected, ", got ",
                             to_string(type)));
  };
  switch (aggregate.kind) {
    case AggregateKind::kCount:
      return DType::kInt64;
    case AggregateKind::kSum:
    case AggregateKind::kMean:
      if (id == DType::kDuration) return type;
      if (!is_numeric(id) && id != DType::kBool) throw wrong("numbers, bools or durations");
      if (is_floating(id) || aggregate.kind == AggregateKind::kMean) return DType::kFloat64;
      return is_integer(id) && !is_signed_integer(id) ? DType::kUInt64 : DType::kInt64;
    case AggregateKind::kStddev:
    case AggregateKind::kVariance:
      if (!is_numeric(id) && id != DType::kBool) throw wrong("numbers or bools");
      return DType::kFloat64;
    default:
      if (is_nested(id)) throw wrong("values that are not lists or structs");
      return type;
  }
}

}  // namespace

AggregateKind parse_aggregate(const std::string& name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<AggregateKind>(i);
  throw ArgumentError(
      message("agg: no aggregate",
              describe_unknown(name, std::vector<std::string>(kNames.begin(), kNames.end()))));
}

std::string to_string(AggregateKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::string to_string(const Aggregate& aggregate) {
  return message(to_string(aggregate.kind), "(", aggregate.input ? to_string(*aggregate.input) : "",
                 ")");
}

AggregateLayout::AggregateLayout(std::vector<Aggregate> aggregates, const Schema& schema,
                                 const char* function)
    : aggregates_(std::move(aggregates)) {
  for (const Aggregate& aggregate : aggregates_) {
    for (const Field& field : schema_)
      if (field.name == aggregate.name)
        throw ArgumentError(message(function, ": two aggregates are named \"", aggregate.name,
                                    "\"; rename one with .alias(...)"));
    if (!aggregate.input) {
      if (aggregate.kind != AggregateKind::kCount)
        throw ArgumentError(
            message(function, ": ", to_string(aggregate.kind), " expects a column, got none"));
      schema_.push_back({aggregate.name, DType::kInt64, false});
      slot_of_.push_back(add_slot(Part::kRows, -1, DType::kInt64));
      continue;
    }
    const DataType type = infer_type(*aggregate.input, schema, function);
    schema_.push_back({aggregate.name, result_type(aggregate, type, function)});
    size_t input = 0;
    while (input < inputs_.size() && !equal(*inputs_[input], *aggregate.input)) ++input;
    if (input == inputs_.size()) inputs_.push_back(aggregate.input);
    slot_of_.push_back(add_slot(part_of(aggregate.kind, type), static_cast<int>(input), type));
  }
}

size_t AggregateLayout::add_slot(Part part, int input, DataType type) {
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].part == part && slots_[i].input == input) return i;
  const size_t bytes = part_bytes(part, type.id);
  slots_.push_back({part, input, std::move(type), state_bytes_});
  owns_memory_ |= slots_.back().owns_text();
  state_bytes_ += bytes;
  return slots_.size() - 1;
}

void AggregateLayout::init(uint8_t* state) const { std::memset(state, 0, state_bytes_); }

void AggregateLayout::destroy(uint8_t* state) const {
  if (!owns_memory_) return;
  for (const Slot& slot : slots_)
    if (slot.owns_text()) reinterpret_cast<state::Text*>(state + slot.offset)->destroy();
}

std::vector<Column> AggregateLayout::inputs(const Table& batch) const {
  std::vector<Column> out;
  out.reserve(inputs_.size());
  for (const ExprPtr& input : inputs_) out.push_back(evaluate(*input, batch, "agg"));
  return out;
}

void AggregateLayout::merge(uint8_t* into, const uint8_t* from) const {
  for (const Slot& slot : slots_) merge_slot(slot, into + slot.offset, from + slot.offset);
}

namespace {

/// No sum of the counts and sums of two states that pass may overflow: bytes from outside are
/// checked here, so that the kernels need not.
void check_part(Part part, const uint8_t* at) {
  constexpr int64_t kMost = int64_t{1} << 60;
  int64_t count = 0, high = 0;
  if (part == Part::kSum) {
    count = reinterpret_cast<const state::Sum*>(at)->count;
    high = reinterpret_cast<const state::Sum*>(at)->high;
  } else if (part == Part::kFloat) {
    count = reinterpret_cast<const state::FloatSum*>(at)->count;
  } else if (part == Part::kMoments) {
    count = reinterpret_cast<const state::Moments*>(at)->count;
  } else if (part == Part::kRows || part == Part::kValid) {
    count = reinterpret_cast<const state::Count*>(at)->count;
  }
  if (count < 0 || count > kMost || high > kMost || high < -kMost)
    throw CorruptionError(message("aggregate state: no count and sum: ", count, ", ", high));
}

}  // namespace

void AggregateLayout::serialize(const uint8_t* state, std::string& out) const {
  const auto put = [&](const void* bytes, size_t size) {
    out.append(static_cast<const char*>(bytes), size);
  };
  for (const Slot& slot : slots_) {
    const uint8_t* at = state + slot.offset;
    if (!slot.owns_text()) {
      put(at, part_bytes(slot.part, slot.type.id));
      continue;
    }
    const auto* text = reinterpret_cast<const state::Text*>(at);
    out.push_back(text->data != nullptr);
    if (text->data == nullptr) continue;
    put(&text->order, 8);
    put(&text->size, 4);
    put(text->data, text->size);
  }
}

const uint8_t* AggregateLayout::deserialize(uint8_t* state, const uint8_t* begin,
                                            const uint8_t* end) const {
  const auto take = [&](size_t size) {
    if (static_cast<size_t>(end - begin) < size)
      throw CorruptionError(message("aggregate state: expected ", size, " more bytes, got ",
                                    static_cast<int64_t>(end - begin)));
    begin += size;
    return begin - size;
  };
  for (const Slot& slot : slots_) {
    uint8_t* at = state + slot.offset;
    if (!slot.owns_text()) {
      const size_t size = part_bytes(slot.part, slot.type.id);
      std::memcpy(at, take(size), size);
      check_part(slot.part, at);
      continue;
    }
    if (*take(1) == 0) continue;
    int64_t order;
    uint32_t size;
    std::memcpy(&order, take(8), 8);
    std::memcpy(&size, take(4), 4);
    const std::string_view text(reinterpret_cast<const char*>(take(size)), size);
    if (is_string(slot.type.id) && !is_utf8(text))
      throw CorruptionError("aggregate state: expected text, got bytes that are not UTF-8");
    reinterpret_cast<state::Text*>(at)->set(text, order);
  }
  return begin;
}

}  // namespace cne::frame

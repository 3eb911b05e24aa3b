#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "log/topic_store.h"
#include "stream/description.h"
#include "stream/source.h"

namespace cne::stream {

namespace {

constexpr int64_t kReadBytes = 1 << 20;

class TopicSource : public Source {
 public:
  TopicSource(log::TopicStore& store, TopicOptions options, const SourceTiming& timing)
      : Source(timing.bound_ms, timing.idle_timeout_ms, "from_topic"),
        store_(store),
        topic_(std::move(options.topic)),
        event_time_(std::move(options.event_time)),
        key_(std::move(options.key)),
        timestamp_(std::move(options.timestamp)),
        policy_(options.policy),
        partitions_(store.partitions(topic_)) {
    if (options.schema) {
      schema_ = *options.schema;
      check_record_columns();
      Schema in_value;
      for (const Field& field : schema_)
        if (field.name != key_ && field.name != timestamp_) in_value.push_back(field);
      reader_.emplace(std::move(in_value), policy_, "from_topic");
    } else {
      if (key_ || timestamp_)
        throw ArgumentError("from_topic: key and timestamp name columns of a schema, got none");
      const DataType time = DataType::timestamp(TimeUnit::kMilli, "UTC");
      schema_ = {{"key", DType::kBinary},
                 {"value", DType::kBinary},
                 {"timestamp", time},
                 {"offset", DType::kInt64}};
    }
    if (!event_time_) return;
    const Table none = Table::empty(schema_);
    to_epoch_ms(none.at(*event_time_, "from_topic"), "from_topic", *event_time_);
  }

  int partitions() const override { return partitions_; }
  int64_t start_offset(int partition) override { return store_.start_offset(topic_, partition); }
  int64_t end_offset(int partition) override { return store_.end_offset(topic_, partition); }

  /// A log that is open for reading only is synced by its writer, a closed one has been.
  void sync() override {
    if (store_.closed() || store_.options().read_only) return;
    for (int p = 0; p < partitions_; ++p) store_.partition(topic_, p, "checkpoint")->flush();
  }

  Chunk read(int partition, int64_t offset) override {
    const Table records = store_.read(topic_, partition, offset, kReadBytes);
    Chunk out;
    out.next_offset = offset;
    const int64_t n = records.rows();
    if (n == 0) return out;
    const int64_t* offsets = records.at("offset", "from_topic").values<int64_t>();
    const Column& arrivals = records.at("timestamp", "from_topic");
    out.offsets.assign(offsets, offsets + n);
    out.next_offset = offsets[n - 1] + 1;
    out.arrival_ms.assign(arrivals.values<int64_t>(), arrivals.values<int64_t>() + n);
    if (!reader_) {
      for (const char* name : {"key", "value", "timestamp", "offset"})
        out.table.add(name, records.at(name, "from_topic"));
      out.event_ms = event_time_ ? times(out.table) : out.arrival_ms;
    } else {
      JsonRecords decoded = decode(records, partition);
      out.first_error = std::move(decoded.first_error);
      out.table = with_record_columns(decoded, records, partition);
      out.event_ms = event_time_ ? times(out.table) : out.arrival_ms;
      for (const int64_t row : decoded.bad) out.event_ms[static_cast<size_t>(row)] = kNoTime;
    }
    refuse_without_time(out, partition);
    return out;
  }

  std::string describe() const override {
    const auto name = [](const std::optional<std::string>& column) {
      return column ? quoted(*column) : "none";
    };
    return message("topic ", quoted(topic_), " of ", partitions_, " partitions, event time ",
                   name(event_time_), ", key ", name(key_), ", timestamp ", name(timestamp_), ", ",
                   describe_timing(), ", bad records ",
                   policy_ == BadRecord::kFail ? "fail" : "are skipped", ", ",
                   reader_ ? "JSON" : "raw", " columns ", stream::describe(schema_));
  }

 private:
  /// The columns that are not in the value must be in the schema, with a type that they can have.
  void check_record_columns() const {
    const Table none = Table::empty(schema_);
    if (timestamp_) {
      const DataType& type = none.at(*timestamp_, "from_topic").type();
      if (type.id != DType::kTimestamp || type.unit != TimeUnit::kMilli)
        throw TypeError(message("from_topic: the timestamp column \"", *timestamp_,
                                "\": expected timestamp[ms, UTC], got ", to_string(type)));
    }
    if (!key_) return;
    const DataType& type = none.at(*key_, "from_topic").type();
    if (!is_binary_like(type.id) && !is_integer(type.id))
      throw TypeError(message("from_topic: the key column \"", *key_,
                              "\": expected text, bytes or integers, got ", to_string(type)));
  }

  /// Records without a time are bad ones.
  void refuse_without_time(Chunk& chunk, int partition) const {
    for (size_t i = 0; i < chunk.event_ms.size(); ++i) {
      std::string reason;
      if (is_far(chunk.arrival_ms[i])) {
        reason = message("no arrival time, a timestamp of ", chunk.arrival_ms[i], " ms");
        chunk.arrival_ms[i] = chunk.event_ms[i] = kNoTime;
      } else if (chunk.event_ms[i] == kNoTime) {
        reason = message("no time in \"", event_time_.value_or("timestamp"), "\"");
      } else {
        continue;
      }
      reason = message("from_topic: ", reason, place(partition, chunk.offsets[i]));
      if (policy_ == BadRecord::kFail) throw CorruptionError(reason);
      if (chunk.first_error.empty()) chunk.first_error = std::move(reason);
    }
  }

  /// The columns of the schema in its order: from the values, the keys, the timestamps.
  Table with_record_columns(JsonRecords& decoded, const Table& records, int partition) {
    if (!key_ && !timestamp_) return std::move(decoded.table);
    Table out;
    for (const Field& field : schema_) {
      if (field.name == key_) {
        out.add(field.name, decode_keys(records, field.type, partition, decoded));
      } else if (field.name == timestamp_) {
        out.add(field.name, records.at("timestamp", "from_topic").with_type(field.type));
      } else {
        out.add(field.name, decoded.table.at(field.name, "from_topic"));
      }
    }
    return out;
  }

  /// Text and bytes as they are; integers of 8 bytes, big-endian. Other keys make bad records, and
  /// are null.
  Column decode_keys(const Table& records, const DataType& type, int partition,
                     JsonRecords& decoded) const {
    const Column& keys = records.at("key", "from_topic");
    const int64_t* offsets = records.at("offset", "from_topic").values<int64_t>();
    const auto refuse = [&](int64_t row) {
      const std::string reason =
          message("from_topic: the key of record ", offsets[row], " is not of type ",
                  to_string(type), "; topic \"", topic_, "\", partition ", partition);
      if (policy_ == BadRecord::kFail) throw CorruptionError(reason);
      if (decoded.first_error.empty()) decoded.first_error = reason;
      decoded.bad.push_back(row);
    };
    return is_binary_like(type.id) ? decode_text_keys(keys, type, refuse)
                                   : decode_integer_keys(keys, type, refuse);
  }

  template <typename Refuse>
  static Column decode_text_keys(const Column& keys, const DataType& type, const Refuse& refuse) {
    const StringView bytes = keys.strings();
    const int64_t n = keys.length();
    const int64_t shift = keys.offset();
    Buffer validity = Buffer::zeros(static_cast<size_t>(shift + n + 7) / 8);
    for (int64_t i = 0; i < n; ++i) {
      if (!keys.is_valid(i)) continue;
      if (is_string(type.id) && !is_utf8(bytes[i]))
        refuse(i);
      else
        set_bit(validity.mutable_data(), shift + i);
    }
    DataType as = is_string(type.id) ? DType::kUtf8 : DType::kBinary;
    if (is_large(keys.type().id))
      as.id = is_string(type.id) ? DType::kLargeUtf8 : DType::kLargeBinary;
    return Column::strings(as, n, keys.offsets_buffer(), keys.values_buffer(), std::move(validity),
                           shift);
  }

  template <typename Refuse>
  static Column decode_integer_keys(const Column& keys, const DataType& type,
                                    const Refuse& refuse) {
    const StringView bytes = keys.strings();
    const int64_t n = keys.length();
    const size_t width = byte_width(type.id);
    Buffer values = Buffer::zeros(static_cast<size_t>(n) * width);
    Buffer validity = Buffer::zeros(static_cast<size_t>(n + 7) / 8);
    for (int64_t i = 0; i < n; ++i) {
      if (!keys.is_valid(i)) continue;
      uint64_t word = 0;
      for (const char c : bytes[i]) word = word << 8 | static_cast<uint8_t>(c);
      if (bytes[i].size() != 8 || !fits(word, type.id)) {
        refuse(i);
        continue;
      }
      std::memcpy(values.mutable_data() + static_cast<size_t>(i) * width, &word, width);
      set_bit(validity.mutable_data(), i);
    }
    return Column(type, n, std::move(values), std::move(validity));
  }
  static bool fits(uint64_t word, DType id) {
    const auto bits = static_cast<int>(byte_width(id) * 8);
    if (bits == 64) return true;
    if (!is_signed_integer(id)) return word >> bits == 0;
    const auto value = static_cast<int64_t>(word);
    return value >> (bits - 1) == 0 || value >> (bits - 1) == -1;
  }

  std::vector<int64_t> times(const Table& table) const {
    return to_epoch_ms(table.at(*event_time_, "from_topic"), "from_topic", *event_time_);
  }
  std::string place(int partition, int64_t offset) const {
    return message(" in topic \"", topic_, "\", partition ", partition, ", offset ", offset);
  }
  JsonRecords decode(const Table& records, int partition) {
    const Column& values = records.at("value", "from_topic");
    const int64_t first = records.at("offset", "from_topic").values<int64_t>()[0];
    try {
      return reader_->read(values, first);
    } catch (const CorruptionError& error) {
      throw CorruptionError(
          message(error.what(), "; topic \"", topic_, "\", partition ", partition));
    }
  }

  log::TopicStore& store_;
  std::string topic_;
  std::optional<std::string> event_time_;
  std::optional<std::string> key_;
  std::optional<std::string> timestamp_;
  BadRecord policy_;
  int partitions_;
  std::optional<JsonReader> reader_;
};

}  // namespace

std::unique_ptr<Source> topic_source(log::TopicStore& store, TopicOptions options,
                                     const SourceTiming& timing) {
  return std::make_unique<TopicSource>(store, std::move(options), timing);
}

}  // namespace cne::stream

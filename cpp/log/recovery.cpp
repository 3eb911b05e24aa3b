#include "log/recovery.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/torn_tail.h"

namespace cne::log {

namespace {

[[noreturn]] void throw_corrupt(const std::string& file, uint64_t position, const char* why) {
  throw CorruptionError(message("open: \"", file, "\" is corrupt at byte ", position, ": ", why,
                                "; open with repair=True to cut the partition there"));
}

std::vector<int64_t> list_bases(const std::vector<std::string>& names) {
  std::vector<int64_t> bases;
  for (const std::string& name : names)
    if (const int64_t base = parse_segment_name(name); base >= 0) bases.push_back(base);
  return bases;
}

class Recovery {
 public:
  Recovery(const std::string& directory, const LogOptions& options,
           const std::shared_ptr<FilePool>& files)
      : directory_(directory), options_(options), files_(files), now_ms_(options.clock->now_ms()) {}

  /// `names`: the files of the directory.
  Recovered run(std::vector<std::string> names) {
    if (std::binary_search(names.begin(), names.end(), "partition.state")) load_state();
    if (out_.state.swap && !options_.read_only) {
      finish_swap(directory_, out_.state);
      names = list_directory(directory_);
    }
    std::vector<int64_t> bases = list_bases(names);
    if (out_.state.swap)
      std::erase_if(bases, [&](int64_t base) {
        return base > out_.state.swap->begin && base < out_.state.swap->end;
      });
    if (!options_.read_only) remove_orphans(names);
    for (size_t i = 0; i < bases.size(); ++i) {
      std::shared_ptr<Segment> segment = open(bases[i], names);
      if (!segments().empty() && !check_joint(*segments().back(), *segment)) {
        drop_segments(bases, i);
        break;
      }
      const bool is_last = i + 1 == bases.size() && !segment->compacted;
      const bool whole = is_last ? recover_last(*segment) : recover_closed(*segment);
      segments().push_back(std::move(segment));
      if (!whole) {
        drop_segments(bases, i + 1);
        break;
      }
    }
    if (!options_.read_only) begin_last();
    need_producers();
    return std::move(out_);
  }

 private:
  std::vector<std::shared_ptr<Segment>>& segments() { return out_.segments; }

  void load_state() {
    try {
      out_.state = PartitionState::load(directory_);
    } catch (const CorruptionError& error) {
      if (!options_.repair) throw;
      out_.notes.push_back({PartitionState::path_in(directory_), 0, 0, error.what()});
      remove_file(PartitionState::path_in(directory_));
    }
  }

  std::shared_ptr<Segment> open(int64_t base, const std::vector<std::string>& names) {
    std::string stem = directory_ + "/" + segment_name(base);
    const CleanedRange* cleaned = out_.state.find_cleaned(base);
    // A reader beside a writer that is at it.
    if (out_.state.swap && out_.state.swap->begin == base &&
        std::binary_search(names.begin(), names.end(), segment_name(base) + ".cleaned.log"))
      stem = cleaned_stem(directory_, base);
    const auto mode = options_.read_only ? File::Mode::kRead : File::Mode::kReadWrite;
    auto segment = std::make_shared<Segment>(files_, stem, base, mode, options_.read_only);
    segment->compacted = cleaned != nullptr;
    return segment;
  }

  /// Indexes without a segment, and files that were to take the place of others.
  void remove_orphans(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const size_t dot = name.find('.');
      const std::string ending = dot == std::string::npos ? "" : name.substr(dot);
      const bool half_done = ending == ".cleaned.log" || ending == ".cleaned.index" ||
                             ending == ".cleaned.index.tmp" || ending == ".index.tmp" ||
                             name == "partition.state.tmp";
      const bool is_index = ending == ".index" || ending == ".timeindex";  // the latter of old
      if (half_done || ending == ".timeindex" ||
          (is_index &&
           !std::binary_search(names.begin(), names.end(), name.substr(0, dot) + ".log")))
        remove_file(directory_ + "/" + name);
    }
  }

  /// The last segment is one that can be written to.
  void begin_last() {
    if (!segments().empty() && !segments().back()->compacted) return;
    const int64_t base = segments().empty() ? 0 : segments().back()->index.next_offset();
    segments().push_back(std::make_shared<Segment>(files_, directory_ + "/" + segment_name(base),
                                                   base, File::Mode::kReadWrite, false));
    segments().back()->is_new = true;
    out_.saved_bytes = 0;
  }

  /// False when the segments do not follow each other and the later one is to be dropped.
  bool check_joint(const Segment& before, const Segment& segment) {
    if (segment.base_offset() == before.index.next_offset()) return true;
    if (options_.repair) return false;
    throw CorruptionError(message("open: \"", segment.file.path(), "\" begins at offset ",
                                  segment.base_offset(), ", expected ", before.index.next_offset(),
                                  ": a segment is missing or was renamed"));
  }

  /// The index, and with it the producers at the end of what it covers.
  bool load_index(Segment& segment) {
    std::string producers;
    if (!segment.index.load(segment.stem(), &producers)) return false;
    if (segment.compacted &&
        segment.index.next_offset() != out_.state.find_cleaned(segment.base_offset())->end) {
      segment.index = SegmentIndex(segment.base_offset());
      return false;
    }
    saved_producers_ = std::move(producers);
    return true;
  }

  /// Turns what was saved last into the state itself, now that batches behind it are to be noted.
  void need_producers() {
    if (!saved_producers_) return;
    out_.producers.load(*saved_producers_);
    saved_producers_.reset();
  }

  ScanStop scan(Segment& segment, uint64_t end) {
    need_producers();
    const ScanStop stop = scan_segment(segment, end, out_.producers, now_ms_);
    if (segment.compacted && stop.why == nullptr)
      segment.index.stretch(out_.state.find_cleaned(segment.base_offset())->end);
    return stop;
  }

  /// False when the segment had to be cut.
  bool recover_closed(Segment& segment) {
    const uint64_t size = file_size(segment.file.path());
    const std::optional<std::string> before = saved_producers_;
    if (load_index(segment) && segment.index.covered_bytes() == size) {
      segment.index.forget_entries();
      return true;
    }
    saved_producers_ = before;
    segment.index = SegmentIndex(segment.base_offset());
    const ScanStop stop = scan(segment, size);
    if (stop.why != nullptr) {
      if (!options_.repair) throw_corrupt(segment.file.path(), stop.position, stop.why);
      cut(segment, stop, size);
      return false;
    }
    out_.notes.push_back({segment.file.path(), 0, 0, "the index was rebuilt"});
    if (!options_.read_only) save_index(segment);
    return true;
  }

  /// False when the segment had to be cut, other than by its torn tail.
  bool recover_last(Segment& segment) {
    const std::optional<std::string> before = saved_producers_;
    const ProducerStates producers_before = out_.producers;
    const bool loaded = load_index(segment);
    // Asked for after the index was read, as a writer beside a reader makes the file longer first.
    const uint64_t size = file_size(segment.file.path());
    const uint64_t covered = segment.index.covered_bytes();
    if (covered > size) {
      saved_producers_ = before;
      return recover_shortened(segment, covered, size);
    }
    out_.saved_bytes = covered;
    if (covered == size) return true;
    ScanStop stop = scan(segment, size);
    bool torn = is_torn(segment, stop, size);
    while (options_.read_only && stop.why != nullptr && !torn) {
      // The writer beside may have put something else there in the meantime.
      const uint64_t now = file_size(segment.file.path());
      segment.index = SegmentIndex(segment.base_offset());
      saved_producers_ = before;
      out_.producers = producers_before;
      const ScanStop again = scan(segment, now);
      if (again.position == stop.position && again.why != nullptr) break;
      stop = again;
      torn = is_torn(segment, stop, now);
    }
    segment.last = stop.last;
    const bool whole = stop.why == nullptr || torn;
    if (!whole && !options_.repair) throw_corrupt(segment.file.path(), stop.position, stop.why);
    if (options_.read_only) return whole;
    if (stop.why != nullptr) cut(segment, stop, size);
    if (stop.why == nullptr && stop.position > covered) keep_tail(segment, loaded);
    return whole;
  }

  bool is_torn(Segment& segment, const ScanStop& stop, uint64_t size) const {
    if (stop.why == nullptr) return false;
    Buffer bytes;
    if (options_.read_only) {  // not mapped: the writer may cut it
      bytes = Buffer::allocate(static_cast<size_t>(size - stop.position));
      const size_t got =
          segment.file.open()->read_at(stop.position, bytes.mutable_data(), bytes.size());
      bytes = bytes.slice(0, got);
    } else {
      bytes = map_file(segment.file.path());
      bytes = bytes.slice(stop.position, bytes.size() - stop.position);
    }
    return is_torn_tail(bytes.data(), bytes.size(), segment.index.next_offset());
  }

  /// The index says that more was synced than is there: acknowledged records are lost.
  bool recover_shortened(Segment& segment, uint64_t covered, uint64_t size) {
    const std::string why = message("it ends there, but ", covered, " bytes of it were synced");
    if (!options_.repair) throw_corrupt(segment.file.path(), size, why.c_str());
    segment.index = SegmentIndex(segment.base_offset());
    ScanStop stop = scan(segment, size);
    stop.why = why.c_str();
    cut(segment, stop, covered);
    return false;
  }

  void save_index(const Segment& segment) {
    need_producers();
    segment.index.save(segment.stem(), out_.producers.save());
  }

  /// The writer may have ended before it synced what it wrote last. Readers are about to see it and
  /// the next segment may be begun, so whoever opens the partition has to sync it.
  void keep_tail(Segment& segment, bool had_index) {
    out_.is_synced = false;
    if (!had_index && file_exists(segment.stem() + ".index"))
      out_.notes.push_back({segment.file.path(), 0, 0, "the index was rebuilt"});
  }

  /// Cuts where the scan stopped; `size` is what the file had.
  void cut(Segment& segment, const ScanStop& stop, uint64_t size) {
    out_.notes.push_back({segment.file.path(), stop.position, size - stop.position, stop.why});
    remove_index(segment.stem());  // before the cut, as it may cover what goes
    const std::shared_ptr<File> file = segment.file.open();
    file->truncate(stop.position);
    file->sync();
    save_index(segment);
    out_.saved_bytes = stop.position;
  }

  void drop_segments(const std::vector<int64_t>& bases, size_t from) {
    for (size_t i = bases.size(); i > from; --i) {
      const std::string stem = directory_ + "/" + segment_name(bases[i - 1]);
      out_.notes.push_back(
          {stem + ".log", 0, file_size(stem + ".log"), "behind a corrupt segment"});
      if (!options_.read_only) remove_segment(stem);
    }
  }

  const std::string& directory_;
  const LogOptions& options_;
  const std::shared_ptr<FilePool>& files_;
  const int64_t now_ms_;
  Recovered out_;
  std::optional<std::string> saved_producers_;  // newer than out_.producers
};

}  // namespace

ScanStop scan_segment(Segment& segment, uint64_t end, ProducerStates& producers, int64_t now_ms) {
  SegmentIndex& index = segment.index;
  BatchScanner scanner(segment.file.open(), index.covered_bytes(), end);
  std::optional<LastBatch> last;
  while (true) {
    const auto result = scanner.next();
    const uint64_t position = scanner.position();
    if (!result) {
      if (position >= end) return {position, nullptr, last};
      return {position, describe(result.error()), last};
    }
    const BatchHeader& header = result.value();
    if (segment.compacted ? header.base_offset < index.next_offset()
                          : header.base_offset != index.next_offset())
      return {position, "the base offset does not follow the batch before", last};
    index.add(header.base_offset, header.next_offset(), header.max_timestamp, header.size());
    if (const auto aborted = producers.note(header, scanner.bytes(), now_ms))
      index.add_aborted(*aborted);
    producers.note_watermark(header.next_offset());
    last = {position, header};
  }
}

std::string cleaned_stem(const std::string& directory, int64_t base_offset) {
  return directory + "/" + segment_name(base_offset) + ".cleaned";
}

void move_swapped(const std::string& directory, const PartitionState& state) {
  const CleanedRange range = *state.swap;
  const std::string stem = directory + "/" + segment_name(range.begin);
  const std::string cleaned = cleaned_stem(directory, range.begin);
  if (file_exists(cleaned + ".log")) {
    remove_index(stem);
    rename_file(cleaned + ".log", stem + ".log");
  } else if (!file_exists(stem + ".log")) {
    // It was done, but not noted any more, and the oldest segments were removed since.
    const std::vector<int64_t> bases = list_bases(list_directory(directory));
    if (bases.empty() || bases.front() <= range.begin)
      throw CorruptionError(message("open: \"", stem, ".log\" is missing"));
  } else if (file_size(stem + ".log") != static_cast<uint64_t>(state.swap_bytes)) {
    throw CorruptionError(message("open: \"", cleaned, ".log\" is missing, which was to take the ",
                                  "place of \"", stem, ".log\""));
  }
  if (file_exists(cleaned + ".index")) rename_file(cleaned + ".index", stem + ".index");
  for (const int64_t base : list_bases(list_directory(directory)))
    if (base > range.begin && base < range.end)
      remove_segment(directory + "/" + segment_name(base));
  sync_directory(directory);
}

void finish_swap(const std::string& directory, PartitionState& state) {
  move_swapped(directory, state);
  state.swap.reset();
  state.swap_bytes = 0;
  state.save(directory);
}

Recovered recover_partition(const std::string& directory, const LogOptions& options,
                            const std::shared_ptr<FilePool>& files) {
  for (;;) {
    const std::vector<std::string> names = list_directory(directory);
    try {
      return Recovery(directory, options, files).run(names);
    } catch (const Error&) {
      // A writer beside a reader takes segments away, and back, while they are being opened.
      if (!options.read_only || list_directory(directory) == names) throw;
    }
  }
}

}  // namespace cne::log

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
           std::vector<RecoveryNote>& notes)
      : directory_(directory), options_(options), notes_(notes) {}

  /// `names`: the files of the directory.
  std::vector<std::shared_ptr<Segment>> run(const std::vector<std::string>& names) {
    const std::vector<int64_t> bases = list_bases(names);
    if (!options_.read_only) remove_orphans(names);
    std::vector<std::shared_ptr<Segment>> segments;
    for (size_t i = 0; i < bases.size(); ++i) {
      std::shared_ptr<Segment> segment = open_segment(directory_, bases[i], options_.read_only);
      if (!segments.empty() && !check_joint(*segments.back(), *segment)) {
        drop_segments(bases, i);
        break;
      }
      const bool is_last = i + 1 == bases.size();
      const bool whole = is_last ? recover_last(*segment) : recover_closed(*segment);
      segments.push_back(std::move(segment));
      if (!whole) {
        drop_segments(bases, i + 1);
        break;
      }
    }
    if (segments.empty() && !options_.read_only) {
      segments.push_back(open_segment(directory_, 0, false));
      sync_directory(directory_);
    }
    return segments;
  }

 private:
  /// Indexes without a segment.
  void remove_orphans(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const size_t dot = name.find('.');
      const std::string ending = dot == std::string::npos ? "" : name.substr(dot);
      if (ending != ".index" && ending != ".timeindex") continue;
      if (!std::binary_search(names.begin(), names.end(), name.substr(0, dot) + ".log"))
        remove_file(directory_ + "/" + name);
    }
  }

  /// False when the segments do not follow each other and the later one is to be dropped.
  bool check_joint(const Segment& before, const Segment& segment) {
    if (segment.base_offset() == before.index.next_offset()) return true;
    if (options_.repair) return false;
    throw CorruptionError(message("open: \"", segment.file.path(), "\" begins at offset ",
                                  segment.base_offset(), ", expected ", before.index.next_offset(),
                                  ": a segment is missing or was renamed"));
  }

  /// False when the segment had to be cut.
  bool recover_closed(Segment& segment) {
    if (segment.index.load(segment.stem) && segment.index.covered_bytes() == segment.file.size())
      return true;
    segment.index = SegmentIndex(segment.base_offset());
    const ScanStop stop = scan_segment(segment.file, segment.index, segment.file.size());
    if (stop.why != nullptr) {
      if (!options_.repair) throw_corrupt(segment.file.path(), stop.position, stop.why);
      cut(segment, stop, segment.file.size());
      return false;
    }
    note_index(segment);
    return true;
  }

  /// False when the segment had to be cut, other than by its torn tail.
  bool recover_last(Segment& segment) {
    const bool loaded = segment.index.load(segment.stem);
    // Asked for after the index was read, as a writer beside a reader makes the file longer first.
    const uint64_t size = segment.file.size_on_disk();
    const uint64_t covered = segment.index.covered_bytes();
    if (covered > size) return recover_shortened(segment, covered, size);
    ScanStop stop = scan_segment(segment.file, segment.index, size);
    bool torn = is_torn(segment, stop, size);
    while (options_.read_only && stop.why != nullptr && !torn) {
      // The writer beside may have put something else there in the meantime.
      const uint64_t now = segment.file.size_on_disk();
      segment.index = SegmentIndex(segment.base_offset());
      const ScanStop again = scan_segment(segment.file, segment.index, now);
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

  bool is_torn(const Segment& segment, const ScanStop& stop, uint64_t size) const {
    if (stop.why == nullptr) return false;
    Buffer bytes;
    if (options_.read_only) {  // not mapped: the writer may cut it
      bytes = Buffer::allocate(static_cast<size_t>(size - stop.position));
      bytes =
          bytes.slice(0, segment.file.read_at(stop.position, bytes.mutable_data(), bytes.size()));
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
    ScanStop stop = scan_segment(segment.file, segment.index, size);
    stop.why = why.c_str();
    cut(segment, stop, covered);
    return false;
  }

  /// The writer may have ended before it synced what it wrote last. Readers are about to see it and
  /// the next segment may be begun, so it is synced now, and the index may cover it.
  void keep_tail(Segment& segment, bool had_index) {
    segment.file.sync();
    if (!had_index && file_exists(segment.stem + ".index"))
      notes_.push_back({segment.file.path(), 0, 0, "the index was rebuilt"});
    segment.index.save(segment.stem);
  }

  /// Cuts where the scan stopped; `size` is what the file had.
  void cut(Segment& segment, const ScanStop& stop, uint64_t size) {
    notes_.push_back({segment.file.path(), stop.position, size - stop.position, stop.why});
    remove_index(segment.stem);  // before the cut, as it may cover what goes
    segment.file.truncate(stop.position);
    segment.file.sync();
    segment.index.save(segment.stem);
  }

  void note_index(Segment& segment) {
    notes_.push_back({segment.file.path(), 0, 0, "the index was rebuilt"});
    if (!options_.read_only) segment.index.save(segment.stem);
  }

  void drop_segments(const std::vector<int64_t>& bases, size_t from) {
    for (size_t i = bases.size(); i > from; --i) {
      const std::string stem = directory_ + "/" + segment_name(bases[i - 1]);
      const uint64_t size = File::open(stem + ".log", File::Mode::kRead).size();
      notes_.push_back({stem + ".log", 0, size, "behind a corrupt segment"});
      if (!options_.read_only) remove_segment(stem);
    }
  }

  const std::string& directory_;
  const LogOptions& options_;
  std::vector<RecoveryNote>& notes_;
};

}  // namespace

ScanStop scan_segment(const File& file, SegmentIndex& index, uint64_t end) {
  BatchScanner scanner(file, index.covered_bytes(), end);
  std::optional<LastBatch> last;
  while (true) {
    const auto result = scanner.next();
    const uint64_t position = scanner.position();
    if (!result) {
      if (position >= end) return {position, nullptr, last};
      return {position, describe(result.error()), last};
    }
    const BatchHeader& header = result.value();
    if (header.base_offset != index.next_offset())
      return {position, "the base offset does not follow the batch before", last};
    index.add(header.base_offset, header.next_offset(), header.max_timestamp, header.size());
    last = {position, header};
  }
}

std::vector<std::shared_ptr<Segment>> recover_partition(const std::string& directory,
                                                        const LogOptions& options,
                                                        std::vector<RecoveryNote>& notes) {
  for (;;) {
    const std::vector<std::string> names = list_directory(directory);
    std::vector<RecoveryNote> noted;
    try {
      auto segments = Recovery(directory, options, noted).run(names);
      notes.insert(notes.end(), noted.begin(), noted.end());
      return segments;
    } catch (const Error&) {
      // A writer beside a reader takes segments away, and back, while they are being opened.
      if (!options.read_only || list_directory(directory) == names) throw;
    }
  }
}

}  // namespace cne::log

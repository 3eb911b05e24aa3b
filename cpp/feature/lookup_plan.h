#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/table.h"
#include "feature/lookup.h"
#include "feature/view.h"

namespace cne::feature {

/// Feature references resolved once: which features of which views, in which order. Holds the
/// views; any thread may use it while the store is written. A view that was dropped since gives
/// StateError.
class LookupPlan {
 public:
  using FindView = std::function<std::shared_ptr<View>(const std::string& name)>;

  /// `refs` are "view:feature" or "view:*". Throws ArgumentError for a ref of another form or one
  /// that comes twice, NotFoundError for an unknown view or feature.
  LookupPlan(const FindView& find_view, const std::vector<std::string>& refs, const char* function);

  /// The features of one view among the refs.
  struct Part {
    std::shared_ptr<View> view;
    std::vector<uint32_t> features;  // positions in the view's spec
    std::vector<int64_t> columns;    // where they go among the refs
    MatrixReads reads;               // of both
  };
  const std::vector<Part>& parts() const { return parts_; }
  /// How many features there are.
  int64_t width() const { return static_cast<int64_t>(refs_.size()); }
  /// The columns that name entities, of all views, each once.
  const std::vector<std::string>& entities() const { return entities_; }
  /// Names of the result's feature columns: "feature", or "view__feature" where several features or
  /// one of `taken` bear that name. Throws ArgumentError when that is taken too.
  std::vector<std::string> names(const std::vector<std::string>& taken, const char* function) const;

  /// Writes rows x width() float64 values, NaN where absent. Throws NotFoundError for a missing
  /// entity column, TypeError for one of the wrong type and for a text feature.
  void matrix(const Table& entities, int64_t at_ns, double* out) const;
  /// The same for keys that are encoded already; the plan must have one part, whose
  /// view has an online store.
  void matrix(const KeyBatch& keys, int64_t at_ns, double* out) const;
  /// The columns of `entities` that name entities, then the features with their types.
  Table table(const Table& entities, int64_t at_ns) const;
  /// All columns of `entities`, then the features as they were at the time in column `event_time`.
  /// `lock` is held while the views' histories are read. Throws as table() does, and ArgumentError
  /// for a view without history or a null time.
  Table history(const Table& entities, const std::string& event_time, std::mutex& lock) const;

 private:
  struct Ref {
    std::string view, feature;
  };
  void add(const FindView& find_view, const std::string& ref, const char* function);
  void add_feature(size_t part, uint32_t feature, const char* function);
  [[noreturn]] void throw_text() const;
  std::vector<Column> key_columns(const View& view, const Table& entities,
                                  const char* function) const;

  std::vector<Ref> refs_;
  std::vector<Part> parts_;
  std::vector<std::string> entities_;
  std::string text_feature_;  // the first one, which a matrix cannot hold
};

}  // namespace cne::feature

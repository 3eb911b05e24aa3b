#include "tensor/recompute.h"

#include <algorithm>
#include <set>

namespace cne::tensor {

namespace {

/// Operations that are done again for one value at most, and that a unit has at most.
constexpr size_t kMostAgain = 16;
constexpr size_t kMostNodes = 64;
/// What is this much smaller than the places of a unit costs nothing to read.
constexpr int64_t kSmall = 32;

class Recomputing {
 public:
  Recomputing(const Graph& graph, std::vector<Unit>& units)
      : graph_(graph),
        units_(units),
        makers_(graph.types.size(), -1),
        homes_(graph.types.size(), -1),
        is_kept_(graph.types.size(), 1),
        readers_(graph.types.size()) {
    for (size_t at = 0; at < graph.nodes.size(); ++at)
      for (const int each : graph.nodes[at].outputs) makers_[index(each)] = static_cast<int>(at);
    for (size_t i = 0; i < units.size(); ++i)
      for (const int at : units[i].nodes) {
        for (const int each : graph.nodes[index(at)].outputs) {
          homes_[index(each)] = static_cast<int>(i);
          is_kept_[index(each)] = units[i].is_fused() ? 0 : 1;
        }
        for (const int each : graph.nodes[index(at)].inputs)
          readers_[index(each)].insert(static_cast<int>(i));
      }
    for (const Unit& unit : units)
      for (const int each : unit.outputs) is_kept_[index(each)] = 1;
    for (const int each : graph.outputs) pinned_.insert(each);
  }

  void run() {
    for (size_t i = 0; i < units_.size(); ++i) {
      if (!units_[i].is_fused()) continue;
      // Later values first: what they are made of may then be dropped, too.
      std::vector<int> outputs = units_[i].outputs;
      std::sort(outputs.rbegin(), outputs.rend());
      for (const int each : outputs) drop(static_cast<int>(i), each);
    }
    for (Unit& unit : units_)
      if (unit.is_fused()) prune(unit);
    std::erase_if(units_, [](const Unit& unit) { return unit.nodes.empty(); });
  }

 private:
  /// What a unit needs to have a value without reading it.
  struct Again {
    std::set<int> nodes;
    std::set<int> small;  // read in addition, written by its unit
    std::set<int> whole;  // read in addition, in memory anyway
  };

  static size_t index(int value) { return static_cast<size_t>(value); }
  const Type& type(int variable) const { return graph_.types[index(variable)]; }
  const Graph::Node& node(int at) const { return graph_.nodes[index(at)]; }

  static bool has(const Unit& unit, int at) {
    return std::find(unit.nodes.begin(), unit.nodes.end(), at) != unit.nodes.end();
  }

  bool is_inside(int variable, int reader, const Again& again) const {
    const int maker = makers_[index(variable)];
    return maker >= 0 && (has(units_[index(reader)], maker) || again.nodes.contains(maker));
  }

  /// Adds what makes a value of the unit `home`; false where that is not worth it.
  bool add(int variable, int without, int home, int reader, Again& again) const {
    if (is_inside(variable, reader, again)) return true;
    const int maker = makers_[index(variable)];
    const Dims& places = units_[index(reader)].shape;
    if (variable != without && readers_[index(variable)].contains(reader)) return true;
    if (type(variable).size() * kSmall <= product(places)) {
      again.small.insert(variable);
      return true;
    }
    if (variable != without && is_kept_[index(variable)] != 0) {
      again.whole.insert(variable);
      return true;
    }
    if (maker < 0 || homes_[index(variable)] != home || again.nodes.size() == kMostAgain)
      return false;
    if (role_of(graph_, node(maker)) != FusionRole::kPoint ||
        long_extents(type(variable).shape) != places)
      return false;
    again.nodes.insert(maker);
    for (const int each : node(maker).inputs) {
      if (!add(each, without, home, reader, again)) return false;
      if (is_inside(each, reader, again) && !lies_alike(type(each).shape, type(variable).shape))
        return false;
    }
    return true;
  }

  /// Lets all that read a value of a unit compute it, if each of them can.
  void drop(int home, int variable) {
    if (pinned_.contains(variable)) return;
    std::vector<std::pair<int, Again>> all;
    for (const int reader : readers_[index(variable)]) {
      Again again;
      if (reader == home || is_inside(variable, reader, again)) continue;
      const Unit& unit = units_[index(reader)];
      if (!unit.is_fused() || !add(variable, variable, home, reader, again)) return;
      int64_t bytes = 0;
      for (const int each : again.whole) bytes += type(each).bytes();
      if (again.nodes.empty() || bytes > 2 * type(variable).bytes() ||
          unit.nodes.size() + again.nodes.size() > kMostNodes)
        return;
      all.emplace_back(reader, std::move(again));
    }
    for (const auto& [reader, again] : all) give(units_[index(reader)], reader, again);
    std::erase(units_[index(home)].outputs, variable);
    is_kept_[index(variable)] = 0;
  }

  void give(Unit& unit, int reader, const Again& again) {
    unit.nodes.insert(unit.nodes.end(), again.nodes.begin(), again.nodes.end());
    std::sort(unit.nodes.begin(), unit.nodes.end());
    for (const int at : again.nodes)
      for (const int each : node(at).inputs) readers_[index(each)].insert(reader);
    for (const int each : again.small) keep(each);
    pinned_.insert(again.small.begin(), again.small.end());
    pinned_.insert(again.whole.begin(), again.whole.end());
  }

  /// Has the unit of a value write it.
  void keep(int variable) {
    const int home = homes_[index(variable)];
    if (home < 0 || is_kept_[index(variable)] != 0) return;
    units_[index(home)].outputs.push_back(variable);
    is_kept_[index(variable)] = 1;
  }

  /// Leaves out operations whose results nobody reads any more.
  void prune(Unit& unit) const {
    std::set<int> read(unit.outputs.begin(), unit.outputs.end());
    std::vector<int> kept;
    for (size_t i = unit.nodes.size(); i-- > 0;) {
      const Graph::Node& each = node(unit.nodes[i]);
      if (!read.contains(each.outputs[0])) continue;
      read.insert(each.inputs.begin(), each.inputs.end());
      kept.push_back(unit.nodes[i]);
    }
    unit.nodes.assign(kept.rbegin(), kept.rend());
  }

  const Graph& graph_;
  std::vector<Unit>& units_;
  std::vector<int> makers_;             // by variable, or -1
  std::vector<int> homes_;              // by variable, the unit that makes it, or -1
  std::vector<uint8_t> is_kept_;        // by variable, whether it is in memory
  std::vector<std::set<int>> readers_;  // by variable, units
  std::set<int> pinned_;                // variables that have to stay in memory
};

}  // namespace

void recompute(const Graph& graph, std::vector<Unit>& units) { Recomputing(graph, units).run(); }

}  // namespace cne::tensor

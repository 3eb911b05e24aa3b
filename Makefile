# Every target does its own set-up, from a clean clone with Python 3.11+, a C++20 compiler and make.
#   make demo [ARGS="--json FILE"]   the main job        make test [SANITIZE=address|thread] [ARGS=...]
#   make bench [ARGS="bench/log"]    ours and the peers  make lint | format | wheel | image | clean
PYTHON ?= python3
VENV ?= .venv
BUILD ?= build/venv
SANITIZE ?=
ARGS ?=
# Processes that run tests, when they are all run.
JOBS ?= 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := $(shell find cpp cuda python tests -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.py' -o -name CMakeLists.txt) CMakeLists.txt

.PHONY: demo test test-sanitize bench lint format wheel image clean build system kafkajs

demo: build
	$(BIN)/cnengine demo $(ARGS)

ifeq ($(SANITIZE),)
test: build $(VENV)/.test kafkajs
	$(BIN)/python -m pytest $(or $(ARGS),-n $(JOBS) --dist loadfile --no-loadscope-reorder)
else
test: test-sanitize
endif

# Address (with undefined behaviour): all tests; the sanitizer's runtime has to be the first library of
# the process, Python's included. Thread: the C++ tests, since the races of other libraries' threads
# in one Python process cannot be told from ours.
test-sanitize: system $(VENV)/.test
	$(BIN)/cmake -S . -B build/$(SANITIZE) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCNE_TESTS=ON \
	  -DCNE_CUDA=OFF -DCNE_SANITIZE=$(SANITIZE) -DPython_EXECUTABLE=$(abspath $(BIN)/python) \
	  -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja)
	$(BIN)/cmake --build build/$(SANITIZE)
	TSAN_OPTIONS="halt_on_error=1 die_after_fork=0" build/$(SANITIZE)/tests/cne_tests
ifeq ($(SANITIZE),address)
	rm -rf build/address/site && mkdir -p build/address/site
	cp -r python/cnengine build/address/site/ && rm -f build/address/site/cnengine/*.so
	$(BIN)/cmake --install build/address --component python --prefix build/address/site
	PYTHONPATH=$(abspath build/address/site) ASAN_OPTIONS=detect_leaks=0 CNENGINE_SANITIZE=address \
	  CNENGINE_NATIVE_TESTS=$(abspath build/address/tests/cne_tests) \
	  LD_PRELOAD="$$(.ci/sanitizer_runtime)" $(BIN)/python -m pytest $(ARGS)
endif

bench: build $(VENV)/.bench
	$(BIN)/python -m pytest -p no:cacheprovider --timeout=3600 -s $(or $(ARGS),bench)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files '*.h' '*.cpp' '*.cu' | xargs $(BIN)/clang-format --dry-run -Werror

format: $(VENV)/.lint
	bad=; $(BIN)/ruff check --fix -q . || bad=1; $(BIN)/ruff format -q . || bad=1; \
	  git ls-files '*.h' '*.cpp' '*.cu' | xargs $(BIN)/clang-format -i || bad=1; test -z "$$bad"

wheel: system $(VENV)/.tools
	$(PIP) wheel -q --no-build-isolation --no-deps -w dist .

image:
	docker build -t cnengine .

clean:
	rm -rf build dist

build: system $(VENV)/.demo $(BUILD)/.installed

# Clients of node for the tests; they are left out where npm or its registry is not there.
kafkajs: system
	@cmp -s tests/kafka/kafkajs/package.json build/kafkajs/package.json || \
	  { mkdir -p build/kafkajs/new && cp tests/kafka/kafkajs/package.json build/kafkajs/new && \
	    (cd build/kafkajs/new && npm install --ignore-scripts --no-audit --no-fund --silent) && \
	    rm -rf build/kafkajs/node_modules && mv build/kafkajs/new/* build/kafkajs && rmdir build/kafkajs/new; } || \
	  echo "cnengine: no kafkajs from npm; its tests are left out"

system:
	@PYTHON=$(PYTHON) .ci/system_packages

$(BUILD)/.installed: $(SOURCES) pyproject.toml README.md | $(VENV)/.demo
	$(PIP) install -q --no-build-isolation --no-deps --force-reinstall -Cbuild-dir=$(BUILD) \
	  -Ccmake.define.CNE_TESTS=ON .
	@touch $@

$(VENV)/.tools: pyproject.toml | system
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q --upgrade pip
	$(PIP) install -q $$($(BIN)/python -c 'import tomllib; print(*(repr(r).replace(" ", "") for r in tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]))' | tr -d "'")
	@touch $@

# The dependencies of an extra, without building the package itself.
$(VENV)/.demo $(VENV)/.test $(VENV)/.bench $(VENV)/.lint: $(VENV)/.%: $(VENV)/.tools
	$(PIP) install -q $$($(BIN)/python .ci/requirements $*)
	@touch $@

# A front door to the CMake presets.  `make` lists what it can do.
.DEFAULT_GOAL := help
.PHONY: help deps build demo check check-quick verify bench install debug asan tsan clang coverage lint format docs clean

PREFIX ?= /usr/local
FQP := build/release/fqp
CONFIGURE = @[ -e build/$(1)/build.ninja ] || cmake --preset $(1) >/dev/null

help:            ## this list
	@sed -n 's/^\([a-z-]*\): *[^#]*## *\(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

deps:
	@tools/install-deps

build: deps      ## install what is missing and build build/release/fqp
	$(call CONFIGURE,release)
	@cmake --build --preset release

demo: build      ## train the one-dimensional and the Fashion-MNIST network, write the report
	@tools/demo $(FQP)

check: build     ## everything CI runs: tests, sanitizers, both compilers, format, lint, coverage
	@tools/check

check-quick: build ## the inner loop: unit and law tests of the release build
	@ctest --preset release -L 'unit|law' -j2

verify: build    ## run every recipe in full and judge its claims
	@$(FQP) verify

bench: build     ## speed and memory side by side with PyTorch and NumPy (BENCH="--quick large": options of bench/run)
	@tools/install-deps --bench
	@bench/run $(BENCH)

install: build   ## install into PREFIX (default /usr/local)
	@cmake --install build/release --prefix $(PREFIX)

debug asan tsan clang: deps ## build another preset: debug, asan, tsan, clang
	$(call CONFIGURE,$@)
	@cmake --build --preset $@

coverage: deps   ## line coverage of src/
	@tools/coverage

lint: build      ## clang-format and clang-tidy
	@tools/lint

format:          ## format all C sources
	@git ls-files '*.c' '*.h' | xargs clang-format -i

docs: build      ## regenerate docs/reference from the tables and headers
	@tools/reference $(FQP)

clean:           ## remove build/
	@rm -rf build

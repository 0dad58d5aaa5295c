# Picopin. `make run` and `make test` do all of their set-up themselves; a second call does none of it again.

HTTP_PORT ?= 8080
BOARD_OPTIONS ?=
# CPU=lx106: the firmware runs on the chip's own processor, under QEMU. MICROPYTHON=folder: built of
# that source tree of MicroPython in place of Debian's.
CPU ?= pc
export MICROPYTHON
VENV := .venv
PY := $(VENV)/bin/python
PIP := sh tools/install.sh $(VENV)
SUITES := unit contract memory attack picoweb board tools browser

.DEFAULT_GOAL := help
.PHONY: help run chip build test lint format $(SUITES) heap bench attack-table soak requirements clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Set-up: one stamp for each set of packages.
$(VENV)/made:
	@sh tools/venv.sh $(VENV)
	@touch $@

$(VENV)/run: requirements-run.txt $(VENV)/made
	@echo 'set-up: packages for the virtual board'
	@$(PIP) -r requirements-run.txt
	@touch $@

$(VENV)/test: requirements-test.txt requirements-stubs.txt $(VENV)/run
	@echo 'set-up: packages for the tests'
	@$(PIP) -r requirements-test.txt
	@$(PIP) --upgrade --target $(VENV)/typings --no-deps -r requirements-stubs.txt
	@touch $@

$(VENV)/browser: tools/browser.py $(VENV)/test
	@$(PY) -m tools.browser
	@touch $@

build/packages/.table.sha256: tools/device_packages.json $(VENV)/run
	@$(PY) -m tools.device_packages
	@touch $@

SET_UP := $(VENV)/run build/packages/.table.sha256
TEST_SET_UP := $(SET_UP) $(VENV)/test

build: $(SET_UP) ## compile everything and make the images; prints the table of sizes
	@$(PY) -m tools.build

run: $(SET_UP) ## the firmware on a virtual ESP8266; HTTP_PORT=8080, CPU=lx106, BOARD_OPTIONS=...
	@$(PY) -m tools.build --quiet
	@$(PY) -m tools.board --cpu $(CPU) --http-port $(HTTP_PORT) $(BOARD_OPTIONS)

chip: $(SET_UP) ## MicroPython for the chip's own processor; prints its launcher; MICROPYTHON=source
	@$(PY) -m tools.chip

# On this PC's processor everything but what is about the chip's; then on the chip's what is marked so
# (tests/conftest.py), or with CPU=lx106 everything.
PYTEST := $(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile
test: lint $(VENV)/browser ## all checks and tests, some 18 minutes on two cores; CPU=lx106
	@$(PY) -m tools.build --quiet
ifneq ($(CPU),lx106)
	@$(PYTEST) --ignore tests/chip --ignore tests/memory
endif
	@$(PYTEST) --cpu lx106 $(if $(filter lx106,$(CPU)),,-m 'chip and not soak')

lint: $(TEST_SET_UP) ## ruff, pyright with the ESP8266's stubs, and our own check of device code
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m pyright --warnings --pythonpath $(PY)
	@$(PY) -m pyright --warnings --project pyright-device.json
	@$(PY) -m tools.lint_device

format: $(TEST_SET_UP) ## put the code into shape
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

unit: ## tests that run inside MicroPython
contract: ## HTTP tests of the firmware on the virtual board
memory: ## the heap gate: five browsers at once
attack: ## what a network can do to the server
picoweb: ## an ordinary picoweb program on the server, beside picoweb itself
board: ## tests of the virtual board
tools: ## tests of the build and the checks
browser: $(VENV)/browser ## tests of the page in headless Chromium
$(SUITES): $(TEST_SET_UP)
	@$(PY) -m tools.build --quiet
	@$(PY) -m pytest tests/$@

heap: $(SET_UP) ## table: what each module and the start take of the heap
	@$(PY) -m tools.build --quiet
	@$(PY) -m tools.heap

bench: $(TEST_SET_UP) ## table and plot: Picopin beside its peers
	@$(PY) -m tools.build --quiet
	@$(PY) -m tools.bench

attack-table: $(TEST_SET_UP) ## table: what attacks do to Picopin, and to stock picoweb
	@$(PY) -m tests.attack.table

soak: $(TEST_SET_UP) ## the long tests that `make test` runs in short
	@$(PY) -m tools.build --quiet
	@$(PY) -m pytest -m soak -rP

# A real board. PORT=... where there is more than one; CONFIG=... for another config.py;
# FIRMWARE=file.bin for a MicroPython at hand; LAYOUT=mpy for one without ROMFS; DRY_RUN=1.
# BAUD=115200 for a poor cable; FLASH_SIZE=4MB where the flash chip does not say; YES=1 asks nothing.
$(VENV)/flash: requirements-flash.txt $(VENV)/run
	@echo 'set-up: packages for a real board'
	@$(PIP) -r requirements-flash.txt
	@touch $@

BOARD_SET_UP := $(SET_UP) $(VENV)/flash
PORT_OPTION = $(if $(PORT),--port '$(PORT)')
BUILD_OPTIONS = $(if $(CONFIG),--config '$(CONFIG)') $(if $(LAYOUT),--layout $(LAYOUT))
FIRMWARE_OPTION = $(if $(FIRMWARE),--firmware '$(FIRMWARE)')
CHIP_OPTIONS = $(if $(BAUD),--baud '$(BAUD)') $(if $(FLASH_SIZE),--flash-size '$(FLASH_SIZE)')
DRY_RUN_OPTION = $(if $(DRY_RUN),--dry-run)
.PHONY: config flash deploy monitor backup erase release test-board

config: $(SET_UP) ## ask for networks, passwords and pins; write config.py
	@$(PY) -m tools.configure $(if $(CONFIG),--config '$(CONFIG)')

flash: $(BOARD_SET_UP) ## everything onto a board: MicroPython, code, config.py; PORT=...
	@$(PY) -m tools.flash $(PORT_OPTION) $(BUILD_OPTIONS) $(FIRMWARE_OPTION) $(CHIP_OPTIONS) \
		$(DRY_RUN_OPTION)

deploy: $(BOARD_SET_UP) ## what changed onto a board that has MicroPython; PORT=...
	@$(PY) -m tools.deploy $(PORT_OPTION) $(BUILD_OPTIONS) $(DRY_RUN_OPTION)

monitor: $(BOARD_SET_UP) ## the board's console, tracebacks with their source lines; PORT=...
	@$(PY) -m tools.monitor $(PORT_OPTION)

backup: $(BOARD_SET_UP) ## the board's whole flash to a file; RESTORE=file.bin writes it back
	@$(PY) -m tools.backup $(PORT_OPTION) $(if $(RESTORE),--restore '$(RESTORE)') $(CHIP_OPTIONS) \
		$(DRY_RUN_OPTION)

erase: $(BOARD_SET_UP) ## everything off a board's flash; PORT=...
	@$(PY) -m tools.erase $(PORT_OPTION) $(if $(YES),--yes) $(DRY_RUN_OPTION)

release: $(BOARD_SET_UP) ## one .bin for each flash size, to be written at 0 by any flasher
	@$(PY) -m tools.release $(BUILD_OPTIONS) $(FIRMWARE_OPTION) $(if $(OUT),--out '$(OUT)') \
		$(DRY_RUN_OPTION)

test-board: $(TEST_SET_UP) ## the contract's tests against a real board; URL=http://...
	@$(if $(URL),$(PY) -m pytest tests/contract --url '$(URL)',echo 'test-board: say which, with URL=http://192.168.1.50/' >&2; exit 1)

requirements: $(VENV)/made ## resolve requirements-*.in anew into requirements-*.txt, with hashes
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@for set in run flash test stubs; do \
		$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
			--no-annotate --custom-compile-command 'make requirements' \
			requirements-$$set.in --output-file requirements-$$set.txt || exit 1; \
	done

clean: ## remove what was built, but not what was fetched
	@rm -rf build/romfs build/mpy build/cache

distclean: ## remove everything that is not in the repository
	@rm -rf build $(VENV)

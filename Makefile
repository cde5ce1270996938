# lua-eko. `make` builds the C core for Lua 5.4 and for LuaJIT; `make help` lists the targets.

BUILD    ?= build
CC       ?= cc
# Optimised as one: most of what a file calls of another is a few instructions long.
CFLAGS   ?= -O3 -g -flto=auto
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
WERROR   ?=
# Calls into Lua go through the table of addresses at once: every one is made anyway, and there are hundreds a call.
CORE_CFLAGS = -std=c11 -D_GNU_SOURCE -Isrc -fPIC -fno-plt -MMD -MP $(WARNINGS) $(WERROR)
# lua_* stays undefined on purpose: the interpreter (or nginx) that loads the module supplies it.
LDFLAGS  ?= -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,-z,nodelete
LIBS      = -lcurl -lcrypto -lssl
LUA      ?= lua5.4
JOBS     ?= 2

# A flavour is one Lua: its build lies in $(BUILD)/<flavour>, its interpreter and its pkg-config package have one name.
FLAVOURS     = 5.4 luajit 5.3 5.2 5.1
LUA_5.4      = lua5.4
LUA_luajit   = luajit
LUA_5.3      = lua5.3
LUA_5.2      = lua5.2
LUA_5.1      = lua5.1
PACKAGES_5.3 = luas
PACKAGES_5.2 = luas
PACKAGES_5.1 = luas
SOURCES      = $(wildcard src/*.c src/*/*.c)
HEADERS      = $(wildcard src/*.h src/*/*.h)

.PHONY: all help deps core env demo test check check-lua lint sanitize asan valgrind nginx-asan nginx-valgrind fuzz mutants bench \
  bench-against docs graphs example install clean

## all: core; what `make` alone does
all: core

## help: this list
help:
	@sed -n 's/^## //p' Makefile

# What a target needs is listed in .ci/packages. Three targets install it: deps, demo and test. The others name what is missing.
## deps: install on Debian what the targets need, all of it or FOR="build run" (.ci/packages has the groups)
deps:
	@.ci/install $(FOR)

## core: build the C core for Lua 5.4 and LuaJIT; core-5.1, core-5.2, core-5.3 build it for one more
core: core-5.4 core-luajit

define flavour
LUA_CFLAGS_$(1) ?= $$(shell pkg-config --cflags $(LUA_$(1)) 2>/dev/null)
OBJECTS_$(1) = $$(SOURCES:src/%.c=$$(BUILD)/$(1)/obj/%.o)

.PHONY: core-$(1) test-$(1) has-$(1)
has-$(1):
	@.ci/install --check build $$(PACKAGES_$(1))

core-$(1): $$(BUILD)/$(1)/eko/core.so

$$(BUILD)/$(1)/obj/%.o: src/%.c | has-$(1)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(CORE_CFLAGS) $$(LUA_CFLAGS_$(1)) -c $$< -o $$@

$$(BUILD)/$(1)/eko/core.so: $$(OBJECTS_$(1))
	@mkdir -p $$(@D)
	$$(CC) -shared $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)

-include $$(OBJECTS_$(1):.o=.d)

# (With the cores of the usual two, because some specs hand a journey over to another Lua.)
test-$(1):
	@.ci/install --check build run test $$(PACKAGES_$(1))
	@$$(MAKE) -s -j$$(JOBS) core core-$(1)
	@$$(RUN_SPECS) $(LUA_$(1))
endef
$(foreach each,$(FLAVOURS),$(eval $(call flavour,$(each))))

## env: print the exports with which `require "eko"` works from the checkout: eval "$(make -s env LUA=lua5.4)"
FLAVOUR = $(or $(shell $(LUA) -e 'print(jit and "luajit" or _VERSION:match "[%d.]+$$")' 2>/dev/null),5.4)
env:
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$${LUA_PATH:-;;}"'
	@echo 'export LUA_CPATH="$(abspath $(BUILD))/$(FLAVOUR)/?.so;$${LUA_CPATH:-;;}"'

# Builds first, then runs a command with the environment of one flavour.
ENV_54  = eval "$$($(MAKE) -s env LUA=lua5.4 BUILD=$(BUILD))";
BUSTED  = /usr/bin/busted
# SPECS="spec/a_spec.lua ..." are run in place of all; .ci/specs/list.lua says which spec files run where.
SPECS   ?=
RUN_SPECS = BUILD="$(BUILD)" SPECS="$(SPECS)" .ci/specs/run

## demo: a customer through the main job, over HTTP against the emulator
demo:
	@.ci/install build run
	@$(MAKE) -s core
	@$(ENV_54) sh examples/demo.sh lua5.4

## test: the specs on Lua 5.4 and on LuaJIT; SPECS="spec/a_spec.lua ..." runs these alone
test:
	@.ci/install build run test
	@$(MAKE) -s -j$(JOBS) core
	@$(RUN_SPECS) test

## check: the specs that take too long for `make test` (marked in .ci/specs/list.lua)
check:
	@.ci/install --check build run test
	@$(MAKE) -s -j$(JOBS) core
	@$(RUN_SPECS) check

## check-lua: on Lua 5.1 and 5.3 the specs that drive no other program; test-<flavour> runs one of them
check-lua:
	@.ci/install --check build run test $(PACKAGES_5.1)
	@$(MAKE) -s -j$(JOBS) core core-5.1 core-5.3
	@$(RUN_SPECS) lua5.1 lua5.3

## lint: luacheck, shellcheck, cppcheck, clang-tidy, clang-format and the compilers' warnings as errors
SCRIPTS = $(shell grep -rlIE '^.!/bin/(ba)?sh$$' .ci bench examples spec)
lint:
	@.ci/install --check build lint luas
	luacheck -q .
	shellcheck $(SCRIPTS)
	cppcheck -q --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -Isrc src
	clang-tidy --quiet $(SOURCES) -- -std=c11 -D_GNU_SOURCE -Isrc $(LUA_CFLAGS_5.4) 2>/dev/null
	clang-format --dry-run --Werror $(SOURCES) $(HEADERS) $(wildcard fuzz/*.c)
	$(MAKE) -s core core-5.1 core-5.3 BUILD=$(BUILD)/werror WERROR=-Werror CFLAGS=-O2
	$(MAKE) -s core BUILD=$(BUILD)/clang CC=clang WERROR=-Werror CFLAGS=-O2

## sanitize: asan, valgrind, nginx-asan and nginx-valgrind, beside each other
## asan: the suite under ASan and UBSan
## valgrind: the C sources' specs, under valgrind
## nginx-asan, nginx-valgrind: the module in workers of nginx, under each
# (-O1 keeps valgrind's stacks readable. nginx loads what is built for LuaJIT.)
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
sanitize asan valgrind nginx-asan nginx-valgrind:
	@.ci/install --check build run test sanitize
	@$(MAKE) -s -j$(JOBS) core
	@$(MAKE) -s -j$(JOBS) core BUILD=$(BUILD)/asan CFLAGS="-O1 -g $(SANITIZERS)" LDFLAGS="-Wl,--as-needed"
	@$(MAKE) -s -j$(JOBS) core BUILD=$(BUILD)/valgrind CFLAGS="-O1 -g"
	@$(RUN_SPECS) $(if $(filter sanitize,$@),asan valgrind nginx-asan nginx-valgrind,$@)

## fuzz: the response parser and the drafts, each for FUZZ_SECONDS seconds under libFuzzer, ASan and UBSan
FUZZ_SECONDS ?= 20
fuzz:
	@.ci/install --check build sanitize
	@BUILD=$(BUILD) .ci/fuzz $(FUZZ_SECONDS)

## mutants: change FILES="src/x.c lua/eko/y.lua" in one place at a time; the specs must notice (SPECS=, FUNCTIONS=, JOBS=)
mutants: export MUTANTS_COMPILE = $(CC) $(filter-out -MMD -MP $(WARNINGS),$(CORE_CFLAGS)) -w $(LUA_CFLAGS_5.4)
mutants: export MUTANTS_LINK = $(CC) -shared $(LDFLAGS) $(if $(shell command -v ld.gold),-fuse-ld=gold)
mutants: export MUTANTS_LIBS = $(LIBS)
mutants: export MUTANTS_OBJECTS = $(SOURCES:src/%.c=$(BUILD)/mutants/5.4/obj/%.o)
mutants:
	@.ci/install --check build run test
	@$(MAKE) -s core-5.4 BUILD=$(BUILD)/mutants CFLAGS=-O1
	@eval "$$($(MAKE) -s env LUA=lua5.4 BUILD=$(BUILD)/mutants)"; \
	BUSTED=$(BUSTED) lua5.4 .ci/mutants/main.lua --jobs $(JOBS) --specs '$(SPECS)' --functions '$(FUNCTIONS)' $(FILES)

## bench: speed and memory, one JSON object a line
bench:
	@.ci/install --check build run bench
	@$(MAKE) -s core
	@bench/run
	@bench/nginx_run
	@$(ENV_54) lua5.4 bench/journeys.lua

## bench-against: a call of this checkout against one of an older COMMIT, alternated in one run
bench-against:
	@.ci/install --check build run bench
	@bench/against $(COMMIT)

# (By Lua 5.1, which lua-markdown is for: without that the pages are raw text.)
## docs: the reference, from the doc blocks, into build/doc
docs:
	@.ci/install --check docs
	lua5.1 "$$(command -v ldoc)" -q -c docs/config.ld .

## graphs: draw the journeys anew from their data, into docs/graphs, and the tree, into docs/architecture.svg
graphs: core
	@.ci/install --check run graphs
	@.ci/graphs

## example: the web page of examples/openresty, in nginx with the emulator
example: core
	@.ci/install --check build run example
	@examples/openresty/run

## install: the rock, for the Lua that LUA names
install:
	@.ci/install --check build install
	luarocks --lua-version $(subst luajit,5.1,$(FLAVOUR)) make --deps-mode=none $(LUA_INCDIR:%=LUA_INCDIR=%)
LUA_INCDIR ?= $(patsubst -I%,%,$(firstword $(shell pkg-config --cflags-only-I $(LUA) 2>/dev/null)))

## clean: remove all that the targets make
clean:
	rm -rf $(BUILD)
	rm -f src/*.o src/*/*.o eko/core.so lua-eko-*.rock
	@[ ! -d eko ] || rmdir eko

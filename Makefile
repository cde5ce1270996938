# lua-eko. `make` builds the C core for Lua 5.4 and for LuaJIT; `make help` lists the targets.

BUILD    ?= build
CC       ?= cc
# Optimised as one: most of what a file calls of another is a few instructions long.
CFLAGS   ?= -O2 -g -flto=auto
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
WERROR   ?=
# Calls into Lua go through the table of addresses at once: every one is made anyway, and there are hundreds a call.
CORE_CFLAGS = -std=c11 -D_GNU_SOURCE -Isrc -fPIC -fno-plt -MMD -MP $(WARNINGS) $(WERROR)
# lua_* stays undefined on purpose: the interpreter (or nginx) that loads the module supplies it.
LDFLAGS  ?= -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,-z,nodelete
LIBS      = -lcurl -lcrypto -lssl
LUA      ?= lua5.4

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

.PHONY: all help deps core env demo test check-lua lint sanitize asan valgrind nginx-asan nginx-valgrind fuzz mutants bench \
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
	@$$(MAKE) -s core core-$(1)
	@echo "== $(LUA_$(1))"; \
	LUA_PATH="$$(CURDIR)/lua/?.lua;$$(CURDIR)/lua/?/init.lua;$$$${LUA_PATH:-;;}" \
	LUA_CPATH="$$(abspath $$(BUILD))/$(1)/?.so;$$$${LUA_CPATH:-;;}" \
	$(LUA_$(1)) $$(BUSTED) $$(or $$(SPECS),$$(SPECS_$(1)))
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
# SPECS=... runs these alone. What drives a browser or mutants is the same whatever Lua drives it; the other Luas leave out what drives
# nginx and the command line too. spec/project/rock_spec.lua, which installs for each of them, is run by .ci/check-rock.
SPECS  ?=
SPECS_ALL   := $(sort $(shell find spec -name '*_spec.lua'))
SPECS_5.4    = $(filter-out spec/project/rock_spec.lua,$(SPECS_ALL))
SPECS_luajit = $(filter-out spec/project/web_spec.lua spec/project/linear_spec.lua spec/project/mutants_spec.lua,$(SPECS_5.4))
SPECS_PLAIN  = $(shell grep -LE 'support\.(nginx|web|shop|redis|store_contract|command|cli|pty)' $(SPECS_ALL))
SPECS_5.3    = $(SPECS_PLAIN)
SPECS_5.2    = $(SPECS_PLAIN)
SPECS_5.1    = $(SPECS_PLAIN)
SPECS_ASAN ?= $(filter-out spec/project/web_spec.lua spec/nginx/% spec/store/% spec/project/linear_spec.lua spec/project/mutants_spec.lua,$(SPECS_5.4))

## demo: a customer through the main job, over HTTP against the emulator
demo:
	@.ci/install build run
	@$(MAKE) -s core
	@$(ENV_54) sh examples/demo.sh lua5.4

## test: the specs on Lua 5.4 and on LuaJIT
test:
	@.ci/install build run test
	@$(MAKE) -s core
	@$(MAKE) -s -k -j2 --output-sync=target test-5.4 test-luajit

## check-lua: on Lua 5.1 and 5.3 the specs that drive neither nginx nor a browser nor the command line; test-<flavour> runs one of them
check-lua:
	@.ci/install --check build run test $(PACKAGES_5.1)
	@$(MAKE) -s core core-5.1 core-5.3
	@EKO_WALKS=$${EKO_WALKS:-1000} $(MAKE) -s -k -j2 --output-sync=target test-5.1 test-5.3

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

## sanitize: asan, valgrind, nginx-asan and nginx-valgrind
## asan: the suite under ASan and UBSan
## valgrind: the specs that reach into C, under valgrind
## nginx-asan, nginx-valgrind: the module in workers of nginx, under each
sanitize: asan valgrind nginx-asan nginx-valgrind

# The loader preloads the runtime into this one process, which alone loads the instrumented module: LD_PRELOAD and LUA_CPATH
# would reach every program that a spec starts.
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
asan:
	@.ci/install --check build run test sanitize
	@$(MAKE) -s core
	@$(MAKE) -s core-5.4 BUILD=$(BUILD)/asan CFLAGS="-O1 -g $(SANITIZERS)" LDFLAGS="-Wl,--as-needed"
	@echo "== Lua 5.4 under ASan and UBSan"; $(ENV_54) \
	ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1 EKO_WALKS=1000 \
	"$$(gcc -print-file-name=ld-linux-x86-64.so.2 | grep / || ls /lib*/ld-linux*.so.* | head -n 1)" \
	--preload "$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
	"$$(command -v lua5.4)" -e 'package.cpath = "$(abspath $(BUILD))/asan/5.4/?.so;" .. package.cpath' $(BUSTED) $(SPECS_ASAN)

# The specs that reach into C; -O1 keeps valgrind's stacks readable.
C_SPECS = $(wildcard $(addprefix spec/,$(addsuffix _spec.lua,text signer timestamps json http1 connection exchange)))
valgrind:
	@.ci/install --check build run test sanitize
	@$(MAKE) -s core-5.4 BUILD=$(BUILD)/valgrind CFLAGS="-O1 -g"
	@echo "== valgrind"; eval "$$($(MAKE) -s env BUILD=$(BUILD)/valgrind)"; \
	EKO_VALGRIND=1 valgrind -q --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
	--error-exitcode=99 --suppressions=.ci/valgrind.supp lua5.4 $(BUSTED) $(C_SPECS)

# The same in a worker: nginx with the module built for LuaJIT.
nginx-asan:
	@.ci/install --check build run test sanitize
	@$(MAKE) -s core
	@$(MAKE) -s core-luajit BUILD=$(BUILD)/asan CFLAGS="-O1 -g $(SANITIZERS)" LDFLAGS="-Wl,--as-needed"
	@echo "== nginx under ASan and UBSan"; $(ENV_54) EKO_NGINX_CORE=$(abspath $(BUILD))/asan/luajit EKO_NGINX_PATIENCE=5 \
	EKO_NGINX_PROGRAM="env LD_PRELOAD=$$(gcc -print-file-name=libasan.so):$$(gcc -print-file-name=libubsan.so) ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 nginx" \
	lua5.4 $(BUSTED) spec/nginx/calls_spec.lua spec/nginx/carrier_spec.lua

nginx-valgrind:
	@.ci/install --check build run test sanitize
	@$(MAKE) -s core
	@$(MAKE) -s core-luajit BUILD=$(BUILD)/valgrind CFLAGS="-O1 -g"
	@echo "== nginx under valgrind"; $(ENV_54) EKO_NGINX_CORE=$(abspath $(BUILD))/valgrind/luajit EKO_NGINX_PATIENCE=30 \
	EKO_NGINX_PROGRAM="valgrind --leak-check=full --show-leak-kinds=definite nginx" \
	lua5.4 $(BUSTED) spec/nginx/memory_spec.lua

## fuzz: the response parser and the drafts, each for FUZZ_SECONDS seconds under libFuzzer, ASan and UBSan
FUZZ_SECONDS ?= 20
fuzz:
	@.ci/install --check build sanitize
	@BUILD=$(BUILD) .ci/fuzz $(FUZZ_SECONDS)

## mutants: change FILES="src/x.c lua/eko/y.lua" in one place at a time; the specs must notice (SPECS=, FUNCTIONS=, JOBS=)
JOBS ?= 2
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

## docs: the reference, from the doc blocks, into build/doc
docs:
	@.ci/install --check docs
	ldoc -q -c docs/config.ld .

## graphs: draw the journeys anew from their data, into docs/graphs
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

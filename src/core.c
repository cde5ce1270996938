/* eko.core: the C half of the library. Bytes, crypto and sockets live here; policy lives in Lua. */
#include "base/base64.h"
#include "base/check_digit.h"
#include "base/clock.h"
#include "base/mask.h"
#include "base/process.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "cli/terminal.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/signer.h"
#include "crypto/timestamps.h"
#include "draft/draft.h"
#include "draft/draft_views.h"
#include "http/exchange.h"
#include "json/json.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "net/connection.h"

int luaopen_eko_core(lua_State *L);

/* What adds functions to which table of the module (NULL: to the module itself). A part comes behind those whose types
 * it looks up. */
static const struct {
    const char *library;
    void (*open)(lua_State *L);
} parts[] = {
    {"text", eko_open_base64},       {"text", eko_open_utf8},        {"text", eko_open_shown},
    {"text", eko_open_mask},         {"text", eko_open_check_digit}, {"text", eko_open_clock},
    {"text", eko_open_random},       {"text", eko_open_digest},      {NULL, eko_open_seal},
    {NULL, eko_open_timestamps},     {NULL, eko_open_signer},        {"json", eko_open_json},
    {"json", eko_open_json_read},    {"json", eko_open_json_write},  {"http1", eko_open_http1},
    {NULL, eko_open_draft_views},    {NULL, eko_open_draft},         {"connection", eko_open_connection},
    {"terminal", eko_open_terminal},
};

/* Pushes the table of that name in the module on top; an empty one before it was filled. */
static void push_library(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    if (!lua_isnil(L, -1)) return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name);
}

__attribute__((visibility("default"))) int luaopen_eko_core(lua_State *L)
{
    eko_settle_in_process();
    lua_newtable(L);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].library == NULL) {
            parts[i].open(L);
            continue;
        }
        push_library(L, parts[i].library);
        parts[i].open(L);
        lua_pop(L, 1);
    }
    return 1;
}

/* Members of an answer that stand twice and do not say the same.
 *
 * JSON leaves open which of two equal names counts, so that two readers of one answer may see two transactions. What
 * decides about money must be one thing: an envelope in which a code, the data, a tid or a reference has two values is
 * no answer. */
#include "json.h"

#include <string.h>

typedef struct {
    const char *text;
    size_t size;
} decided;

#define NAME(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

/* In the envelope and in its data. */
static const decided decisive[] = {
    NAME("status"),
    NAME("response_type_id"),
    NAME("data"),
    NAME("tx_status"),
    NAME("tid"),
    NAME("client_ref_id"),
    NAME("refund_tid"),
    NAME("otp_ref_id"),
    NAME("amount"),
    NAME("kyc_request_id"),
    NAME("bank_ref_num"),
    NAME("recipient_id"),
    NAME("account"),
    NAME("ifsc"),
    NAME("invalid_params"),
    NAME("invalid_parameters"),
};
enum { DATA = 2, DECISIVE = sizeof decisive / sizeof decisive[0] };

/* Their lengths, a bit each: most of an answer's names have another. */
static const uint32_t lengths =
    1u << 3 | 1u << 4 | 1u << 6 | 1u << 7 | 1u << 9 | 1u << 10 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 16 | 1u << 18;

static int which_text(const char *text, size_t size)
{
    int i;
    if (size > 18 || (lengths >> size & 1) == 0) return -1;
    for (i = 0; i < DECISIVE; i++)
        if (decisive[i].size == size && decisive[i].text[0] == text[0] && memcmp(decisive[i].text, text, size) == 0)
            return i;
    return -1;
}

/* Which of them a name is, or -1. */
static int which(lua_State *L, const eko_json_node *node)
{
    const char *text;
    size_t size;
    int found;
    if (node->type != JSON_ESCAPED) return which_text((const char *)node->at, node->size);
    eko_json_push_scalar(L, node);
    text = lua_tolstring(L, -1, &size);
    found = which_text(text, size);
    lua_pop(L, 1);
    return found;
}

/* Whether two values are the same to the letter, blanks between their parts aside. */
static int same(const eko_json_node *nodes, uint32_t a, uint32_t b)
{
    uint32_t count = nodes[a].next - a, i;
    if (nodes[b].next - b != count) return 0;
    for (i = 0; i < count; i++) {
        const eko_json_node *x = &nodes[a + i], *y = &nodes[b + i];
        if (x->type != y->type || x->size != y->size) return 0;
        if (x->type > JSON_TRUE && x->type < JSON_ARRAY && memcmp(x->at, y->at, x->size) != 0) return 0;
    }
    return 1;
}

/* `data` is set to the value of that name, if the object has one. */
static const char *conflict_in(lua_State *L, const eko_json_tape *tape, uint32_t object, uint32_t *data)
{
    uint32_t seen[DECISIVE] = {0}, i = object + 1;
    while (i < tape->nodes[object].next) {
        int found = which(L, &tape->nodes[i]);
        if (found >= 0 && seen[found] == 0)
            seen[found] = i + 1;
        else if (found >= 0 && !same(tape->nodes, seen[found], i + 1))
            return decisive[found].text;
        i = tape->nodes[i + 1].next;
    }
    *data = seen[DATA];
    return NULL;
}

const char *eko_json_conflict(lua_State *L, const eko_json_tape *tape)
{
    uint32_t data = 0, none;
    const char *name;
    if (tape->nodes[0].type != JSON_OBJECT) return NULL;
    name = conflict_in(L, tape, 0, &data);
    if (name != NULL || data == 0 || tape->nodes[data].type != JSON_OBJECT) return name;
    return conflict_in(L, tape, data, &none);
}

/* json.envelope(text) -> value, or nil, reason, offset and, where a member has two values, its name */
int eko_json_envelope(lua_State *L)
{
    eko_json_tape tape;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n), *name;
    if (!eko_json_parse(L, &tape, text, n, 64)) return eko_json_push_error(L, &tape);
    name = eko_json_conflict(L, &tape);
    if (name != NULL) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s stands there twice with different values", name);
        lua_pushinteger(L, 1);
        lua_pushstring(L, name);
        return 4;
    }
    eko_json_push_value(L, &tape, 0);
    return 1;
}

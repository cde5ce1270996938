/* Lists and addresses of a draft. An address is a list of lines on some rails and an object, JSON-encoded inside a
 * string, on others: it may be given by names or as a list in any case. */
#include "draft/draft_lines.h"

#include "base/shown.h"
#include "json/json.h"
#include "json/json_write.h"

#include <string.h>

#define MOST_ITEMS 100

/* In the order in which the platform documents them. */
static const char *const names[] = {"line", "city", "state", "pincode", "district", "area"};
#define NAMES ((int)(sizeof names / sizeof *names))

/* The JSON that stands in the scratch buffer from `at` on. */
static void put_scratch(eko_call *c, const eko_field *f, size_t at)
{
    const eko_buffer *from = &c->d->scratch;
    if (f->place == IN_BODY)
        eko_put(c->L, eko_place_of(c, f), from->bytes + at, from->used - at);
    else
        eko_put_encoded(c->L, eko_place_of(c, f), from->bytes + at, from->used - at, f->keep);
}

/* NULL where there are only the names of an address: if not, DETAIL has another one. */
static const char *problem_of_names(const eko_call *c)
{
    lua_State *L = c->L;
    for (lua_pushnil(L); lua_next(L, c->at); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) return "type";
        int i = 0;
        for (; i < NAMES; i++)
            if (strcmp(names[i], lua_tostring(L, -2)) == 0 && strlen(names[i]) == lua_rawlen(L, -2)) break;
        if (i < NAMES) continue;
        lua_pushvalue(L, -2);
        lua_replace(L, DETAIL);
        return "address name";
    }
    return NULL;
}

/* How lines are given and written. */
typedef struct {
    bool by_names;   /* they are given by names */
    bool is_address; /* of which one at least says something */
    bool is_object;  /* they are written by names */
    bool says;       /* whether any that was written says something */
    int count;       /* how many were written */
} lines;

/* The text on top of the stack, which is the i-th line. */
static const char *put_line(eko_call *c, const eko_field *f, lines *l, int i)
{
    lua_State *L = c->L;
    eko_buffer *to = &c->d->scratch;
    if (lua_type(L, -1) != LUA_TSTRING) return l->by_names ? "address value" : "type";
    size_t n;
    const char *s = lua_tolstring(L, -1, &n);
    if (!l->is_object && n > f->max) return "item length";
    const int looks = l->is_address ? eko_look(s, n) : 0;
    if (looks & EKO_IS_BLANK) {
        if (l->is_object && !l->by_names) return NULL;
        n = 0;
    } else {
        if (looks & EKO_IS_HIDDEN) return "hidden";
        l->says = true;
    }
    /* A line that was left out keeps its place in a list. */
    for (; !l->is_object && l->count < i; l->count++) {
        eko_put(L, to, l->count > 0 ? ",\"\"" : "\"\"", l->count > 0 ? 3 : 2);
        eko_record(c, "", 0);
    }
    if (l->count++ > 0) eko_put_char(L, to, ',');
    if (l->is_object) {
        eko_put_quoted(L, to, names[i], strlen(names[i]));
        eko_put_char(L, to, ':');
    } else {
        eko_record(c, s, n);
    }
    const int seen = eko_put_quoted(L, to, s, n);
    return seen & EKO_NOT_UTF8 ? "utf8" : seen ? "control" : NULL;
}

/* The lines, as JSON in the scratch buffer. */
static const char *write_lines(eko_call *c, const eko_field *f, lines *l)
{
    lua_State *L = c->L;
    eko_buffer *to = &c->d->scratch;
    int length = (int)eko_list_length(L, c->at);
    const char *problem = NULL;
    l->by_names = length < 0;
    if (length < 0 && !l->is_address) return "type";
    if (length > MOST_ITEMS) return "items";
    if (length > NAMES && l->is_object) return "address lines";
    if (l->by_names) {
        problem = problem_of_names(c);
        length = NAMES;
    }
    eko_put_char(L, to, l->is_object ? '{' : '[');
    for (int i = 0; i < length && problem == NULL; i++) {
        if (l->by_names)
            lua_getfield(L, c->at, names[i]);
        else
            lua_rawgeti(L, c->at, i + 1);
        if (!lua_isnil(L, -1)) problem = put_line(c, f, l, i);
        lua_pop(L, 1);
    }
    if (problem != NULL) return problem;
    eko_put_char(L, to, l->is_object ? '}' : ']');
    return l->is_address && !l->says ? "empty" : NULL;
}

/* Whether any value in an object or a list says something. */
static bool says_something(eko_json_tape *tape)
{
    for (uint32_t i = 0; i < tape->count; i++) {
        const eko_json_node *node = &tape->nodes[i];
        const bool is_text = node->type == JSON_STRING;
        if (is_text && !(eko_look((const char *)node->at, node->size) & EKO_IS_BLANK)) return true;
        if (node->type == JSON_ESCAPED || (node->type >= JSON_INTEGER && node->type <= JSON_FLOAT)) return true;
        if (node->type != JSON_OBJECT) continue;
        for (uint32_t member = i + 1; member < node->next; member = tape->nodes[member + 1].next)
            tape->nodes[member].type = JSON_NULL; /* a name says nothing */
    }
    return false;
}

/* A ready-made address: an object or a list as JSON, on one line. */
static const char *copy_address(eko_call *c)
{
    lua_State *L = c->L;
    size_t n, begin = 0;
    const char *s = lua_tolstring(L, c->at, &n);
    if (eko_look(s, n) & EKO_IS_BLANK) return "empty";
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f) return "format";
    while (s[begin] == ' ') begin++;
    const int top = lua_gettop(L);
    eko_json_tape tape;
    const bool is_json = (s[begin] == '{' || s[begin] == '[') && eko_json_parse(L, &tape, s, n, &eko_json_strict);
    const bool says = is_json && says_something(&tape);
    lua_settop(L, top);
    if (!is_json || !says) return is_json ? "empty" : "format";
    eko_put(L, &c->d->scratch, s, n);
    return eko_look(s, n) & EKO_IS_HIDDEN ? "hidden" : NULL;
}

const char *eko_put_lines(eko_call *c, const eko_field *f, int *count)
{
    eko_buffer *scratch = &c->d->scratch;
    const bool is_object = f->kind == ADDRESS;
    lines l = {.is_address = is_object || f->means == HOME, .is_object = is_object};
    const char *problem = "type";
    eko_wipe(scratch);
    if (c->type == LUA_TTABLE)
        problem = write_lines(c, f, &l);
    else if (is_object && c->type == LUA_TSTRING)
        problem = copy_address(c);
    if (problem != NULL) return problem;
    const size_t n = scratch->used;
    if (!is_object) {
        put_scratch(c, f, 0);
        *count = l.count;
        return NULL;
    }
    if (n > f->max) return "length";
    eko_record(c, scratch->bytes, n);
    eko_reserve(c->L, scratch, 6 * n + 2); /* nothing moves from here on */
    eko_put_quoted(c->L, scratch, scratch->bytes, n);
    put_scratch(c, f, n);
    return NULL;
}

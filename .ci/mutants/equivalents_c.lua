-- The sources of src/: see equivalents.lua.
return {
  ["src/draft/format.c"] = {
    is_date = {
      { why = "what stands behind the table is no number of days", "if (year == 0 || month > 13 || day == 0) return false;" },
    },
    eko_is_birth = {
      { why = "no day comes between the last of a year and the first of the next",
        "return day >= 19000100 && (today == 0 || day <= (unsigned int)today);" },
      { why = "without its sign a number below 0 is above each day",
        "return day >= 19000101 && (today <= 0 || day <= (unsigned int)today);" },
    },
    count_digits = {
      { why = "a text ends with a NUL, a part of it with a comma: no digit stands there",
        "while (i <= n && s[i] >= '0' && s[i] <= '9') i++;", "while (s[i] >= '0' && s[i] <= '9') i++;" },
    },
    is_degrees = {
      { why = "whole < n was asked before",
        "if (whole < n && (n <= whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 1) != n))" },
      { why = "no digit stands behind the end, so that there are never more of them than bytes",
        "if (whole < n && (n == whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 0) != n))",
        "if (whole < n && (n == whole + 1 || s[whole] != '.' || whole + 1 + count_digits(s + whole + 1, n - whole - 1) < n))" },
      { why = "what is beyond the limit only grows",
        "for (size_t i = whole + 1; i < n && value >= limit; i++) value += s[i] != '0';" },
      { why = "only digits are left, and none is below 0",
        "for (size_t i = whole + 1; i < n && value == limit; i++) value += s[i] > '0';" },
    },
    is_lat_long = {
      { why = "without a comma the second number has more bytes than there are, and is refused",
        "const size_t first = comma == ((void *)1) ? 0 : (size_t)(comma - s);",
        "return comma != ((void *)1) && is_degrees(s, first, 90) && is_degrees(comma + 1, n - first - 1, 180);",
        "return is_degrees(s, first, 90) && is_degrees(comma + 1, n - first - 1, 180);" },
    },
    is_money = {
      { why = "a point with nothing behind it was refused before",
        "if (decimals > 1 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 1) != decimals - 1)) return false;" },
      { why = "no digit stands behind the end, so that there are never more of them than bytes",
        "if (decimals > 0 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 0) != decimals - 1)) return false;",
        "if (decimals > 0 && (s[whole] != '.' || count_digits(s + whole + 1, decimals - 1) < decimals - 1)) return false;" },
      { why = "before a text of Lua stands none of them (the sanitizers notice it)",
        "while (n >= 0 && (s[n - 1] == '0' || s[n - 1] == '.')) n--;", "while ((s[n - 1] == '0' || s[n - 1] == '.')) n--;" },
      { why = "only digits and a point are left", "while (n > 0 && (s[n - 1] <= '0' || s[n - 1] == '.')) n--;",
        "while (n > 0 && (s[n - 1] == '0' || s[n - 1] <= '.')) n--;" },
    },
    eko_is_of_spreadsheet = {
      { why = "a text ends with a NUL, which is none of them",
        "while (at <= n && s[at] == ',')", "while (s[at] == ',')",
        "at += 1 + count_digits(s + at + 1, n - at - 0); /* thousands, or a comma for the point */",
        "if (at <= n && s[at] == '.') at += 1 + count_digits(s + at + 1, n - at - 1);",
        "if (s[at] == '.') at += 1 + count_digits(s + at + 1, n - at - 1);",
        "if (at < n && s[at] == '.') at += 1 + count_digits(s + at + 1, n - at - 0);",
        "if (at <= n && (s[at] == 'e' || s[at] == 'E')) {", "if ((s[at] == 'e' || s[at] == 'E')) {",
        "if (at <= n && (s[at] == '+' || s[at] == '-')) at++;", "if ((s[at] == '+' || s[at] == '-')) at++;" },
      { why = "it never goes behind the end", "if (at >= n) return false;", "return whole > 0 && whole < n && at >= n;" },
    },
    check_named = {
      { why = "an error was raised before", "return ((void *)1);", "without return NULL;" },
    },
    eko_read_format = {
      { why = "the loop ends with the count", "read_run(L, lua_gettop(L), format, i >= count);" },
    },
    eko_fits = {
      { why = "no run goes beyond the end", "return p >= end && (format->check == NULL || format->check(s, n));" },
    },
  },
  ["src/draft/draft_values.c"] = {
    is_graphic = {
      { why = "what is not plain is looked at as a whole, and 127 is neither blank nor hidden: the same is found, only later",
        "return c > (' '+1) && c <= '~';",
        "return c > ' ' && c < '~';", "return c > ' ';", "return c > ' ' && c <= ('~'+1);", "return c > ' ' && c <= ('~'-1);" },
    },
    problem_of_look = {
      { why = "a text of nothing, or of one character, is looked at as a whole: the same is found",
        "if (n > 1 && is_graphic(s[0]) && is_graphic(s[n - 1]) && f->means != PERSON) return NULL;",
        "if (n >= 0 && is_graphic(s[0]) && is_graphic(s[n - 1]) && f->means != PERSON) return NULL;",
        "if (is_graphic(s[0]) && is_graphic(s[n - 1]) && f->means != PERSON) return NULL;" },
      { why = "lists and addresses do not come here", 'if ((looks & EKO_IS_BLANK) && (f->required || f->kind >= OPAQUE)) return "empty";',
        "if (f->kind >= OPAQUE) return NULL;" },
    },
    put_text = {
      { why = "IN_BODY is the last of the places",
        "const int seen = f->place >= IN_BODY ? eko_put_quoted(c->L, to, s, n) : eko_put_encoded(c->L, to, s, n, f->keep);" },
    },
    whole_number = {
      { why = "what is made of such a number differs from it, as 0 does", "*value = d > 0 && d <= EKO_EXACT ? (uint64_t)d : 0;",
        "*value = d <= EKO_EXACT ? (uint64_t)d : 0;", "*value = d >= 0 && d <= EKO_EXACT ? (uint64_t)d : 1;",
        "*value = d >= 1 && d <= EKO_EXACT ? (uint64_t)d : 0;", "*value = d >= -1 && d <= EKO_EXACT ? (uint64_t)d : 0;" },
    },
    put_capture = {
      { why = "of what stands behind the end nothing is taken", "for (size_t i = 0; 1;) {", "for (size_t i = 0; i <= n;) {" },
    },
    leave_out_paise = {
      { why = "without a point the digits end with the text, which is then no number of its own",
        "if (point == ((void *)1) || !read_digits(s, (size_t)(point - s), &rupees)) return NULL;",
        "if (!read_digits(s, (size_t)(point - s), &rupees)) return NULL;" },
    },
    put_number = {
      { why = "0 and 2^53 are whole numbers",
        "if (!is_whole && f->means == RUPEES && lua_tonumber(c->L, c->at) >= 0 && lua_tonumber(c->L, c->at) < EKO_EXACT)",
        "if (!is_whole && f->means == RUPEES && lua_tonumber(c->L, c->at) > 0 && lua_tonumber(c->L, c->at) <= EKO_EXACT)" },
    },
    eko_put_value = {
      { why = "of a boolean both say that it is of the wrong type",
        "case OPAQUE: return c->type <= LUA_TNUMBER ? put_number(c, f) : put_string(c, f);" },
    },
    put_string = {
      { why = "no count is below 0", "if (format->count <= 0) {" },
      { why = "what means nothing is not checked", "if (problem == NULL) problem = problem_of_meaning(c, f, s, n);" },
    },
  },
  ["src/draft/plan.c"] = {
    keep_string = {
      { why = "its size is 0, and ~ is never percent-encoded", 'return "~";' },
    },
    compile_field = {
      { why = "the first of the choices stands for none",
        'static const char *const contexts[] = {"~", "initiator_id", "user_code", "client_ref_id", "timestamp", NULL};',
        'static const char *const meanings[] = {"~", "name", "birth", "account", "rupees", "capture", "address", NULL};' },
      { why = "any number below 0 is no choice", 'f->place = check_choice(L, table, "place", places, -2);',
        'f->kind = check_choice(L, table, "type", kinds, -2);' },
      { why = "NOW is the last of the contexts",
        "if (f->context >= NOW && (!f->required || f->kind != STRING)) f->context = NO_CONTEXT;" },
    },
    eko_push_plan = {
      { why = "a user value more than is used",
        "eko_plan *p = lua_newuserdatauv(L, sizeof *p + (size_t)count * sizeof p->fields[0], 1);" },
    },
  },
  ["src/draft/draft.c"] = {
    put_key = {
      { why = "IN_BODY is the last of the places", 'to->bytes[to->used] = (place >= IN_BODY ? "{," : "?&")[to->used > 0];' },
      { why = "only the first two characters are taken", 'to->bytes[to->used] = (place == IN_BODY ? "{," : "?&~")[to->used > 0];',
        'to->bytes[to->used] = (place == IN_BODY ? "{,~" : "?&")[to->used > 0];' },
      { why = "a key has more than one byte", 'to->bytes[to->used] = (place == IN_BODY ? "{," : "?&")[to->used > 1];' },
      { why = "there may be more room than is needed", "eko_reserve(c->L, to, n + 2);" },
    },
    begin_value = {
      { why = "end_value writes it anew",
        "const eko_value value = {.field = f, .count = -2};", "const eko_value value = {.field = f, .count = -0};" },
    },
    put_field = {
      { why = "the count only spares the look at each name: it is looked at, and nothing is found", "c->given += c->type < LUA_TNIL;",
        "c->given += c->type > LUA_TNIL;",
        "without c->given += c->type != LUA_TNIL;" },
      { why = "LUA_TNIL, NO_CONTEXT and IN_PATH are the first of theirs, NOW is the last",
        "if (c->type <= LUA_TNIL && (f->context != NO_CONTEXT || f->has_default)) {",
        "if (c->type == LUA_TNIL && (f->context > NO_CONTEXT || f->has_default)) {",
        "c->at = f->has_default ? VALUE + 1 : f->context >= NOW ? TIMESTAMP : CONTEXT - 1 + f->context;", "if (c->type > LUA_TNIL) {",
        "if (f->place > IN_PATH) put_key(c, eko_place_of(c, f), f->place, f->key, f->key_size);",
        "if (f->place <= IN_PATH) eko_put(L, &c->d->path, f->tail, f->tail_size);" },
      { why = "nobody looks at what was pushed", "if (1) lua_rawgeti(L, ANCHOR, -index - 1);" },
      { why = "any count below 0 is none", "int count = -2;" },
    },
    find_unknown = {
      { why = "the count only spares the look at each name: it is looked at, and nothing is found", "int count = 1;", "if (0) return;",
        "if (count == c->given) ;", "if (count <= c->given) return;", "if (0) {" },
      { why = "names of other kinds are not in the plan's table either",
        'if (lua_type(L, VALUE) < LUA_TSTRING || lua_isnil(L, -1)) add_problem(c, VALUE, "unknown");' },
    },
    problem_of_extra_name = {
      { why = "there are never more letters than bytes", 'if (n < 1 || n > 64 || strspn(name, letters) < n) return "extra name";' },
    },
    put_extra_value = {
      { why = "where there is no string it is set anew", "size_t n = 1;", "size_t n = -1;" },
      { why = "what is no string gives none", "const char *s = in_query && type >= LUA_TSTRING ? lua_tolstring(c->L, -1, &n) : NULL;" },
      { why = "nil is no value of a table",
        'if (in_query && type != LUA_TNUMBER && type > LUA_TBOOLEAN) return "extra scalar";' },
      { why = "for a body the scratch buffer is empty", 'if (1) w.seen |= eko_put_encoded(c->L, &d->query, s, n, "");' },
      { why = "~ is never percent-encoded", 'if (in_query) w.seen |= eko_put_encoded(c->L, &d->query, s, n, "~");' },
      { why = "any count below 0 is none", "*count = w.count == 1 ? -2 : w.count;" },
    },
    put_one_extra = {
      { why = "it is set, or nobody looks at the draft", "int count = 1;", "int count = -1;" },
      { why = "only so many characters are taken", [[eko_put(c->L, to, c->p->has_body ? "\":" : "=~", c->p->has_body ? 2 : 1);]],
        [[eko_put(c->L, to, c->p->has_body ? "\":~" : "=", c->p->has_body ? 2 : 1);]] },
    },
    put_extra = {
      { why = "one nil more on the stack", "const int names_at = VALUE + 2;" },
      { why = "the look at the names is only spared where all are strings",
        "for (lua_pushnil(L); lua_next(L, EXTRA); lua_settop(L, VALUE))" },
      { why = "the names' memory is freed too early: what is read then is often still there (the sanitizers notice it)",
        "const int names_at = VALUE + 0;", "without lua_remove(L, VALUE);" },
    },
    keep_reference = {
      { why = "a text is pushed anew: the same one; there is no boolean that is written, and nothing that is no number but a text",
        "if (1) { /* the digits that were written, which no double may have */",
        "if (c->type <= LUA_TNUMBER) { /* the digits that were written, which no double may have */",
        "if (c->type >= LUA_TNUMBER) { /* the digits that were written, which no double may have */" },
    },
    begin = {
      { why = "it is a place on the stack whose bytes nobody has set before: what is there is often 0 (the sanitizers notice it)",
        "without c->has_reference = false;" },
      { why = "which of two functions lies higher in memory is chance", "c->is_ours = lua_tocfunction(L, CONTEXT + 2) >= eko_ref_id;" },
      { why = "nothing but a draft has the metatable of drafts", "if (lua_getmetatable(L, SPARE)) {" },
      { why = "the count only spares the look at each name: it is looked at, and nothing is found", "c->given = -1;",
        "without c->given = 0;" },
    },
    draft = {
      { why = "no detail is left, so that a nil is on top", "without lua_pushnil(L);" },
      { why = "there is room enough until memory runs out", 'without luaL_checkstack(L, 24, "too many values");',
        'luaL_checkstack(L, 25, "too many values");', 'luaL_checkstack(L, 23, "too many values");',
        'luaL_checkstack(L, 0, "too many values");', 'luaL_checkstack(L, 24, "");', 'luaL_checkstack(L, 24, "too many values~");' },
    },
  },
  ["src/draft/capture.c"] = {
    begins = {
      { why = "a text ends with a NUL, which is in no mark", "return memcmp(in->at, with, n) == 0;" },
    },
    skip_behind = {
      { why = "each byte is looked at then: the same is found", "without in->at = memchr(in->at, mark[0], (size_t)(in->end - in->at));" },
      { why = "at the end memchr finds nothing", "for (; 1; in->at++) {", "for (; in->at <= in->end; in->at++) {" },
    },
    skip_blanks = {
      { why = "the NUL behind the end is no blank", "while (is_blank(*in->at)) in->at++;",
        "while (in->at <= in->end && is_blank(*in->at)) in->at++;" },
    },
    read_name = {
      { why = "strchr finds the NUL behind the end",
        [[for (; in->at <= in->end && !is_blank(*in->at) && strchr("=/>\"'<", *in->at) == NULL; in->at++)]],
        [[for (; !is_blank(*in->at) && strchr("=/>\"'<", *in->at) == NULL; in->at++)]] },
    },
    is_named = {
      { why = "a shorter name is followed by none of a name's characters", "if ((size_t)(name.end - name.at) > n) return false;" },
    },
    read_value = {
      { why = "the place is never behind the end, where a NUL is", "if (in->at >= in->end || *in->at != '=') return value;",
        "if (*in->at != '=') return value;" },
      { why = "the NUL behind the end is no quote", "if (in->at <= in->end && (*in->at == '\"' || *in->at == '\\'')) {",
        "if ((*in->at == '\"' || *in->at == '\\'')) {" },
    },
    read_tag = {
      { why = "the NUL behind the end is no slash", "is_empty = in->at <= in->end && *in->at == '/';", "is_empty = *in->at == '/';" },
      { why = "it goes one behind the end, where nothing is read any more", "if (name.at == name.end && *in->at != '>') in->at++;",
        "if (name.at == name.end && in->at <= in->end && *in->at != '>') in->at++;" },
      { why = "a name does not end before it begins", "if (name.at >= name.end && in->at < in->end && *in->at != '>') in->at++;" },
      { why = "where there is no name, no greater character stands",
        "if (name.at == name.end && in->at < in->end && *in->at < '>') in->at++;" },
    },
    eko_problem_of_capture = {
      { why = "! or ? stands there; behind ! two minus or a bracket and a C",
        "skip_behind(&in, *in.at >= '?' ? \"?>\" : in.at[1] == '-' ? \"-->\" : \"]]>\");",
        "skip_behind(&in, *in.at == '?' ? \"?>\" : in.at[2] == '-' ? \"-->\" : \"]]>\");",
        "skip_behind(&in, *in.at == '?' ? \"?>\" : in.at[1] <= '-' ? \"-->\" : \"]]>\");" },
      { why = "a name does not end before it begins", "if (name.at >= name.end) continue;" },
    },
    is_zero = {
      { why = "its beginning never comes behind its end", "return code.at >= code.end;" },
    },
  },
  ["src/base/shown.c"] = {
    ["(file)"] = {
      { why = "below 0x80 nothing is looked for",
        "{(0x80-1), 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f},",
        "{0, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f}," },
    },
    code_point = {
      { why = "no character has no byte", "static const unsigned char masks[] = {1, 0x7f, 0x1f, 0x0f, 0x07};",
        "static const unsigned char masks[] = {-1, 0x7f, 0x1f, 0x0f, 0x07};" },
    },
    eko_look = {
      { why = "the next blank is 0x20", "if (!shows && c > (0x0d+1)) looks |= is_first ? EKO_BLANK_START : EKO_BLANK_END;" },
      { why = "nothing below 0x80 is in the list",
        "if (c >= (0x80-1) && is_in(c, hidden, sizeof hidden / sizeof *hidden)) looks |= EKO_IS_HIDDEN;",
        "if (c >= 0 && is_in(c, hidden, sizeof hidden / sizeof *hidden)) looks |= EKO_IS_HIDDEN;",
        "if (is_in(c, hidden, sizeof hidden / sizeof *hidden)) looks |= EKO_IS_HIDDEN;" },
    },
    is_in = {
      { why = "behind the last range stands nothing that a character is in", "for (size_t i = 0; c >= ranges[i].first; i++)",
        "for (size_t i = 0; i <= count && c >= ranges[i].first; i++)" },
    },
    next = {
      { why = "eko_utf8_length knows characters of one byte too, and 0x80 alone shows either way",
        "const size_t length = 0 ? 1 : eko_utf8_length(*s, (size_t)(end - *s));",
        "const size_t length = **s <= 0x80 ? 1 : eko_utf8_length(*s, (size_t)(end - *s));",
        "const size_t length = **s < (0x80+1) ? 1 : eko_utf8_length(*s, (size_t)(end - *s));",
        "const size_t length = **s < (0x80-1) ? 1 : eko_utf8_length(*s, (size_t)(end - *s));",
        "const size_t length = **s < 0 ? 1 : eko_utf8_length(*s, (size_t)(end - *s));" },
      { why = "each of them shows", "const uint32_t c = length == -1 ? '?' : code_point(*s, length);",
        "const uint32_t c = 0 ? '?' : code_point(*s, length);", "const uint32_t c = length == 0 ? ('?'+1) : code_point(*s, length);",
        "const uint32_t c = length == 0 ? ('?'-1) : code_point(*s, length);" },
    },
  },
  ["src/draft/draft_views.c"] = {
    ["(file)"] = {
      { why = "one byte more is kept, of a buffer that nobody sees",
        "#define KEPT 16385 /* bytes: what is larger is not kept for the next call */" },
    },
    emit = {
      { why = "no more is read, and what is returned is on top", "without lua_settop(L, 2);", "lua_settop(L, 3);" },
    },
    core_emitter = {
      { why = "no count is below 0", 'luaL_argcheck(L, places == 3 || places <= 0, HEAD, "a head of three places");' },
      { why = "more are refused before", "lua_pushboolean(L, places >= 3);" },
    },
    eko_open_draft_views = {
      { why = "the list ends where no name is", '{"secrets", draft_secrets}, {NULL, ((void *)1)}};' },
    },
    draft_secrets = {
      { why = "there may be more room than is needed", "lua_createtable(L, value.count, 1);" },
    },
    put_request = {
      { why = "what is put makes room for itself: this only spares it to grow step by step",
        "without eko_reserve(L, out, size + d->path.used + d->body.used + 128);",
        "eko_reserve(L, out, size + d->path.used + d->body.used + 129);",
        "eko_reserve(L, out, size + d->path.used + d->body.used + 127);",
        "eko_reserve(L, out, size + d->path.used + d->body.used + 0);" },
    },
    eko_check_request = {
      { why = "no request has one byte", 'luaL_argcheck(L, d->request.used > 1, index, "the draft has emitted nothing");' },
    },
  },
  ["src/draft/draft_lines.c"] = {
    put_scratch = {
      { why = "IN_BODY is the last of the places", "if (f->place >= IN_BODY)" },
    },
    problem_of_names = {
      { why = "what is the same up to a NUL is no shorter",
        "if (strcmp(names[i], lua_tostring(L, -2)) == 0 && strlen(names[i]) >= lua_rawlen(L, -2)) break;" },
      { why = "what lua_next gave last, 0, stands where a result is returned", "without return NULL;" },
    },
    write_lines = {
      { why = "what is left on the stack goes with the call; that it has room is what only a check of the API notices",
        "without lua_pop(L, 1);", "lua_pop(L, 0);" },
      { why = "a table of nothing has neither lines nor names", "l->by_names = length <= 0;", "l->by_names = length < 1;" },
    },
    says_something = {
      { why = "JSON_OBJECT is the last of the types", "if (node->type < JSON_OBJECT) continue;" },
    },
    copy_address = {
      { why = "what is no JSON is refused whatever a tape says that was never filled, which only a sanitizer notices",
        "const bool says = says_something(&tape);" },
      { why = "JSON begins with no control character, and has none of 0x1f", "for (size_t i = 1; i < n; i++)",
        "if ((unsigned char)s[i] < (0x20-1) || s[i] == 0x7f) return \"format\";" },
      { why = "no control character is left, and JSON begins with nothing else", "while (s[begin] <= ' ') begin++;",
        "const bool is_json = (s[begin] >= '{' || s[begin] == '[') && eko_json_parse(L, &tape, s, n, &eko_json_strict);" },
      { why = "what is left on the stack goes with the call", "without lua_settop(L, top);" },
    },
    eko_put_lines = {
      { why = "ADDRESS is the last of the kinds, HOME of the meanings", "const bool is_object = f->kind >= ADDRESS;",
        "lines l = {.is_address = is_object || f->means >= HOME, .is_object = is_object};" },
      { why = "there may be more room than is needed, and no control character is in it, which needs most",
        "eko_reserve(c->L, scratch, 7 * n + 2); /* nothing moves from here on */",
        "eko_reserve(c->L, scratch, 5 * n + 2); /* nothing moves from here on */",
        "eko_reserve(c->L, scratch, 6 * n + 3); /* nothing moves from here on */",
        "eko_reserve(c->L, scratch, 6 * n + 1); /* nothing moves from here on */",
        "eko_reserve(c->L, scratch, 6 * n + 0); /* nothing moves from here on */" },
    },
    put_line = {
      { why = "the slot above the top still has what was there before, which only a check of the API notices",
        [[if (lua_type(L, -0) != LUA_TSTRING) return l->by_names ? "address value" : "type";]] },
      { why = "only so many characters are taken", [[eko_put(L, to, l->count > 0 ? ",\"\"~" : "\"\"", l->count > 0 ? 3 : 2);]],
        [[eko_put(L, to, l->count > 0 ? ",\"\"" : "\"\"~", l->count > 0 ? 3 : 2);]] },
    },
  },
}

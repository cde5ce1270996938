#include "http/http1_head.h"

#include <string.h>

/* The lower case of each tchar (RFC 9110 5.6.2), 0 for every byte that cannot stand in a token. */
static const unsigned char token_lower[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*', ['+'] = '+',
    ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`', ['|'] = '|',   ['~'] = '~', ['0'] = '0',
    ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',   ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e',   ['f'] = 'f', ['g'] = 'g',
    ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm',   ['n'] = 'n', ['o'] = 'o',
    ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u',   ['v'] = 'v', ['w'] = 'w',
    ['x'] = 'x', ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c',   ['D'] = 'd', ['E'] = 'e',
    ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',   ['L'] = 'l', ['M'] = 'm',
    ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's',   ['T'] = 't', ['U'] = 'u',
    ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
};

/* Whether it is a word, whatever the case of its letters; the word is in lower case. */
static bool is_word(eko_http1_text t, const char *word)
{
    size_t i = 0;
    while (i < t.length && word[i] != '\0' && token_lower[(unsigned char)t.data[i]] == (unsigned char)word[i]) i++;
    return i == t.length && word[i] == '\0';
}

void eko_http1_read_status_line(eko_http1 *p, eko_http1_text line)
{
    const char *s = line.data;
    if (line.length < 12 || (s[7] != '0' && s[7] != '1') || s[8] != ' ' || !eko_http1_is_digit(s[9]) ||
        !eko_http1_is_digit(s[10]) || !eko_http1_is_digit(s[11]) || (line.length > 12 && s[12] != ' ') ||
        !eko_http1_is_field_text(s + 12, line.length - 12)) {
        eko_http1_malformed(p, "status line");
        return;
    }
    const int status = (s[9] - '0') * 100 + (s[10] - '0') * 10 + (s[11] - '0');
    if (status < 100 || status > 599) {
        eko_http1_malformed(p, "status code: not within 100 to 599");
    } else if (status == 101) {
        eko_http1_malformed(p, "status code: 101, though no upgrade was asked for");
    } else {
        p->status = status;
        p->is_http10 = s[7] == '0';
        p->state = EKO_HTTP1_HEADER;
    }
}

static eko_http1_text trim(eko_http1_text t)
{
    while (t.length > 0 && eko_http1_is_space(*t.data)) t.data++, t.length--;
    while (t.length > 0 && eko_http1_is_space(t.data[t.length - 1])) t.length--;
    return t;
}

/* Cuts the first item off a comma-separated list, whose data is NULL after the last one. */
static eko_http1_text cut_item(eko_http1_text *list)
{
    eko_http1_text item = *list;
    const char *comma = memchr(item.data, ',', item.length);
    if (comma != NULL) item.length = (size_t)(comma - item.data);
    list->data = comma != NULL ? comma + 1 : NULL;
    list->length -= item.length + (comma != NULL);
    return trim(item);
}

/* Whether it is 1*DIGIT, of a number that can be counted. */
static bool read_decimal(eko_http1_text t, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < t.length; i++) {
        const uint64_t digit = (uint64_t)(t.data[i] - '0');
        if (!eko_http1_is_digit(t.data[i]) || *number > (UINT64_MAX - digit) / 10) return false;
        *number = *number * 10 + digit;
    }
    return t.length > 0;
}

/* Content-Length. The same number again, in a list or another field, is one (RFC 9110 8.6); whoever put the answer
 * together like that is not asked a second time. */
static void read_content_length(eko_http1 *p, eko_http1_text value)
{
    do {
        uint64_t length;
        if (!read_decimal(cut_item(&value), &length)) {
            eko_http1_malformed(p, "content-length: not one decimal number");
        } else if (p->has_length && length != p->remaining) {
            eko_http1_malformed(p, "content-length: given twice, and different");
        } else {
            if (p->has_length) p->inexact = true;
            p->has_length = true;
            p->remaining = length;
        }
    } while (value.data != NULL && p->state != EKO_HTTP1_FAILED);
}

static void read_transfer_encoding(eko_http1 *p, eko_http1_text value)
{
    if (p->is_http10) eko_http1_malformed(p, "transfer-encoding: in an HTTP/1.0 answer");
    while (value.data != NULL && p->state != EKO_HTTP1_FAILED) {
        if (!is_word(cut_item(&value), "chunked")) eko_http1_malformed(p, "transfer-encoding: not chunked");
        if (p->is_chunked) p->inexact = true;
        p->is_chunked = true;
    }
}

/* Connection: a comma-separated list of tokens; only two of them mean something to us. */
static void read_connection(eko_http1 *p, eko_http1_text value)
{
    const char *s = value.data, *end = s + value.length;
    while (s < end) {
        eko_http1_text option = {.data = s};
        while (s < end && *s != ',' && !eko_http1_is_space(*s)) s++;
        option.length = (size_t)(s - option.data);
        if (is_word(option, "close")) p->says_close = true;
        if (is_word(option, "keep-alive")) p->says_keep_alive = true;
        while (s < end && (*s == ',' || eko_http1_is_space(*s))) s++;
    }
}

/* name [ "=" value ], as far as it goes; *s moves behind it. Gives the seconds of a timeout, or ENDLESS. Digits that
 * something else follows ("5.5", "5s") count: a connection that is given up too early costs little. */
static uint32_t read_keep_alive_parameter(const char **s, const char *end)
{
    eko_http1_text name = {.data = *s};
    while (*s < end && **s != '=' && **s != ',' && **s != ';' && !eko_http1_is_space(**s)) (*s)++;
    name.length = (size_t)(*s - name.data);
    while (*s < end && eko_http1_is_space(**s)) (*s)++;
    if (*s == end || **s != '=') return EKO_HTTP1_ENDLESS;
    do (*s)++;
    while (*s < end && (eko_http1_is_space(**s) || **s == '"'));
    const char *digits = *s;
    uint32_t seconds = 0;
    for (; *s < end && eko_http1_is_digit(**s); (*s)++)
        if (seconds < EKO_HTTP1_ENDLESS / 10)
            seconds = seconds * 10 + (uint32_t)(**s - '0');
        else
            seconds = EKO_HTTP1_ENDLESS;
    if (*s == digits || !is_word(name, "timeout")) seconds = EKO_HTTP1_ENDLESS;
    while (*s < end && **s != ',' && **s != ';') (*s)++;
    return seconds;
}

/* Keep-Alive: timeout=5, max=100. Of two timeouts the shorter one holds. */
static void read_keep_alive(eko_http1 *p, eko_http1_text value)
{
    const char *s = value.data, *end = s + value.length;
    while (s < end) {
        while (s < end && (*s == ',' || *s == ';' || eko_http1_is_space(*s))) s++;
        const uint32_t seconds = read_keep_alive_parameter(&s, end);
        if (seconds < p->idle_seconds) p->idle_seconds = seconds;
    }
}

static bool is_name(eko_http1_text name, const char *lower)
{
    return name.length == strlen(lower) && memcmp(name.data, lower, name.length) == 0;
}

static void read_framing(eko_http1 *p, eko_http1_text name, eko_http1_text value)
{
    if (is_name(name, "content-length"))
        read_content_length(p, value);
    else if (is_name(name, "transfer-encoding"))
        read_transfer_encoding(p, value);
    else if (is_name(name, "connection"))
        read_connection(p, value);
    else if (is_name(name, "keep-alive"))
        read_keep_alive(p, value);
    else if (is_name(name, "content-encoding"))
        p->has_coding = true;
    if (p->state != EKO_HTTP1_FAILED && p->has_length && p->is_chunked)
        eko_http1_malformed(p, "content-length together with transfer-encoding");
}

/* The field that was read last is whole: no line that folds it came. It is tied to an earlier one of the same name. */
static void end_field(eko_http1 *p)
{
    if (!p->in_field) return;
    p->in_field = false;
    if (p->state == EKO_HTTP1_TRAILER) return;
    eko_http1_field *field = &p->fields[p->field_count];
    const char *head = p->head.data;
    const eko_http1_text name = {.data = head + field->name, .length = field->name_length};
    const eko_http1_text value = trim((eko_http1_text){.data = head + field->value, .length = field->value_length});
    field->value = (uint32_t)(value.data - head);
    field->value_length = (uint32_t)value.length;
    read_framing(p, name, value);
    for (unsigned i = p->field_count; i-- > 0;) {
        eko_http1_field *earlier = &p->fields[i];
        if (earlier->name_length == name.length && memcmp(head + earlier->name, name.data, name.length) == 0) {
            earlier->next = (uint16_t)p->field_count;
            field->repeated = true;
            break;
        }
    }
    p->field_count++;
}

/* Puts text behind the field that is being read. */
static void add_text(eko_http1 *p, eko_http1_text text)
{
    if (text.length > 0) memcpy(p->head.data + p->head.length, text.data, text.length);
    p->head.length += text.length;
    p->fields[p->field_count].value_length += (uint32_t)text.length;
}

/* A line that goes on with the field of the line before: its white space counts as one blank (RFC 9112 5.2). */
static void read_fold(eko_http1 *p, eko_http1_text text)
{
    static const eko_http1_text blank = {.data = " ", .length = 1};
    p->inexact = true;
    if (!p->in_field)
        eko_http1_malformed(p, "header: begins with white space");
    else if (p->state != EKO_HTTP1_TRAILER && eko_http1_reserve(p, &p->head, text.length + 1)) {
        add_text(p, blank);
        add_text(p, text);
    }
}

/* The name of a field in `line`, copied in lower case behind the head; its length, or 0 when there is none. */
static size_t read_name(eko_http1 *p, eko_http1_text line)
{
    char *copy = p->head.data + p->head.length;
    size_t n = 0;
    for (; n < line.length; n++) {
        const unsigned char lower = token_lower[(unsigned char)line.data[n]];
        if (lower == 0) break;
        copy[n] = (char)lower;
    }
    return n < line.length && line.data[n] == ':' ? n : 0;
}

/* One field line, of a head or of the trailers, whose fields are not kept. */
void eko_http1_read_field(eko_http1 *p, eko_http1_text line)
{
    eko_http1_text name = {.data = NULL}, value = line;
    const bool is_fold = eko_http1_is_space(line.data[0]);
    if (!is_fold) {
        end_field(p);
        if (p->state == EKO_HTTP1_FAILED) return;
        if (++p->field_total > EKO_HTTP1_MAX_FIELDS) {
            eko_http1_too_large(p, "more than 256 headers");
            return;
        }
        if (!eko_http1_reserve_field(p) || !eko_http1_reserve(p, &p->head, line.length)) return;
        name.data = p->head.data + p->head.length;
        name.length = read_name(p, line);
        if (name.length == 0) {
            eko_http1_malformed(p, "header name");
            return;
        }
        value.data += name.length + 1;
        value.length -= name.length + 1;
    }
    value = trim(value);
    if (!eko_http1_is_field_text(value.data, value.length)) {
        eko_http1_malformed(p, "header value: holds a control character");
        return;
    }
    if (is_fold) {
        read_fold(p, value);
        return;
    }
    p->in_field = true;
    if (p->state == EKO_HTTP1_HEADER) {
        const uint32_t at = (uint32_t)p->head.length, length = (uint32_t)name.length;
        p->fields[p->field_count] = (eko_http1_field){.name = at, .name_length = length, .value = at + length};
        p->head.length += name.length;
        add_text(p, value);
    } else if (is_name(name, "content-length") || is_name(name, "transfer-encoding")) {
        eko_http1_malformed(p, "trailer: holds a framing field");
    }
}

/* The empty line after a 1xx head: the final answer is still to come. Its length, if it gives one, would be nothing
 * that we skip, so we could not know where the next head begins. What it says about closing holds. */
static void end_interim(eko_http1 *p)
{
    if (p->is_chunked || (p->has_length && p->remaining > 0)) {
        eko_http1_malformed(p, "interim answer: gives a body");
    } else if (++p->interim_count > EKO_HTTP1_MAX_INTERIM) {
        eko_http1_malformed(p, "interim answer: too many of them");
    } else {
        p->state = EKO_HTTP1_STATUS_LINE;
        p->status = 0;
        p->has_length = p->has_coding = false;
        p->says_keep_alive = false;
        p->field_count = 0;
        p->head.length = 0;
    }
}

/* RFC 9112 6.3: what the head says about the body. */
void eko_http1_end_head(eko_http1 *p)
{
    end_field(p);
    if (p->state == EKO_HTTP1_FAILED) return;
    if (p->status < 200) {
        end_interim(p);
    } else if (p->is_head || p->status == 204 || p->status == 304) {
        p->state = EKO_HTTP1_DONE;
        /* A 204 has no body whatever its head says; a server that announces one may well send it. */
        if (p->status == 204 && (p->is_chunked || (p->has_length && p->remaining > 0))) p->inexact = true;
    } else if (p->is_chunked) {
        p->state = EKO_HTTP1_CHUNK_SIZE;
    } else if (!p->has_length) {
        p->state = EKO_HTTP1_BODY_CLOSE;
        p->remaining = UINT64_MAX;
        p->inexact = true;
    } else if (p->remaining > p->max_body) {
        eko_http1_too_large(p, "body");
    } else {
        p->state = p->remaining > 0 ? EKO_HTTP1_BODY_LENGTH : EKO_HTTP1_DONE;
    }
}

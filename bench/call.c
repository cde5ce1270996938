/* call BASE_URL WARM_UP COUNT: microseconds of CPU per call of a C program that verifies a Levin OTP with libcurl's
 * easy interface and cJSON. The best settings found: one handle, NOSIGNAL (1 to 2 us a call), TCP_NODELAY. */
#include "openssl_sign.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    char bytes[65536];
    size_t length;
} buffer;

typedef struct {
    char name[64], mobile[16], balance[24], limit[24], wallet_token[512];
    double chart_remaining[8];
    int type, charts;
} sender;

static size_t on_body(char *bytes, size_t size, size_t count, void *to)
{
    buffer *b = to;
    size_t n = size * count;
    if (n >= sizeof b->bytes - b->length) return 0;
    memcpy(b->bytes + b->length, bytes, n);
    b->length += n;
    return n;
}

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct curl_slist *signed_headers(signing *s, long long timestamp)
{
    char digits[24], signature[SIGNATURE_SIZE], line[128];
    struct curl_slist *list = NULL;
    int n = snprintf(digits, sizeof digits, "%lld", timestamp);
    if (!sign(s, digits, (size_t)n, signature)) return NULL;
    list = curl_slist_append(list, "accept: application/json");
    list = curl_slist_append(list, "content-type: application/json");
    list = curl_slist_append(list, "developer_key: bench-developer-key");
    snprintf(line, sizeof line, "secret-key: %s", signature);
    list = curl_slist_append(list, line);
    snprintf(line, sizeof line, "secret-key-timestamp: %s", digits);
    return curl_slist_append(list, line);
}

static int write_body(char *out, int size, long long timestamp)
{
    cJSON *body = cJSON_CreateObject();
    char client_ref_id[24];
    int ok;
    snprintf(client_ref_id, sizeof client_ref_id, "B%lld", timestamp);
    ok = cJSON_AddStringToObject(body, "initiator_id", "9962981729") != NULL &&
         cJSON_AddStringToObject(body, "user_code", "20810200") != NULL &&
         cJSON_AddStringToObject(body, "client_ref_id", client_ref_id) != NULL &&
         cJSON_AddStringToObject(body, "otp", "012345") != NULL &&
         cJSON_AddStringToObject(body, "otp_ref_id", "5b1f3c52-7a0e-4d7c-9d6e-0a1b2c3d4e5f") != NULL &&
         cJSON_AddStringToObject(body, "intent_id", "19") != NULL && cJSON_PrintPreallocated(body, out, size, 0);
    cJSON_Delete(body);
    return ok;
}

static int text(const cJSON *object, const char *name, char *out, size_t size)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value != NULL && (size_t)snprintf(out, size, "%s", value) < size;
}

static int read_charts(const cJSON *charts, sender *out)
{
    const cJSON *chart;
    out->charts = 0;
    cJSON_ArrayForEach(chart, charts)
    {
        const cJSON *data = cJSON_GetObjectItemCaseSensitive(chart, "data");
        const cJSON *remaining = cJSON_GetObjectItemCaseSensitive(data, "remaining");
        if (!cJSON_IsNumber(remaining) || out->charts == 8) return 0;
        out->chart_remaining[out->charts++] = remaining->valuedouble;
    }
    return 1;
}

static int read_answer(const buffer *answer, sender *out)
{
    cJSON *root = cJSON_ParseWithLength(answer->bytes, answer->length);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(root, "response_type_id");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(root, "data");
    const cJSON *profile = cJSON_GetObjectItemCaseSensitive(data, "customer_profile");
    int ok = cJSON_IsNumber(type) && text(profile, "name", out->name, sizeof out->name) &&
             text(profile, "mobile", out->mobile, sizeof out->mobile) &&
             text(profile, "balance", out->balance, sizeof out->balance) &&
             text(profile, "next_allowed_limit", out->limit, sizeof out->limit) &&
             text(data, "wallet_token", out->wallet_token, sizeof out->wallet_token) &&
             read_charts(cJSON_GetObjectItemCaseSensitive(profile, "chart"), out);
    if (ok) out->type = type->valueint;
    cJSON_Delete(root);
    return ok;
}

static int verify_otp(CURL *curl, signing *s, const char *base_url, long long timestamp, buffer *answer, sender *out)
{
    char url[256], body[512];
    struct curl_slist *headers = signed_headers(s, timestamp);
    long status = 0;
    int ok = headers != NULL && write_body(body, sizeof body, timestamp);
    snprintf(url, sizeof url, "%s/customer/payment/ppi-levin/sender/%s/otp/verify", base_url, "9444444444");
    answer->length = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    ok = ok && curl_easy_perform(curl) == CURLE_OK &&
         curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200 &&
         read_answer(answer, out) && out->type == 309;
    curl_slist_free_all(headers);
    return ok;
}

static CURL *new_handle(buffer *answer)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL) return NULL;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "bench");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    return curl;
}

int main(int argc, char **argv)
{
    static buffer answer;
    static sender verified;
    long warm_up = argc > 3 ? atol(argv[2]) : 0, count = argc > 3 ? atol(argv[3]) : 0;
    long long timestamp = now_ms();
    clock_t start = 0;
    signing s;
    CURL *curl;
    if (count <= 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return 2;
    curl = new_handle(&answer);
    if (curl == NULL || !signing_open(&s, "bench-access-key")) return 2;
    for (long i = -warm_up; i < count; i++) {
        long long now = now_ms();
        timestamp = now > timestamp ? now : timestamp + 1;
        if (i == 0) start = clock();
        if (!verify_otp(curl, &s, argv[1], timestamp, &answer, &verified)) {
            fprintf(stderr, "call: the call failed\n");
            return 1;
        }
    }
    printf("%.6f\n", (double)(clock() - start) * 1e6 / CLOCKS_PER_SEC / (double)count);
    signing_close(&s);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return 0;
}

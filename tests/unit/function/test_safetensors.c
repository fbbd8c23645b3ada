/* safetensors: read by hand as its specification says, the same bits again, damage by its message; the names of npz. */
#include "made.h"

#include <fqp/array.h>
#include <jansson.h>

enum { N = 500, MOST = 1 << 16 };

static unsigned char bytes[MOST];

static size_t read_bytes(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t n = fread(bytes, 1, MOST, f);
    fclose(f);
    return n;
}

static json_t *header(size_t *length) {
    *length = 0;
    for (int i = 0; i < 8; i++)
        *length |= (size_t)bytes[i] << 8 * i;
    json_t *head = json_loadb((const char *)bytes + 8, *length, 0, NULL);
    assert_non_null(head);
    return head;
}

/* The format's rules: header a multiple of 8 long, data without gaps or overlaps to the end of the file, metadata
 * texts. */
static void a_plain_reader_finds_the_numbers(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    const char *path = in_room("two.safetensors");
    assert_ok(ctx, fqp_function_save_safetensors(ctx, f, path));
    size_t n = read_bytes(path), length, at = 0;
    json_t *head = header(&length), *value;
    assert_int_equal(length % 8, 0);
    const char *name;
    json_object_foreach(head, name, value) {
        if (strcmp(name, "__metadata__") == 0) {
            const char *key;
            json_t *text;
            json_object_foreach(value, key, text) assert_true(json_is_string(text));
            continue;
        }
        const json_t *offsets = json_object_get(value, "data_offsets");
        assert_int_equal(json_integer_value(json_array_get(offsets, 0)), at);
        at = (size_t)json_integer_value(json_array_get(offsets, 1));
    }
    assert_int_equal(8 + length + at, n);
    const json_t *w = json_object_get(head, "part0.layer1.weight");
    assert_string_equal(json_string_value(json_object_get(w, "dtype")), "F64");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(w, "shape"), 0)), 6);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(w, "shape"), 1)), 9);
    const size_t from = (size_t)json_integer_value(json_array_get(json_object_get(w, "data_offsets"), 0));
    int64_t in, out, weight, bias;
    fqp_model_layer(f->part[0].model, 1, &in, &out, &weight, &bias);
    assert_memory_equal(bytes + 8 + length + from, (const double *)f->part[0].model->w + weight, 54 * sizeof(double));
    assert_non_null(json_object_get(head, "part1.embedding"));
    json_decref(head);
    fqp_function_destroy(f);
}

static void the_same_bits_come_back(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    double *x = points(N), *a = values(f, x, N);
    assert_ok(ctx, fqp_function_save_safetensors(ctx, f, in_room("a.safetensors")));
    fqp_status (*const load[])(fqp_ctx *, const char *, fqp_function **) = {fqp_function_load_safetensors,
                                                                            fqp_function_load};
    for (int i = 0; i < 2; i++) {
        fqp_function *g = NULL;
        assert_ok(ctx, load[i](ctx, in_room("a.safetensors"), &g));
        double *b = values(g, x, N);
        assert_memory_equal(a, b, N * 3 * sizeof *a);
        assert_string_equal(fqp_function_note_get(g, "signal.kind"), "image");
        free(b);
        fqp_function_destroy(g);
    }
    free(x);
    free(a);
    fqp_function_destroy(f);
}

static void npz_has_the_same_names(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    const char *path = in_room("two.npz");
    assert_ok(ctx, fqp_function_save_npz(ctx, f, path));
    fqp_array w = {0};
    assert_ok(ctx, fqp_npz_read(ctx, path, "part1.layer0.weight", &w));
    assert_int_equal(w.dtype, FQP_F32);
    assert_int_equal(w.shape[0], 9);
    assert_int_equal(w.shape[1], 10);
    assert_memory_equal(w.data, f->part[1].model->w, 90 * sizeof(float));
    fqp_array_free(&w);
    fqp_function_destroy(f);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static void put(const char *path, size_t n) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void refused(size_t n, const char *says) {
    const char *path = in_room("damaged.safetensors");
    fqp_function *g = NULL;
    put(path, n);
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_function_load_safetensors(ctx, path, &g), FQP_E_DATA);
    assert_int_equal(fqp_ctx_problem_count(ctx), 1);
    if (!strstr(fqp_ctx_problem(ctx, 0).message, says))
        fail_msg("\"%s\" does not say: %s", fqp_ctx_problem(ctx, 0).message, says);
}

/* Of the same length, so that the header keeps its own. */
static void swap(size_t n, const char *from, const char *to) {
    unsigned char *at = memmem(bytes, n, from, strlen(from));
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

static void damage_is_named(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *says;
    } DAMAGE[] = {
        {"\"dtype\":\"F64\"", "\"dtype\":\"F32\"", "part0.layer0.weight is of type F32, its settings mean F64"},
        {"[9,2]", "[9,3]", "part0.layer0.weight: its shape and its data_offsets do not agree"},
        {"[0,144]", "[8,144]", "part0.layer0.weight: its shape and its data_offsets do not agree"},
        {"part0.layer2.bias", "part9.layer2.bias", "part 0: the tensors hold 105 numbers, its settings mean 108"},
        {"part1.embedding", "part8.embedding", "part1.embedding holds 0 numbers, its settings mean 10"},
        {"fqp.function", "abc.function", "the metadata hold no \"fqp.function\""},
        {"{\"__metadata__\"", "[\"__metadata__\"", "header: "},
    };
    fqp_function *f = two_parts();
    char path[256];
    snprintf(path, sizeof path, "%s/two.safetensors", room);
    assert_ok(ctx, fqp_function_save_safetensors(ctx, f, path));
    for (size_t i = 0; i < sizeof DAMAGE / sizeof *DAMAGE; i++) {
        const size_t n = read_bytes(path);
        swap(n, DAMAGE[i].from, DAMAGE[i].to);
        refused(n, DAMAGE[i].says);
    }
    const size_t n = read_bytes(path);
    refused(n - 8, "part1.embedding: data_offsets are not within the ");
    refused(4, "its first 8 bytes promise a header of 0 bytes, the file has 4");
    bytes[5] = 1;
    refused(n, "no safetensors file: its first 8 bytes promise a header of ");
    fqp_function_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_plain_reader_finds_the_numbers),
                                       cmocka_unit_test(the_same_bits_come_back),
                                       cmocka_unit_test(npz_has_the_same_names), cmocka_unit_test(damage_is_named)};
    return cmocka_run_group_tests(tests, enter, leave);
}

/* cli.h - the command line: commands and options are rows of tables; parsing, help, the man page, shell completion and
 * the reference page are made from them. */
#ifndef FQP_CLI_H
#define FQP_CLI_H

#include <fqp.h>
#include <jansson.h>
#include <stdio.h>

/* ---- tables ----------------------------------------------------------------------------------------------------- */
typedef enum option_kind { OPT_FLAG, OPT_VALUE, OPT_INT, OPT_LIST } option_kind;

/* What a shell offers after an option or as an argument. */
typedef enum offer { OFFER_NONE, OFFER_FILE, OFFER_DIR, OFFER_RECIPE, OFFER_KEY, OFFER_REMEDY, OFFER_WORDS } offer;

typedef struct option_row {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    option_kind kind;
    const char *value; /* name of the value: "DIR" */
    offer offer;
    const char *words; /* for OFFER_WORDS, separated by blanks; they are the only accepted values */
    const char *help;
} option_row;

typedef struct invocation invocation;

typedef struct command {
    const char *name, *arguments, *summary; /* "run", "RECIPE|FILE|DIR", one line */
    const char *about;                      /* further text of help and man page */
    const char *example;                    /* lines, each "command  # what it does" */
    const option_row *options;              /* terminated by a row without a name */
    offer offer;
    const char *words;
    int least, most; /* arguments; most -1: any number */
    int (*run)(invocation *);
} command;

extern const command cmd_run, cmd_fit, cmd_compare, cmd_advise, cmd_eval, cmd_export, cmd_predict, cmd_analyze,
    cmd_report, cmd_cite, cmd_verify, cmd_list, cmd_data, cmd_spectrum, cmd_ntk, cmd_lfp, cmd_layers, cmd_selftest,
    cmd_help, cmd_version, cmd_man, cmd_completion, cmd_reference, cmd_watch, cmd_solve;
extern const command *const commands[]; /* terminated by NULL */
extern const option_row common_options[];
const command *command_find(const char *name);

/* ---- a parsed command line (options.c) ----------------------------------------------------------------------------
 */
enum { MAX_OPTIONS = 32 };
struct invocation {
    const command *command;
    const char *const *argument;
    size_t narguments;
    const char **value[MAX_OPTIONS]; /* by place in the command's table, then the common one */
    size_t count[MAX_OPTIONS];
    const char **room; /* one block behind all of them */
};
/* 0, or the exit code after the problem was printed.  Help was asked for: *help. */
int invocation_parse(const command *c, int argc, char **argv, invocation *out, bool *help);
void invocation_free(invocation *inv);
bool given(const invocation *inv, const char *option);
const char *value_of(const invocation *inv, const char *option); /* last one, NULL when not given */
size_t values_of(const invocation *inv, const char *option, const char *const **values);

/* ---- the terminal (term.c) ----------------------------------------------------------------------------------------
 */
typedef enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_RED, INK_GREEN, INK_YELLOW } ink;
bool term_colour(FILE *f); /* a terminal, and NO_COLOR is not set */
bool term_unicode(void);
int term_width(void);
int term_height(void);
/* What is written to f goes to standard output in the end, and looks as it would there; NULL: no more. */
void term_stands_for_stdout(FILE *f);
/* The desktop decides which browser; where there is none, the address that was printed has to do. */
void show_in_browser(const char *what);
const char *ink_on(FILE *f, ink i);
const char *ink_off(FILE *f);
/* A context whose progress is shown on stderr (terminals only) and which Ctrl-C interrupts. */
fqp_ctx *term_ctx(const invocation *inv, int threads);
void term_ctx_destroy(fqp_ctx *ctx);
void term_progress_end(void);
/* Print the problems of ctx on stderr (or as JSON on stdout) and answer the exit code. */
int term_problems(const invocation *inv, fqp_ctx *ctx, fqp_status s, const char *aftermath);
/* A usage problem: "fqp run: ..." and exit code 2. */
int usage(const command *c, const char *fmt, ...) FQP_PRINTF(2, 3);
void json_print(json_t *j); /* to stdout, releases j */
json_t *json_problems(fqp_ctx *ctx, fqp_status s);

/* ---- help and generated pages ---------------------------------------------------------------------------------------
 */
void help_command(FILE *f, const command *c);
void help_overview(FILE *f);
void print_wrapped(FILE *f, const char *text, int indent, int width);

/* ---- recipes (recipes.c)
 * ---------------------------------------------------------------------------------------------- */
typedef struct recipe_files {
    char **path;
    size_t n;
} recipe_files;
/* All recipes of ./recipes, $FQP_RECIPES and the installed folder; the first of a name wins. */
void recipes_find(recipe_files *out);
/* The bank of targets, in the folder targets of those. */
void targets_find(recipe_files *out);
void recipes_free(recipe_files *r);
/* Path of a recipe, or else a target, named by name or by file; NULL when there is none. */
char *recipe_path(const char *name);
/* "sines_1d" of "recipes/sines_1d.yaml" */
void recipe_name(const char *path, char *buf, size_t size);
/* Nearest name of a recipe or target, or NULL. */
const char *recipe_nearest(const char *name, char *buf, size_t size);
/* The register of claims beside a recipe, or of the recipe folders. */
char *register_path(const char *recipe);

/* ---- a configuration from the command line (target.c)
 * ---------------------------------------------------------------- */
typedef struct target {
    fqp_ctx *ctx;
    fqp_config *config;
    char *dir; /* run directory: --out, run.dir, or runs/<name> */
    char name[256];
    bool resume;
    bool plain;
} target;
/* RECIPE, RECIPE:CONDITION, FILE.yaml, "-" (stdin) or a run directory, with --set, --preset, --seeds, --threads. */
int target_open(const invocation *inv, const char *what, target *out);
/* The same without --set and --seeds, or the signal in a file: what `fqp fit` and `fqp compare` lay remedies over. */
int target_plain(const invocation *inv, const char *what, target *out);
void target_close(target *t);
/* Run it, report, and say what was found (cmd_run.c); an exit code. */
int run_target(const invocation *inv, const target *t);
/* A time such as 60s, 2m, 1h [s], 0 when the option is not given; an exit code. */
int time_of(const invocation *inv, const char *option, double *seconds);
/* A whole number that the options were checked for, 0 when it is not given. */
long long number_of(const invocation *inv, const char *option);
/* dir/WHAT.json as member WHAT, with the problems, on standard output. */
void print_result(fqp_ctx *ctx, const char *dir, const char *what, fqp_status s);
/* 0, or a usage error that names the nearest remedy. */
int remedy_of(const invocation *inv, const char *option, const char *name);
/* Names of remedies separated by commas; none of them: all. */
enum { NAMES = 64 };
typedef struct name_list {
    char *text;
    const char *word[NAMES];
    size_t n;
} name_list;
int remedies_of(const invocation *inv, const char *option, name_list *out);
void names_free(name_list *w);

/* ---- trained functions (functions.c) -------------------------------------------------------------------------------
 */
/* A file, or a run directory with --seed. */
fqp_status function_open(const invocation *inv, fqp_ctx *ctx, const char *what, fqp_function **out);
/* "64x48": whole numbers from 1, at most `most` of them; false: not of this form. */
bool numbers_parse(const char *text, size_t most, int64_t *out, size_t *n);

/* ---- what a run found (show.c, heat.c)
 * -------------------------------------------------------------------------------- */
void show_run(FILE *f, const char *dir);
void show_summary(FILE *f, const char *dir, const json_t *summary); /* that of the run in dir */
void show_theory(FILE *f, const char *dir);                         /* show_theory.c */
void show_fit(const char *dir);                                     /* show_fit.c */
void show_compare(const char *dir);                                 /* show_compare.c */
void show_advice(const json_t *advice, const char *dir);            /* show_advise.c */
int show_remedies(const invocation *inv);
void show_maps(const char *figures); /* the maps in a text as of figures.json; NULL: none */
void show_heat(FILE *f, const char *dir, const json_t *summary, const json_t *probe);
/* A signal among the data sets (signal.c): its values and its spectrum on the terminal, as JSON, as figures of
 * figures.json. */
bool is_signal(const fqp_config *config);
fqp_status show_signal(FILE *f, fqp_ctx *ctx, const fqp_signal *s);
fqp_status signal_json(fqp_ctx *ctx, const fqp_signal *s, json_t **out);
char *command_line(int argc, char **argv);
extern const char *command_text; /* the whole command line, for manifests */

#endif

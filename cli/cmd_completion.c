/* cmd_completion.c - fqp completion: bash and zsh, made from the tables.  Recipes and keys are asked of the program. */
#include "cli.h"

#include <string.h>

static const option_row no_options[] = {{0}};

/* What fills COMPREPLY for an offer. */
static void bash_offer(offer o, const char *words) {
    static const char *const ways[] = {
        [OFFER_NONE] = ":",
        [OFFER_FILE] = "COMPREPLY=($(compgen -f -- \"$cur\"))",
        [OFFER_DIR] = "COMPREPLY=($(compgen -d -- \"$cur\"))",
        [OFFER_RECIPE] = "COMPREPLY=($(compgen -f -W \"$(_fqp_names recipes; _fqp_names targets)\" -- \"$cur\"))",
        [OFFER_KEY] = "COMPREPLY=($(compgen -W \"$(_fqp_names keys)\" -- \"$cur\"))",
        [OFFER_REMEDY] = "COMPREPLY=($(compgen -W \"$(_fqp_names remedies)\" -- \"$cur\"))",
    };
    if (o == OFFER_WORDS)
        printf("COMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))", words);
    else
        fputs(ways[o], stdout);
}

static void bash_values(const option_row *o) {
    printf("        --%s", o->name);
    if (o->letter)
        printf("|-%c", o->letter);
    printf(") ");
    if (o->offer == OFFER_KEY) /* a key is followed by its value */
        printf("compopt -o nospace; COMPREPLY=($(compgen -S = -W \"$(_fqp_names keys)\" -- \"$cur\"))");
    else
        bash_offer(o->offer, o->words);
    printf("; return ;;\n");
}

static void bash_command(const command *c) {
    printf("    %s)\n      case \"$prev\" in\n", c->name);
    for (int common = 0; common < 2; common++)
        for (const option_row *o = common ? common_options : c->options; o->name; o++)
            if (o->kind != OPT_FLAG)
                bash_values(o);
    printf("      esac\n      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"");
    for (int common = 0; common < 2; common++)
        for (const option_row *o = common ? common_options : c->options; o->name; o++)
            printf("--%s ", o->name);
    printf("\" -- \"$cur\")); else ");
    bash_offer(c->offer == OFFER_NONE ? OFFER_FILE : c->offer, c->words);
    printf("; fi ;;\n");
}

static void bash(void) {
    printf("# bash completion of fqp, made by: fqp completion bash\n"
           "_fqp_names() { fqp list \"$1\" --json 2>/dev/null | sed -n 's/.*\"name\": \"\\([^\"]*\\)\".*/\\1/p'; }\n"
           "_fqp() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n  COMPREPLY=()\n"
           "  if [[ $COMP_CWORD == 1 ]]; then COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; commands[i]; i++)
        printf("%s ", commands[i]->name);
    printf("\" -- \"$cur\")); return; fi\n  case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; commands[i]; i++)
        bash_command(commands[i]);
    printf("  esac\n}\ncomplete -o filenames -F _fqp fqp\n");
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

/* Inside single quotes, and inside the brackets and colons of _arguments. */
static void zsh_text(const char *text) {
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            fputc('\\', stdout);
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            fputc(*text, stdout);
    }
}

static void zsh_action(offer o, const char *words) {
    static const char *const ways[] = {[OFFER_NONE] = " ",        [OFFER_FILE] = "_files",
                                       [OFFER_DIR] = "_files -/", [OFFER_RECIPE] = "_fqp_recipes",
                                       [OFFER_KEY] = "_fqp_keys", [OFFER_REMEDY] = "_fqp_remedies"};
    if (o == OFFER_WORDS)
        printf("(%s)", words);
    else
        printf("%s", ways[o]);
}

static void zsh_option(const option_row *o) {
    printf(" \\\n        '%s--%s%s[", o->kind == OPT_LIST ? "*" : "", o->name, o->kind == OPT_FLAG ? "" : "=");
    zsh_text(o->help);
    printf("]");
    if (o->kind != OPT_FLAG) {
        printf(":%s:", o->value);
        zsh_action(o->offer, o->words);
    }
    printf("'");
}

static void zsh(void) {
    printf("#compdef fqp\n# zsh completion of fqp, made by: fqp completion zsh\n"
           "_fqp_names() { fqp list $1 --json 2>/dev/null | sed -n 's/.*\"name\": \"\\([^\"]*\\)\".*/\\1/p' }\n"
           "_fqp_recipes() { compadd -- $(_fqp_names recipes; _fqp_names targets); _files }\n"
           "_fqp_keys() { compadd -S = -- $(_fqp_names keys) }\n"
           "_fqp_remedies() { compadd -- $(_fqp_names remedies) }\n"
           "_fqp() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(");
    for (size_t i = 0; commands[i]; i++) {
        printf("\n      '%s:", commands[i]->name);
        zsh_text(commands[i]->summary);
        printf("'");
    }
    printf(
        ")\n    _describe command commands\n    return\n  fi\n  shift words; (( CURRENT-- ))\n  case $words[1] in\n");
    for (size_t i = 0; commands[i]; i++) {
        printf("    %s)\n      _arguments", commands[i]->name);
        for (const option_row *o = commands[i]->options; o->name; o++)
            zsh_option(o);
        for (const option_row *o = common_options; o->name; o++)
            zsh_option(o);
        printf(" \\\n        '*: :");
        zsh_action(commands[i]->offer == OFFER_NONE ? OFFER_FILE : commands[i]->offer, commands[i]->words);
        printf("' ;;\n");
    }
    printf("  esac\n}\n_fqp \"$@\"\n");
}

static int run(invocation *inv) {
    const char *shell = inv->argument[0];
    if (strcmp(shell, "bash") == 0)
        bash();
    else if (strcmp(shell, "zsh") == 0)
        zsh();
    else
        return usage(inv->command, "\"%s\" is none of: bash zsh", shell);
    return 0;
}

const command cmd_completion = {.name = "completion",
                                .arguments = "bash|zsh",
                                .summary = "print the completion script of a shell",
                                .example = "source <(fqp completion bash)",
                                .options = no_options,
                                .offer = OFFER_WORDS,
                                .words = "bash zsh",
                                .least = 1,
                                .most = 1,
                                .run = run};

/* commands.c - the list of commands, in the order of the overview. */
#include "cli.h"

#include <string.h>

const command *const commands[] = {
    &cmd_run,     &cmd_solve,    &cmd_fit,        &cmd_compare,   &cmd_advise, &cmd_eval,     &cmd_export,
    &cmd_predict, &cmd_analyze,  &cmd_watch,      &cmd_report,    &cmd_cite,   &cmd_verify,   &cmd_list,
    &cmd_data,    &cmd_spectrum, &cmd_ntk,        &cmd_lfp,       &cmd_layers, &cmd_selftest, &cmd_help,
    &cmd_version, &cmd_man,      &cmd_completion, &cmd_reference, NULL};

const command *command_find(const char *name) {
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

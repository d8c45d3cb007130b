#include "sim/app/shell.h"

#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "_./=:@%+,-";

void ehr_shell_word(FILE *out, const char *text)
{
    if (*text != '\0' && text[strspn(text, plain)] == '\0') {
        fprintf(out, " %s", text);
        return;
    }
    fputs(" '", out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out); /* ends the quotes for a quote of its own */
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

void ehr_shell_next(const char *verb, const char *other, const char *folder)
{
    printf("next: ehrgrid %s", verb);
    ehr_shell_word(stdout, folder);
    if (other != NULL) {
        printf("; ehrgrid %s", other);
        ehr_shell_word(stdout, folder);
    }
    putchar('\n');
}

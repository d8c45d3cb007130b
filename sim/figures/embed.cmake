# cmake -D OUTPUT=scripts.c "-D SCRIPTS=a.gp;b.gp" -P embed.cmake
# Writes the table of scripts.h: arrays of bytes, as a string literal of C17 need not hold more
# than 4095 characters.
set(arrays "")
set(table "")
foreach(script ${SCRIPTS})
    get_filename_component(name ${script} NAME)
    string(MAKE_C_IDENTIFIER ${name} symbol)
    file(READ ${script} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "((0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)?(0x[0-9a-f][0-9a-f],)?(0x[0-9a-f][0-9a-f],)?(0x[0-9a-f][0-9a-f],)?(0x[0-9a-f][0-9a-f],)?(0x[0-9a-f][0-9a-f],)?(0x[0-9a-f][0-9a-f],)?)"
           "\\1\n" bytes "${bytes}")
    string(APPEND arrays "static const unsigned char ${symbol}[] = {\n${bytes}};\n")
    string(APPEND table "    {\"${name}\", ${symbol}, sizeof(${symbol})},\n")
endforeach()
file(WRITE ${OUTPUT} "/* Made by embed.cmake; edit the scripts in results/plot. */
#include \"sim/figures/scripts.h\"\n
${arrays}
const struct ehr_figures_script ehr_figures_scripts[] = {\n${table}    {NULL, NULL, 0},\n};\n")

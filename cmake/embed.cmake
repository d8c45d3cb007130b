# cmake -D OUTPUT=x.c "-D FILES=a;b" -D HEADER=x.h -D STRUCT=name -D TABLE=name -P embed.cmake
# Writes TABLE, an array of the STRUCT that HEADER declares (name, bytes, size) with a row a file and
# a last one of NULLs. Arrays of bytes, as a string literal of C17 need not hold more than 4095
# characters.
set(arrays "")
set(table "")
foreach(file ${FILES})
    get_filename_component(name ${file} NAME)
    string(MAKE_C_IDENTIFIER ${name} symbol)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
           "\\1\n" bytes "${bytes}")
    string(APPEND arrays "static const unsigned char ${symbol}[] = {\n${bytes}};\n")
    string(APPEND table "    {\"${name}\", ${symbol}, sizeof(${symbol})},\n")
endforeach()
file(WRITE ${OUTPUT} "/* Made by embed.cmake. */
#include \"${HEADER}\"\n
${arrays}
const struct ${STRUCT} ${TABLE}[] = {\n${table}    {NULL, NULL, 0},\n};\n")

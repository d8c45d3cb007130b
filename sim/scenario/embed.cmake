# cmake -DINPUT=scenario.xsd -DOUTPUT=schema_text.c -P embed.cmake
# The schema as bytes in C, so that an installed command needs no path to it.
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR count "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
       "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"sim/scenario/scenario.h\"
const size_t ehr_scenario_schema_bytes = ${count};
const char ehr_scenario_schema[] = {
${bytes}0};
")

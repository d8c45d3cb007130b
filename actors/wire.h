/* MOVED to sim/ledger/wire.h because sim/contract needs the transaction encodings and must not
 * depend on actors/. Include "sim/ledger/wire.h"; implement it in sim/ledger/wire.c (library
 * ehr_ledger, add wire.c to the SOURCES of sim/ledger/CMakeLists.txt). Delete this file when done. */
#include "sim/ledger/wire.h"

/* A toy consensus engine: see toy.c for what it does not tolerate. */
#ifndef TOY_H
#define TOY_H

#include <ehrgrid.h>

extern const struct ehr_engine_type ehr_toy_engine_type;

#endif /* TOY_H */

/* Conjunctive queries, at whoever asked them: which of the records that came back a trapdoor
 * matches, and which match every trapdoor of a group. Not the search itself, which a node does
 * trapdoor by trapdoor without knowing what belongs together.
 * Source: crypto.md section d ("intersection by default").
 *
 * A record is what it carries on the chain: pseudonym, and labels or tags (struct ehr_scan_entry of
 * scan.h; borrowed). A set of `count` records is `count` flags, in the order of the records.
 * Nothing here can fail. */
#ifndef EHR_CRYPTO_CONJUNCTION_H
#define EHR_CRYPTO_CONJUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/scan.h"

/* The result set of trapdoor T, as a node finds it: `dictionary` label_0, label_1, ... until
 * EHR_INDEX_GAP in a row are in no record; returns how many labels were tried. `scan`: the tag of
 * each record; returns how many. Time: labels times records at worst, labels plus records where
 * records come in the order of their labels, as they do in an answer. */
size_t ehr_conjunction_set_dictionary(bool *set, const uint8_t T[32],
                                      const struct ehr_scan_entry *records, size_t count);
size_t ehr_conjunction_set_scan(bool *set, const uint8_t T[32],
                                const struct ehr_scan_entry *records, size_t count);

/* The records that are in all sets of one of the groups: the union over `groups` of the
 * intersection of `terms` >= 1 sets each. `sets` holds groups * terms sets of `count` flags, those
 * of a group one behind the other. With one term: in any set. `result` does not overlap `sets`. */
void ehr_conjunction_result(bool *result, const bool *sets, size_t groups, size_t terms,
                            size_t count);

#endif /* EHR_CRYPTO_CONJUNCTION_H */

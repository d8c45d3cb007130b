/* Makes SimGrid's link plugins right. They charge the rate that a link has when a message begins or
 * ends for all the time since they last looked, and look only at the links of that message: so
 * latencies count as transfers, and a link whose rate changes because of another is charged the
 * last rate for all of it. Here every link with a message on it is looked at whenever a rate may
 * change: where a message's latency is over, and where it ends.
 * Of what other programs send SimGrid looks at its beginning and end alone. Private to courier.c.
 */
#ifndef EHR_NETWORK_METER_H
#define EHR_NETWORK_METER_H

#include "sim/network/flow_state.h"

#include <simgrid/comm.h>

/* Whether a link plugin is loaded: nothing of this is needed else. */
bool ehr_meter_is_on(void);
/* Sends to the mailbox on `to` from an actor on `from`, another host, and waits for the end. */
sg_error_t ehr_meter_carry(uint32_t from, uint32_t to, sg_mailbox_t mailbox, void *payload,
                           long bytes);

#endif /* EHR_NETWORK_METER_H */

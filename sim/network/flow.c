#include "sim/network/state.h"
#include <assert.h>
static void none_send(struct ehr_kernel *k, const struct ehr_item *i)
{
    (void)k, (void)i;
}
static void none_cast(struct ehr_kernel *k, struct ehr_list *l, struct ehr_item *i)
{
    (void)k, (void)i, (void)l;
}
static bool none_compute(struct ehr_kernel *k, struct ehr_strand *s, uint64_t j, uint64_t e)
{
    (void)k, (void)s;
    (void)j;
    (void)e;
    return false;
}
const struct ehr_medium ehr_medium_flow = {none_send, none_cast, none_compute};
enum ehr_kernel_end ehr_flow_run(struct ehr_kernel *kernel)
{
    (void)kernel;
    return EHR_KERNEL_DEADLOCK;
}
void ehr_flow_close(struct ehr_kernel *kernel)
{
    (void)kernel;
}

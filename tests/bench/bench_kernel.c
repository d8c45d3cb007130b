/* Messages per second of the kernel: n nodes broadcast to all, round after round, with handlers
 * that only count.
 *     bench_kernel delay|queue|flow [nodes [rounds [bytes [platform [charge_ns]]]]]
 * Platforms: star (one cluster), far (each host behind a latency of its own). With charge_ns every
 * message costs that long at its receiver. */
#include <simgrid/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "sim/network/kernel.h"

struct bench_node {
    struct ehr_node node;
    uint32_t group, nodes, rounds, round;
    uint64_t received, bytes;
    struct ehr_blob *body;
    bool charge;
};

static void start_round(struct bench_node *self, struct ehr_fx *fx)
{
    struct ehr_msg_consensus *vote = EHR_NEW(consensus, CONSENSUS);
    vote->height = ++self->round;
    vote->body = ehr_blob_ref(self->body);
    ehr_fx_broadcast(fx, self->group, ehr_message_seal(&vote->head));
}

static void on_start(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    start_round((struct bench_node *)node, fx);
}

static void on_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    struct bench_node *self = (struct bench_node *)node;
    (void)d;
    if (self->charge)
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    if (++self->received % (self->nodes - 1) == 0 && self->round < self->rounds)
        start_round(self, fx);
}

static void on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                     uint64_t generation)
{
    (void)node, (void)fx, (void)lane, (void)id, (void)generation;
}

static const struct ehr_node_type type = {"bench", on_start, on_message, on_timer};

static void platform_write(const char *path, const char *kind, uint32_t nodes)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        exit(3);
    fprintf(file, "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
                  "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n");
    if (strcmp(kind, "star") == 0) {
        fprintf(file,
                "<cluster id=\"c\" prefix=\"h\" suffix=\"\" radical=\"0-%u\" speed=\"1Gf\" "
                "bw=\"125MBps\" lat=\"50us\"/>\n",
                nodes - 1);
    } else {
        fprintf(file, "<zone id=\"z\" routing=\"Vivaldi\">\n");
        for (uint32_t i = 0; i < nodes; i++)
            fprintf(file,
                    "<peer id=\"h%u\" speed=\"1Gf\" bw_in=\"125MBps\" bw_out=\"125MBps\" "
                    "coordinates=\"%u %u 0.1\"/>\n",
                    i, 7919 * i % 53, 104729 * i % 61);
        fprintf(file, "</zone>\n");
    }
    fprintf(file, "</platform>\n");
    fclose(file);
}

struct bench {
    const char *fidelity, *kind;
    uint32_t nodes, rounds;
    size_t bytes;
    uint64_t charge_ns;
    struct ehr_kernel_config config;
    struct ehr_kernel *kernel;
    struct bench_node *all;
    char (*names)[16];
};

static int load(struct bench *bench)
{
    char path[] = "/tmp/bench_kernel_XXXXXX", error[512];
    int fd = mkstemp(path);
    if (fd < 0)
        return 3;
    close(fd);
    platform_write(path, bench->kind, bench->nodes);
    bool loaded = ehr_platform_load(path, &bench->config, NULL, NULL, error, sizeof error);
    unlink(path);
    if (loaded)
        return 0;
    fprintf(stderr, "%s\n", error);
    return 2;
}

static void build(struct bench *bench)
{
    bench->kernel = ehr_kernel_new(&bench->config, NULL);
    bench->all = calloc(bench->nodes, sizeof *bench->all);
    bench->names = calloc(bench->nodes, sizeof *bench->names);
    uint32_t *ids = calloc(bench->nodes, sizeof *ids);
    for (uint32_t i = 0; i < bench->nodes; i++) {
        snprintf(bench->names[i], sizeof bench->names[i], "n%u", i);
        bench->all[i] = (struct bench_node){.node = {&type, bench->names[i], 0},
                                            .nodes = bench->nodes,
                                            .rounds = bench->rounds,
                                            .charge = bench->charge_ns > 0,
                                            .body = ehr_blob_new(NULL, bench->bytes)};
        ids[i] = ehr_kernel_node_add(bench->kernel, &bench->all[i].node, i, EHR_NODE_REPLICA, 0);
    }
    uint32_t group = ehr_kernel_group_add(bench->kernel, ids, bench->nodes);
    for (uint32_t i = 0; i < bench->nodes; i++)
        bench->all[i].group = group;
    free(ids);
}

static bool run(struct bench *bench)
{
    struct timespec begin, end; /* of the processor: others may be using the machine */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    enum ehr_kernel_end how = ehr_kernel_run(bench->kernel);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    uint64_t messages = 0;
    for (uint32_t i = 0; i < bench->nodes; i++)
        messages += bench->all[i].received;
    double cpu = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%s n=%u rounds=%u bytes=%zu %s charge=%llu: %s, %llu messages, %.3f s of CPU, "
           "%.0f messages/s, simulated %.9f s, clock %.9f s, peak %ld kB\n",
           bench->fidelity, bench->nodes, bench->rounds, bench->bytes, bench->kind,
           (unsigned long long)bench->charge_ns, how == EHR_KERNEL_IDLE ? "idle" : "other",
           (unsigned long long)messages, cpu, (double)messages / cpu,
           1e-9 * (double)ehr_kernel_now(bench->kernel), simgrid_get_clock(), usage.ru_maxrss);
    return how == EHR_KERNEL_IDLE;
}

static bool close_clean(struct bench *bench)
{
    ehr_kernel_free(bench->kernel);
    for (uint32_t i = 0; i < bench->nodes; i++)
        ehr_blob_unref(bench->all[i].body);
    bool clean = ehr_message_pool_alive() == 0;
    ehr_message_pool_close();
    free(bench->all);
    free(bench->names);
    return clean;
}

static enum ehr_fidelity fidelity_of(const char *name)
{
    if (strcmp(name, "flow") == 0)
        return EHR_FIDELITY_FLOW;
    return strcmp(name, "queue") == 0 ? EHR_FIDELITY_QUEUE : EHR_FIDELITY_DELAY;
}

int main(int argc, char **argv)
{
    static struct ehr_cost_table costs;
    struct bench bench = {
        .fidelity = argc > 1 ? argv[1] : "delay",
        .nodes = argc > 2 ? (uint32_t)atoi(argv[2]) : 128,
        .rounds = argc > 3 ? (uint32_t)atoi(argv[3]) : 50,
        .bytes = argc > 4 ? (size_t)atoi(argv[4]) : 100,
        .kind = argc > 5 ? argv[5] : "star",
        .charge_ns = argc > 6 ? (uint64_t)atoi(argv[6]) : 0,
    };
    costs.entry[EHR_COST_ED_VERIFY].fixed_ns = bench.charge_ns;
    bench.config = (struct ehr_kernel_config){.fidelity = fidelity_of(bench.fidelity),
                                              .overhead_bytes = 66,
                                              .loopback_ns = 10000,
                                              .costs = &costs,
                                              .message_types = EHR_MESSAGE_TYPES};
    int status = load(&bench);
    if (status != 0)
        return status;
    build(&bench);
    bool idle = run(&bench);
    return close_clean(&bench) && idle ? 0 : 1;
}

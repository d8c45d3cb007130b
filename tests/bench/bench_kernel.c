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

int main(int argc, char **argv)
{
    const char *fidelity = argc > 1 ? argv[1] : "delay";
    uint32_t nodes = argc > 2 ? (uint32_t)atoi(argv[2]) : 128;
    uint32_t rounds = argc > 3 ? (uint32_t)atoi(argv[3]) : 50;
    size_t bytes = argc > 4 ? (size_t)atoi(argv[4]) : 100;
    const char *kind = argc > 5 ? argv[5] : "star";
    uint64_t charge = argc > 6 ? (uint64_t)atoi(argv[6]) : 0;
    static struct ehr_cost_table costs;
    costs.entry[EHR_COST_ED_VERIFY].fixed_ns = charge;
    struct ehr_kernel_config config = {
        .fidelity = strcmp(fidelity, "flow") == 0    ? EHR_FIDELITY_FLOW
                    : strcmp(fidelity, "queue") == 0 ? EHR_FIDELITY_QUEUE
                                                     : EHR_FIDELITY_DELAY,
        .overhead_bytes = 66,
        .loopback_ns = 10000,
        .costs = &costs,
        .message_types = EHR_MESSAGE_TYPES,
    };
    char path[] = "/tmp/bench_kernel_XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return 3;
    close(fd);
    platform_write(path, kind, nodes);
    char error[512];
    bool loaded = ehr_platform_load(path, &config, NULL, NULL, error, sizeof error);
    unlink(path);
    if (!loaded) {
        fprintf(stderr, "%s\n", error);
        return 2;
    }
    struct ehr_kernel *kernel = ehr_kernel_new(&config, NULL);
    struct bench_node *all = calloc(nodes, sizeof *all);
    uint32_t *ids = calloc(nodes, sizeof *ids);
    char(*names)[16] = calloc(nodes, sizeof *names);
    for (uint32_t i = 0; i < nodes; i++) {
        snprintf(names[i], sizeof names[i], "n%u", i);
        all[i] = (struct bench_node){.node = {&type, names[i], 0},
                                     .nodes = nodes,
                                     .rounds = rounds,
                                     .charge = charge > 0,
                                     .body = ehr_blob_new(NULL, bytes)};
        ids[i] = ehr_kernel_node_add(kernel, &all[i].node, i, EHR_NODE_REPLICA, 0);
    }
    uint32_t group = ehr_kernel_group_add(kernel, ids, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        all[i].group = group;
    struct timespec begin, end; /* of the processor: others may be using the machine */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    enum ehr_kernel_end how = ehr_kernel_run(kernel);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    uint64_t messages = 0;
    for (uint32_t i = 0; i < nodes; i++)
        messages += all[i].received;
    double cpu = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%s n=%u rounds=%u bytes=%zu %s charge=%llu: %s, %llu messages, %.3f s of CPU, %.0f "
           "messages/s, "
           "simulated %.9f s, clock %.9f s, peak %ld kB\n",
           fidelity, nodes, rounds, bytes, kind, (unsigned long long)charge,
           how == EHR_KERNEL_IDLE ? "idle" : "other", (unsigned long long)messages, cpu,
           (double)messages / cpu, 1e-9 * (double)ehr_kernel_now(kernel), simgrid_get_clock(),
           usage.ru_maxrss);
    ehr_kernel_free(kernel);
    for (uint32_t i = 0; i < nodes; i++)
        ehr_blob_unref(all[i].body);
    bool clean = ehr_message_pool_alive() == 0;
    ehr_message_pool_close();
    free(all), free(ids), free(names);
    return how == EHR_KERNEL_IDLE && clean ? 0 : 1;
}

/* A simulated world of a test: nodes whose handlers are functions of the test, everything that
 * happens written to a trace. Each run is a process of its own, because SimGrid can be started once
 * a process. */
#ifndef EHR_TESTS_NETWORK_WORLD_H
#define EHR_TESTS_NETWORK_WORLD_H

#include <simgrid/forward.h>

#include "sim/network/kernel.h"

enum { WORLD_NODES = 16 };

struct probe {
    struct ehr_node node;
    char name[16];
    uint32_t host;
    bool inhabited;   /* with world_inside: by an actor of the program */
    sg_actor_t actor; /* that, of its first life */
};

struct world {
    struct ehr_kernel *kernel;
    struct ehr_kernel_config config;
    struct probe probes[WORLD_NODES];
    uint32_t group;
    enum ehr_kernel_end end;
};
extern struct world world; /* of the child */
/* The kernel's hook of this name, in the next runs; NULL: none. */
extern void (*world_settled)(void *context);
/* The next runs are those of a program that runs SimGrid itself: it calls world_program, if not
 * NULL, when the platform is loaded, and the plot's nodes are actors of its own, started last node
 * first. */
extern bool world_inside;
extern void (*world_program)(void);
/* What the kernel is given as the hook `over`; NULL: nothing. */
extern void (*world_over)(void *context);
/* SimGrid restarts the nodes' actors when their host is on again. */
extern bool world_restart;
/* What is in the file of this name, which the platform of the next runs may give to a link. */
#define WORLD_PROFILE "the-file-of-profile"
extern const char *world_profile;
/* What such an actor does; argv[0] is the number of the node. */
void world_node_actor(int argc, char **argv);

struct plot {
    const char *platform; /* XML between <platform> and </platform> */
    void (*build)(void);  /* adds nodes */
    void (*start)(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved);
    void (*message)(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d);
    void (*timer)(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                  uint64_t generation);
    void (*after)(void); /* when the run has ended, before the kernel is freed */
    void (*config)(struct ehr_kernel_config *config);
};

/* Costs: EHR_COST_ED_VERIFY 1 ms, EHR_COST_HASH 1 ns a byte, all others nothing. Storage takes no
 * time, loopback 10 us, a `note` 1000 bytes on the wire, unless config() says otherwise. */
uint32_t node_add(uint32_t host, enum ehr_node_place place, uint32_t lanes);
void group_all(void); /* world.group: all nodes */
/* Messages that carry a number, as many bytes on the wire as said. */
struct ehr_message *note(uint64_t number);
struct ehr_message *parcel(uint64_t number, uint64_t wire_bytes);
uint64_t number_of(const struct ehr_delivery *d);
/* A line of the trace: "time node text". */
void say(uint64_t ns, uint32_t node, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A mark with this number: the trace gets "time node mark number" when the effect happens. */
void mark(struct ehr_fx *fx, uint64_t number);

/* Runs the plot in a child; gives its trace, or what ended it. To be freed. */
char *run(const struct plot *plot, enum ehr_fidelity fidelity);
/* Loads a platform file of this text (NULL: none there) in a child; gives "loaded" or the error,
 * followed by a line "stderr" if the child wrote to it. To be freed. */
char *load(const char *text);

/* Times in traces with at most this error: "12" and "13" differ by one. True if all lines agree. */
bool traces_agree(const char *a, const char *b, double relative, uint64_t absolute_ns);

/* Two hosts, a link of 1 ms and 1 GB/s: 1000 bytes take 1 ms + 1 us. */
#define PAIR                                                                                       \
    "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"             \
    "<link id='l' bandwidth='1GBps' latency='1ms' sharing_policy='SPLITDUPLEX'/>"                  \
    "<route src='a' dst='b'><link_ctn id='l' direction='UP'/></route></zone>"
/* Four hosts; every pair has a link of its own. Host 3 has 4 cores, at half the speed. */
#define MESH_LINK(x, y)                                                                            \
    "<link id='" x y "' bandwidth='1GBps' latency='1ms' sharing_policy='SPLITDUPLEX'/>"
#define MESH_ROUTE(x, y)                                                                           \
    "<route src='" x "' dst='" y "'><link_ctn id='" x y "' direction='UP'/></route>"
#define MESH_PAIRS(F) F("a", "b") F("a", "c") F("a", "d") F("b", "c") F("b", "d") F("c", "d")
#define MESH                                                                                       \
    "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"             \
    "<host id='c' speed='1Gf'/><host id='d' speed='500Mf' core='4'/>" MESH_PAIRS(MESH_LINK)        \
        MESH_PAIRS(MESH_ROUTE) "</zone>"
/* Sixteen hosts around a switch: 50 us and 125 MB/s each way. */
#define CLUSTER                                                                                    \
    "<cluster id='c' prefix='h' suffix='' radical='0-15' speed='1Gf' bw='125MBps' lat='50us'/>"

/* Runs the plot and compares its trace; in all three fidelities. */
void expect(const struct plot *plot, enum ehr_fidelity fidelity, const char *expected);
void expect_everywhere(const struct plot *plot, const char *expected);

/* Node 0 on host 0 and node 1 on host 1; a node on each of the four hosts of MESH, in a group. */
void build_pair(void);
void build_mesh(void);
void send(struct ehr_fx *fx, uint32_t to, uint64_t number);

#endif /* EHR_TESTS_NETWORK_WORLD_H */

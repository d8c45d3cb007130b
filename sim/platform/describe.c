#include "sim/platform/describe.h"

#include "sim/platform/markup.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define UNITS                                                                                      \
    "Latency is one way. Bandwidth: bps = bits per second, each way. A core of speed 1 Gf does "   \
    "one flop in 1 ns."

struct text {
    FILE *out;
    char *words;
    size_t bytes;
};

static void text_open(struct text *text)
{
    *text = (struct text){0};
    text->out = open_memstream(&text->words, &text->bytes);
    assert(text->out != NULL);
}

static char *text_close(struct text *text)
{
    fclose(text->out);
    return text->words;
}

static const char *base_name(const char *file)
{
    size_t length = strlen(file);
    while (length > 1 && file[length - 1] == '/')
        length--;
    const char *base = file + length;
    while (base > file && base[-1] != '/')
        base--;
    return base;
}

static void opening(FILE *out, const struct ehr_describe_words *words)
{
    if (words->title != NULL)
        fprintf(out, "%s\n", words->title);
}

static void hosts_describe(FILE *out, const struct ehr_map *map, const struct ehr_map_hosts *hosts)
{
    char bandwidth[EHR_MARKUP_FIGURE_BYTES];
    if (hosts->per_site == 0)
        fputs("Sites are routers: hosts come with what hangs on them.\n", out);
    else
        fprintf(
            out,
            "Hosts: %u at each site, of %u cores (assumed), each joined to the site's router by "
            "a port of %s (assumed).\n",
            hosts->per_site, hosts->cores, ehr_markup_bandwidth(bandwidth, map->port_bytes_per_s));
}

static void speeds_describe(FILE *out, const struct ehr_import_options *options)
{
    char bandwidth[EHR_MARKUP_FIGURE_BYTES];
    if (options->bytes_per_s > 0)
        fprintf(out, "Bandwidth of every link: %s, assumed; what the file says is not used.\n",
                ehr_markup_bandwidth(bandwidth, options->bytes_per_s));
    else
        fprintf(out, "Bandwidth of a link: as the file says; %s where it does not (assumed).\n",
                ehr_markup_bandwidth(bandwidth, options->default_bytes_per_s));
}

static void latency_describe(FILE *out, const struct ehr_import_options *options)
{
    char factor[EHR_VALUE_TEXT_BYTES], figure[EHR_MARKUP_FIGURE_BYTES];
    ehr_value_factor_write(factor, options->route_factor);
    fprintf(out,
            "Latency of a link: great-circle distance between the positions in the file x %s for "
            "the way of the cable (assumed), over light in fibre (2/3 of its speed in vacuum: "
            "%.0f km/s); at least %s (assumed).",
            factor, EHR_GEO_FIBRE_KM_PER_S, ehr_markup_time(figure, options->latency_min_ns));
    if (options->unplaced_is_fixed)
        fprintf(out, " Links to nodes without a position: %s (assumed).",
                ehr_markup_time(figure, options->unplaced_ns));
    else
        fputs(" Nodes without a position stand in the middle of their neighbours.", out);
    fputc('\n', out);
}

char *ehr_describe_import(const struct ehr_graph *graph, const struct ehr_import_options *options,
                          const struct ehr_map *map, const struct ehr_map_hosts *hosts,
                          const struct ehr_describe_words *words)
{
    struct text text;
    char figure[EHR_MARKUP_FIGURE_BYTES];
    text_open(&text);
    opening(text.out, words);
    fprintf(text.out, "Network: %s%s%s%s%s, %zu sites and %zu links, imported from %s.\n",
            graph->name, graph->place != NULL ? ", " : "", graph->place != NULL ? graph->place : "",
            graph->date != NULL ? ", " : "", graph->date != NULL ? graph->date : "",
            map->sites.count, map->link_names.count, base_name(graph->file));
    if (words->source != NULL)
        fprintf(text.out, "Source: %s\n", words->source);
    if (graph->source != NULL)
        fprintf(text.out, "Source, as the file says: %s\n", graph->source);
    latency_describe(text.out, options);
    speeds_describe(text.out, options);
    fprintf(text.out, "Routes: %s.\n",
            map->routing == EHR_MAP_HOPS ? "the fewest links, found by SimGrid"
                                         : "the least sum of latencies, then the fewest links");
    hosts_describe(text.out, map, hosts);
    if (hosts->per_site > 0)
        fprintf(text.out, "Within a site: %s from host to host (assumed).\n",
                ehr_markup_time(figure, options->lan_latency_ns));
    fputs(UNITS, text.out);
    return text_close(&text);
}

char *ehr_describe_regions(const struct ehr_matrix *matrix,
                           const struct ehr_regions_options *options, const char *statistic,
                           const struct ehr_map *map, const struct ehr_map_hosts *hosts,
                           const struct ehr_describe_words *words)
{
    struct text text;
    char bandwidth[EHR_MARKUP_FIGURE_BYTES];
    text_open(&text);
    opening(text.out, words);
    fprintf(text.out, "Network: %zu regions, from the table of round trips %s.\n", map->sites.count,
            base_name(matrix->file));
    if (words->source != NULL)
        fprintf(text.out, "Source: %s\n", words->source);
    fprintf(text.out,
            "Latency from host to host: half the round trip (%s)%s. The ports of two hosts of a "
            "region take what the table says of this region, half each; a link takes what remains. "
            "Every pair of regions has a link of its own, so that no way is shortened through a "
            "third one.\n",
            statistic,
            options->own_directions ? ", each direction from its own row"
                                    : ", the mean of both directions");
    fprintf(text.out, "Bandwidth of every link: %s, assumed.\n",
            ehr_markup_bandwidth(bandwidth, options->bytes_per_s));
    hosts_describe(text.out, map, hosts);
    fputs(UNITS, text.out);
    return text_close(&text);
}

static void line_describe(FILE *out, const char *what, struct ehr_hospitals_line line)
{
    char bandwidth[EHR_MARKUP_FIGURE_BYTES], latency[EHR_MARKUP_FIGURE_BYTES];
    fprintf(out, "%s %s and %s", what, ehr_markup_bandwidth(bandwidth, line.bytes_per_s),
            ehr_markup_time(latency, line.latency_ns));
}

char *ehr_describe_hospitals(const struct ehr_hospitals_options *options, const char *ground,
                             const struct ehr_describe_words *words)
{
    struct text text;
    struct ehr_hospitals_line port = options->lan;
    port.latency_ns /= 2;
    text_open(&text);
    opening(text.out, words);
    char *names = ehr_names_text(&options->hospitals, 20);
    fprintf(
        text.out,
        "Hospitals: %zu (%s), each a switched LAN with %u server(s), %u node(s) of its private "
        "chain and %u doctors' desk(s); %u node(s) of the alliance in these LANs, the hospitals "
        "in turn; %u host(s) for the devices of each hospital's patients beside it; %zu data "
        "user(s) where the first hospital is.\n",
        options->hospitals.count, names, options->servers, options->nodes, options->desks,
        options->alliance, options->homes, options->data_users.count);
    free(names);
    line_describe(text.out, "Figures of the hospitals, all assumed: ports of the LAN", port);
    line_describe(text.out, "; access links of hospitals and data users", options->access);
    line_describe(text.out, "; of patients", options->home);
    fputs("; cores: servers and alliance 8, nodes and others 4, desks 2.\n", text.out);
    if (ground == NULL) {
        fputs("All access links meet at one exchange.\n", text.out);
        if (words->source != NULL)
            fprintf(text.out, "Source: %s\n", words->source);
        fputs(UNITS, text.out);
    } else {
        fputs("What they hang on:\n", text.out);
        fputs(ground, text.out);
    }
    return text_close(&text);
}

"""Kinds of search: scan against dictionary, several keywords, trapdoors in clear."""
from bench import QUICKSTART, check, counts, csv_rows, no_losses, show_counts, summary

QUORUM, NODES = 2, 4  # of the quickstart's alliance
BOX_BYTES = 48


def outcomes(out):
    """What became of each request, and how many records were opened byte for byte."""
    row = summary(out)
    return ({(r["flow"], r["id"]): (r["outcome"], r["reason"]) for r in csv_rows(out, "requests.csv")},
            {flow: row[flow + "_records_identical"] for flow in ("retrieve", "share")})


def charged(out, operation, who=""):
    """To all nodes whose names begin so."""
    return sum(int(r["charged"]) for r in csv_rows(out, "operations.csv")
               if r["operation"] == operation and r["node"].startswith(who))


def messages(out, kind):
    """Number and bytes of the messages of a type that were sent."""
    rows = [r for r in csv_rows(out, "messages.csv")
            if r["type"] == kind and r["direction"] == "out"]
    return sum(int(r["count"]) for r in rows), sum(int(r["bytes"]) for r in rows)


def lookups(out):
    return int(summary(out)["retrieve_offered"]) + counts(out)["share"]["ok"]


def run(bench, *sets):
    """Everybody consents: a device draws that from the stream from which it draws keywords."""
    out, _ = bench.run(QUICKSTART, bench.small() + ["workload/shares/@consent=1"] + list(sets))
    no_losses(out)
    return out


def same(first, second, text):
    ours, theirs = outcomes(first), outcomes(second)
    differ = sorted(k for k in ours[0] if ours[0][k] != theirs[0].get(k))
    check(ours == theirs, "%s: other outcomes: %s; identical records %s, %s"
          % (text, differ[:5], ours[1], theirs[1]))
    return len(ours[0]), ours[1]


def case_search_scan(bench):
    """Scanning finds and opens what the dictionary finds, request by request, on the same seed; every
    index transaction is charged for every trapdoor."""
    dictionary, scan = run(bench), run(bench, "alliance/@search=scan")
    show_counts(scan)
    total, identical = same(dictionary, scan, "scan")
    print("  %d requests with equal outcomes; identical records %s" % (total, identical))
    visits = int(summary(scan)["visit_offered"])
    each = charged(scan, "scan_entry", "alliance-") / (QUORUM * lookups(scan))
    print("  scan_entry charged: %d with the dictionary; with scan %.1f at a node for a search, of %d "
          "visits at the end" % (charged(dictionary, "scan_entry"), each, visits))
    check(charged(dictionary, "scan_entry") == 0, "the dictionary scans")
    check(visits / 4 < each < 4 * visits, "%.1f entries for a search" % each)
    check(messages(dictionary, "draft")[1] > messages(scan, "draft")[1],
          "drafts still carry counters")
    print("  search, mean of retrievals: dictionary %s s, scan %s s, %d visits"
          % (phase(dictionary), phase(scan), visits))


def phase(out):
    """Mean of the phase `search` of retrievals, in seconds."""
    values = [float(r["search_s"]) for r in csv_rows(out, "requests.csv")
              if r["flow"] == "retrieve" and r["search_s"]]
    return "%.6f" % (sum(values) / len(values))


def case_search_conjunction(bench):
    """With several keywords the same records are found: queries grow by a trapdoor for each doctor and
    further keyword, a transaction comes back once in an answer, and the patient intersects."""
    sizes = []
    for keywords in (1, 2, 4, 16):
        for search in ("dictionary", "scan"):
            out = run(bench, "workload/retrievals/@keywords=%d" % keywords,
                      "alliance/@search=%s" % search)
            if search == "dictionary":
                one = out if keywords == 1 else one
                sizes.append(messages(out, "query")[1])
            same(one, out, "%d keywords, %s" % (keywords, search))
        print("  %2d keywords: queries %d B, answers %d B, search %s s"
              % (keywords, sizes[-1], messages(out, "answer")[1], phase(out)))
    check(sizes == sorted(set(sizes)), "queries do not grow: %s" % sizes)
    check((sizes[1] - sizes[0]) % 32 == 0, "no whole number of trapdoors")


def case_search_broadcast(bench):
    """Trapdoors in clear: every node is asked and answers, nothing is sealed or opened, and a query is
    48 bytes shorter; what is found stays the same. The safety checker looks at every message."""
    sealed, clear = run(bench), run(bench, "alliance/@trapdoors=broadcast")
    both = run(bench, "alliance/@trapdoors=broadcast", "alliance/@search=scan",
               "workload/retrievals/@keywords=3")
    same(sealed, clear, "broadcast")
    same(sealed, both, "broadcast, scan, 3 keywords")
    found = {}
    for name, out, nodes in (("designated", sealed, QUORUM), ("broadcast", clear, NODES)):
        number, size = messages(out, "query")
        found[name] = size / number
        print("  %-10s %d queries of %.1f B, %d answers, query_make %d, query_open %d, search %s s"
              % (name, number, size / number, messages(out, "answer")[0],
                 charged(out, "query_make"), charged(out, "query_open"), phase(out)))
        check(number == nodes * lookups(out), "%d queries for %d searches" % (number, lookups(out)))
        check(messages(out, "answer")[0] == number, "answers are missing")
        sealing = number if out is sealed else 0
        check(charged(out, "query_make") == charged(out, "query_open") == sealing,
              "charged for sealing, not %d" % sealing)
    check(abs(found["designated"] - found["broadcast"] - BOX_BYTES) < 1e-9,
          "a box adds %f B" % (found["designated"] - found["broadcast"]))


def case_search_refused(bench):
    """What the vocabulary does not know is refused with the line and what is allowed."""
    for wrong, allowed in (("alliance/@search=linear", "dictionary, scan"),
                           ("alliance/@trapdoors=public", "designated, broadcast"),
                           ("workload/retrievals/@keywords=0", "1 to 16"),
                           ("workload/retrievals/@keywords=17", "1 to 16")):
        done = bench.execute(["validate", QUICKSTART, "--set", wrong])
        print("  " + done.stderr.strip())
        check(done.returncode == 2 and allowed in done.stderr, "%s: exit %d" % (wrong,
                                                                               done.returncode))


def case_search_logged(bench):
    """The log of queries: the same records are opened; a retrieval waits for it only when it comes
    before, and then by its phase `order`; each round of a search is a transaction more."""
    plain = run(bench)
    rows = {name: run(bench, "workload/retrievals/@query-log=" + name)
            for name in ("async", "before")}
    blocks = {None: total_transactions(plain)}
    for name, out in rows.items():
        same(plain, out, name)
        blocks[name] = total_transactions(out)
        ordered = [r["order_s"] for r in csv_rows(out, "requests.csv") if r["flow"] == "retrieve"]
        check(all(ordered) if name == "before" else not any(ordered),
              "%s: phase order of retrievals: %s" % (name, ordered[:5]))
        more = blocks[name] - blocks[None]
        check(lookups(plain) <= more <= 2 * lookups(plain), "%s: %d transactions more for %d searches"
              % (name, more, lookups(plain)))
    print("  alliance transactions: %s; %d searches" % (blocks, lookups(plain)))
    slower = float(summary(rows["before"])["retrieve_lat_p50_s"])
    check(slower > float(summary(plain)["retrieve_lat_p50_s"]), "waiting for the log takes no time")


def total_transactions(out):
    return sum(int(r["transactions"]) for r in csv_rows(out, "blocks.csv") if r["chain"] == "alliance")

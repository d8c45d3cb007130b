"""trace.json: the rules of the Chrome trace-event format, and the other files of the same run."""
import collections
import decimal
import json
import os

from bench import check, csv_rows, tables_equal

KEYS = {"M": {"args"}, "X": {"cat", "dur"}, "s": {"cat", "id", "args"}, "f": {"cat", "id", "bp"},
        "b": {"cat", "id"}, "e": {"cat", "id"}, "n": {"cat", "id"}, "i": {"cat", "s"},
        "C": {"args"}}
WORK = ("X", "s", "f")
SMALL = ["workload/visits/@count=30", "workload/retrievals/@count=9", "workload/shares/@count=6",
         "workload/revocations/@count=1", "run/@duration=30s"]
SAMPLES = 1001


def ns(us):
    """Exact: three decimals of a microsecond."""
    value = decimal.Decimal(us) * 1000
    check(value == int(value), "%s us is no whole number of nanoseconds" % us)
    return int(value)


def ns_of_s(text):
    return int(decimal.Decimal(text) * 10 ** 9)


class Trace:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "trace.json")) as file:
            whole = json.load(file, parse_float=decimal.Decimal)
        check(set(whole) == {"displayTimeUnit", "otherData", "traceEvents"}, str(set(whole)))
        self.about, self.events = whole["otherData"], whole["traceEvents"]
        self.every = self.about["every"]
        self.of = collections.defaultdict(list)
        for event in self.events:
            phase = event["ph"]
            check(phase in KEYS, "phase %r" % phase)
            missing = KEYS[phase] | {"name", "ts", "pid", "tid"}
            missing -= set(event)
            check(not missing, "%s lacks %s" % (event, missing))
            event["at"] = ns(event["ts"])
            event["track"] = event["pid"], event["tid"]
            if phase == "X":
                event["end"] = event["at"] + ns(event["dur"])
            self.of[phase].append(event)

    def whole(self):
        """Every rule, and every file."""
        self.bounded()
        self.tracks()
        self.slices()
        self.arrows()
        self.requests()
        self.blocks()
        self.counters()
        self.faults()
        print("  %s: every %d, %d events: %s" % (os.path.basename(self.folder), self.every,
              len(self.events), ", ".join("%d %s" % (len(self.of[p]), p) for p in sorted(self.of))))
        return self

    def bounded(self):
        limit, count = self.about["events_limit"], len(self.events) - len(self.of["M"])
        check(count <= limit, "%d events, allowed %d" % (count, limit))
        check(self.every == 1 or count > 0, "nothing is left")

    def tracks(self):
        processes = {e["pid"]: e["args"]["name"] for e in self.of["M"] if e["name"] == "process_name"}
        threads = {e["track"]: e["args"]["name"] for e in self.of["M"] if e["name"] == "thread_name"}
        tids = [tid for _, tid in threads]
        check(len(set(tids)) == len(tids), "two threads have one tid")
        for event in self.events:
            check(event["pid"] in processes, "%s: its process has no name" % event)
            if event["ph"] in WORK:
                check(event["track"] in threads, "%s: its thread has no name" % event)
        nodes = {row["node"]: "workload" if row["role"] == "workload" else row["host"]
                 for row in csv_rows(self.folder, "nodes.csv")}
        shown = {name: processes[pid] for (pid, _), name in threads.items()
                 if processes[pid] not in ("chains", "devices")}
        check(shown == nodes, "threads %s, nodes.csv %s" % (shown, nodes))
        self.threads = threads

    def slices(self):
        """In order of time, one inside another or apart; steps inside handlers."""
        self.handlers = collections.defaultdict(list)
        last, stacks = 0, collections.defaultdict(list)
        for event in self.events:
            if event["ph"] not in WORK:
                continue
            check(event["at"] >= last, "%s is before %d ns" % (event, last))
            last = event["at"]
            if event["ph"] != "X":
                continue
            stack = stacks[event["track"]]
            handler = event["cat"].startswith("handler")
            while stack and (stack[-1]["end"] <= event["at"] and (handler or len(stack) > 1)):
                stack.pop()
            if handler:
                check(not stack, "%s begins inside %s" % (event, stack))
                self.handlers[event["track"]].append(event)
            else:
                check(event["name"] in ("compute", "persist"), str(event))
                check(len(stack) == 1 and event["end"] <= stack[0]["end"],
                      "%s is in no handler: %s" % (event, stack))
            stack.append(event)

    def arrows(self):
        """Both ends once, in order of time, each at work; as many as messages.csv says."""
        ends = {e["id"]: e for e in self.of["f"]}
        begins = {e["id"]: e for e in self.of["s"]}
        check(len(ends) == len(self.of["f"]) and len(begins) == len(self.of["s"]), "an id twice")
        check(set(ends) == set(begins), "arrows with one end")
        at = collections.defaultdict(set)
        for track, handlers in self.handlers.items():
            for handler in handlers:
                at[track].add((handler["at"], handler["name"]))
        for ident, begin in begins.items():
            end = ends[ident]
            check(begin["at"] <= end["at"], "%s ends before it begins" % begin)
            check((begin["name"], begin["cat"]) == (end["name"], end["cat"]), str(begin))
            check((end["at"], end["name"]) in at[end["track"]], "%s: nobody takes it" % end)
        for track, handlers in self.handlers.items():
            sent = sorted(e["at"] for e in self.of["s"] if e["track"] == track)
            spans = iter(handlers)
            span = next(spans)
            for moment in sent:
                while span["end"] < moment:
                    span = next(spans, None)
                    check(span, "%s: sent at %d ns outside of work" % (track, moment))
                check(span["at"] <= moment, "%s: sent at %d ns outside of work" % (track, moment))
        if self.every > 1:
            return
        self.messages(begins.values(), [e for e in self.of["i"] if e["cat"] == "message"])

    def messages(self, taken, lost):
        """What is delivered to a node is taken by it, or waits when it crashes or the run ends."""
        found = collections.Counter()
        for row in csv_rows(self.folder, "messages.csv"):
            found[row["direction"]] += int(row["count"])
            found[row["direction"], row["node"]] += int(row["count"])
        check(len(taken) + len(lost) == found["out"], "%d arrows and %d lost, messages.csv has %d"
              % (len(taken), len(lost), found["out"]))
        arrows = collections.Counter(e["args"]["to"] for e in taken)
        left = collections.Counter(e["args"]["to"] for e in lost)
        for node in self.threads.values():
            delivered = found["in", node]
            check(arrows[node] <= delivered <= arrows[node] + left[node],
                  "%s took %d, left %d, messages.csv has %d" % (node, arrows[node], left[node],
                                                                delivered))

    def spans(self, category):
        """By id: the events in order; begin and end are balanced."""
        found = collections.defaultdict(list)
        for event in self.events:
            if event["ph"] in "ben" and event["cat"] == category:
                found[event["id"]].append(event)
        for ident, events in found.items():
            open_names, sums = [], collections.Counter()
            for event in sorted(events, key=lambda e: e["at"]):
                if event["ph"] == "b":
                    open_names.append((event["name"], event["at"]))
                elif event["ph"] == "e":
                    check(open_names and open_names[-1][0] == event["name"],
                          "%s: %s ends, open are %s" % (ident, event["name"], open_names))
                    sums[event["name"]] += event["at"] - open_names.pop()[1]
                else:
                    check(open_names, "%s: %s is outside" % (ident, event["name"]))
                    if "added_us" in event.get("args", {}):
                        sums[event["name"]] += ns(event["args"]["added_us"])
            check(not open_names, "%s: %s do not end" % (ident, open_names))
            found[ident] = events, sums
        return found

    def requests(self):
        shown = self.spans("request")
        for row in csv_rows(self.folder, "requests.csv"):
            ident = "r" + row["id"]
            check((ident in shown) == (int(row["id"]) % self.every == 0), "request %s" % row["id"])
            if ident not in shown:
                continue
            events, sums = shown.pop(ident)
            begin, end = events[0], events[-1]
            check(begin["name"] == row["flow"] and begin["at"] == ns_of_s(row["start_s"]), str(row))
            check(end["args"]["outcome"] == row["outcome"], str(row))
            if row["end_s"]:
                check(end["at"] == ns_of_s(row["end_s"]), "%s ends at %d" % (row, end["at"]))
            for name in ("durable", "shared"):
                moments = [e["at"] for e in events if e["ph"] == "n" and e["name"] == name]
                if moments:
                    check(moments == [ns_of_s(row[name + "_s"])], "%s %s" % (row, moments))
            phases = {key[:-2]: value for key, value in row.items() if value and key[:-2] in sums}
            check(set(sums) == set(phases) | {row["flow"]}, "%s %s" % (row, sums))
            for name, value in phases.items():
                check(abs(float(value) * 1e9 - sums[name]) <= 1 + 1e-8 * sums[name],
                      "request %s, %s: %d ns, requests.csv %s" % (row["id"], name, sums[name], value))
        check(not shown, "%s are in no row" % list(shown))

    def blocks(self):
        shown, count = self.spans("consensus"), 0
        of = {}
        for events, _ in shown.values():
            of[events[0]["args"]["chain"], events[0]["args"]["height"]] = events
        for row in csv_rows(self.folder, "blocks.csv"):
            events = of.get((row["chain"], int(row["height"])))
            check((events is not None) == (int(row["height"]) % self.every == 0), str(row))
            if events is None:
                continue
            count += 1
            at = {(e["ph"], e["name"]): e["at"] for e in events}
            check(at["b", "spread"] == ns_of_s(row["committed_first_s"]), str(row))
            check(at["e", "spread"] == events[-1]["at"] == ns_of_s(row["committed_last_s"]), str(row))
            if row["proposed_s"]:
                check(at["b", "agree"] == events[0]["at"] == ns_of_s(row["proposed_s"]), str(row))
            check(events[0]["args"]["transactions"] == int(row["transactions"]), str(row))
        check(count == len(shown) == self.about["blocks_shown"], "%d blocks" % count)

    def counters(self):
        rows = csv_rows(self.folder, "requests.csv")
        check(len(self.of["C"]) == SAMPLES, "%d samples" % len(self.of["C"]))
        begun = sorted(ns_of_s(row["start_s"]) for row in rows)
        ended = sorted(ns_of_s(row["end_s"]) for row in rows if row["end_s"])
        for event in self.of["C"][::100]:
            expected = sum(t <= event["at"] for t in begun) - sum(t <= event["at"] for t in ended)
            check(event["args"]["open"] == expected, "%s, by hand %d" % (event, expected))

    def faults(self):
        shown = sorted((e["name"], e["args"]["target"], e["at"]) for e in self.of["i"]
                       if e["cat"] == "fault")
        rows = csv_rows(self.folder, "faults.csv")
        expected = sorted([(r["kind"] + " begins", r["target"], ns_of_s(r["begin_s"])) for r in rows] +
                          [(r["kind"] + " ends", r["target"], ns_of_s(r["end_s"])) for r in rows
                           if r["end_s"]])
        check(shown == expected, "%s, faults.csv %s" % (shown, expected))

    def messages_of_requests(self, every):
        return sorted((e["at"], e["name"], e["args"]["to"], e["args"]["request"])
                      for e in self.of["s"] if e["args"].get("request", 1) % every == 0)

    def work(self):
        return collections.Counter((e["name"], e["at"], e["end"], e["track"]) for e in self.of["X"])


def traced(bench, scenario, sets=(), events=1000000):
    folder, _ = bench.run(scenario, sets, extra=["--trace=%d" % events])
    return Trace(folder).whole()


def case_trace(bench):
    """The timeline of each fidelity keeps the format's rules and equals the other files; to trace
    changes no result, and gives the same bytes again."""
    for fidelity in ("flow", "queue", "delay"):
        sets = SMALL + ["network/@fidelity=" + fidelity]
        found = traced(bench, bench.scenario(), sets)
        check(found.every == 1, "not everything is shown")
        again, _ = bench.run(bench.scenario(), sets, extra=["--trace=1000000"])
        tables_equal(found.folder, again)
        plain, _ = bench.run(bench.scenario(), sets)
        check(not os.path.exists(os.path.join(plain, "trace.json")), "trace.json unasked for")
        os.remove(os.path.join(again, "trace.json"))
        tables_equal(plain, again)


def case_trace_sampled(bench):
    """Too much for the bound: fewer requests and blocks, each of them with all its messages."""
    sets = SMALL + ["network/@fidelity=delay"]
    whole = traced(bench, bench.scenario(), sets)
    part = traced(bench, bench.scenario(), sets, 10000)
    check(part.every > 1, "nothing was left out")
    check(part.about["requests_shown"] == part.about["requests"] // part.every, str(part.about))
    shown = part.messages_of_requests(part.every)
    check(shown and shown == whole.messages_of_requests(part.every), "messages are missing")
    check(not part.work() - whole.work(), "work that was not done")
    for wrong in ("0", "9999", "10000001", "many"):
        done = bench.execute(["run", bench.scenario(), "--trace=" + wrong])
        check(done.returncode == 2 and "--trace" in done.stderr, "%s: %s" % (wrong, done.stderr))


def case_trace_faults(bench):
    """A crash of a replica, and losses: faults are shown where they are, and messages without a
    taker are no arrows."""
    faults = ['<crash host="alliance-1" at="5s" recover="12s"/>',
              '<loss probability="0.02" from="*" to="*" at="3s" until="9s"/>']
    for fidelity in ("flow", "queue"):
        found = traced(bench, bench.faulty(faults), SMALL + ["network/@fidelity=" + fidelity])
        lost = [e for e in found.of["i"] if e["cat"] == "message"]
        check(lost and len([e for e in found.of["i"] if e["cat"] == "fault"]) == 4,
              "%d lost" % len(lost))

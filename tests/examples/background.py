#!/usr/bin/env python3
"""Background traffic raises the latency of retrievals as the shared bandwidth says.

    background.py PROGRAM DEPLOYMENT

Runs examples/background with DEPLOYMENT (in the working directory) and calculates, from the platform
and from the sizes in messages.csv alone, what the streams on the WAN link add to a retrieval; the
latencies in requests.csv must differ by that, within 5 %.
"""
import csv
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

TOLERANCE = 0.05
STREAMS_BEGIN_S = 30  # start_time in the deployments


def bits_per_s(text):
    for unit, factor in (("Gbps", 1e9), ("Mbps", 1e6), ("kbps", 1e3)):
        if text.endswith(unit):
            return float(text[:-len(unit)]) * factor
    raise ValueError(text)


def network(deployment):
    """Bandwidth of the WAN link and what each stream could take alone, in bits per second."""
    platform = tree.parse("platform.xml")
    links = {link.get("id"): link for link in platform.iter("link")}
    uplink = {route.get("src"): links[route.find("link_ctn").get("id")]
              for route in platform.iter("route")}
    limits = [bits_per_s(uplink[actor.get("host")].get("bandwidth"))
              for actor in tree.parse(deployment).iter("actor") if actor.get("function") == "stream"]
    return bits_per_s(links["wan"].get("bandwidth")), limits


def fair_share(bandwidth, limits, transfers):
    """What each of `transfers` equal transfers gets beside streams that take at most `limits`."""
    left, open_limits = bandwidth, sorted(limits)
    while open_limits and open_limits[0] < left / (len(open_limits) + transfers):
        left -= open_limits.pop(0)
    return left / (len(open_limits) + transfers)


def rows(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def message_bits(folder, kind):
    row = next(r for r in rows(folder, "messages.csv") if (r["node"], r["type"], r["direction"]) ==
               ("town-patients", kind, "in"))
    return 8 * int(row["bytes"]) / int(row["count"])


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def main():
    program, deployment = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "results")
        subprocess.run([program, "platform.xml", deployment, out], check=True, timeout=300)
        retrievals = [r for r in rows(out, "requests.csv") if r["flow"] == "retrieve"]
        answer, record = message_bits(out, "answer"), message_bits(out, "record")
    wan, limits = network(deployment)
    print(f"streams: {sum(limits) / wan:.0%} of the WAN link")
    raised = 0
    for name, bits, at_once in (("answers", answer, 2), ("record", record, 1)):
        share = fair_share(wan, limits, at_once)
        alone = wan / at_once
        print(f"{name}: {at_once} x {bits / 8:.0f} bytes at {share / 1e3:.1f} instead of "
              f"{alone / 1e3:.1f} kbps: {bits / share - bits / alone:.6f} s more")
        raised += bits / share - bits / alone

    latency = {}
    for beside in (False, True):
        these = [r for r in retrievals if (float(r["start_s"]) > STREAMS_BEGIN_S) == beside]
        wrong = [r["id"] for r in these if r["outcome"] != "ok" or r["identical"] != "1"]
        if len(these) < 5 or wrong:
            sys.exit(f"{len(these)} retrievals, of which not ok: {wrong}")
        latency[beside] = mean(float(r["end_s"]) - float(r["start_s"]) for r in these)
    found = latency[True] - latency[False]
    print(f"retrieval: {latency[False]:.6f} s alone, {latency[True]:.6f} s beside the streams: "
          f"{found:.6f} s more, calculated {raised:.6f} s, {found / raised - 1:+.2%}")
    if sum(limits) != 0.8 * wan:
        sys.exit("the streams do not ask for 80 % of the link")
    if abs(found / raised - 1) > TOLERANCE:
        sys.exit(f"more than {TOLERANCE:.0%} off")


if __name__ == "__main__":
    main()

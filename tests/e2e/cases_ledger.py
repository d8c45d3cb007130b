"""Authentication by MACs, revoked certificates, batches of grants, scopes."""
from bench import CONSENT, check, csv_rows, no_losses, show_counts, summary


def consensus_bytes(folder):
    rows = [r for r in csv_rows(folder, "messages.csv")
            if r["type"] == "consensus" and r["direction"] == "out"]
    return sum(int(r["count"]) for r in rows), sum(int(r["bytes"]) for r in rows)


def case_mac(bench):
    """MACs under commits: every flow ends well, also when the primary of either chain crashes and
    the next view rests on signed certificates; computing gets cheaper, bytes follow the codec."""
    macs = ('consensus="pbft"', 'consensus="pbft" authentication="mac"')
    plain, _ = bench.run(bench.scenario(), bench.small())
    out, _ = bench.run(bench.scenario([macs]), bench.small())
    show_counts(out)
    no_losses(out, CONSENT)
    for name, folder in (("signature", plain), ("mac", out)):
        count, size = consensus_bytes(folder)
        print("  %-9s %d consensus messages, %d bytes, %.1f each" % (name, count, size,
                                                                      size / count))
    check(consensus_bytes(out)[1] < consensus_bytes(plain)[1],
          "three tags of 16 are not smaller than a signature of 64")
    for host in ("alliance-1", "minsk-node-1"):
        fault = '<faults><crash host="%s" at="25s"/></faults></scenario>' % host
        out, _ = bench.run(bench.scenario([macs, ("</scenario>", fault)]), bench.small())
        row = summary(out)
        print("  %-12s crashed; view changes: private %s, alliance %s"
              % (host, row["private_view_changes"], row["alliance_view_changes"]))
        no_losses(out, CONSENT)
        check(int(row["private_view_changes"]) + int(row["alliance_view_changes"]) > 0,
              "%s was no primary" % host)

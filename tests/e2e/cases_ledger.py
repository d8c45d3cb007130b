"""Authentication by MACs, revoked certificates, batches of grants, scopes."""
from bench import CONSENT, check, counts, csv_rows, no_losses, show_counts, summary


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


def at(request):
    return float(request["start_s"])


def case_revoke(bench):
    """Certificates revoked in mid-run: a doctor's, then a data user's, then a hospital's. Before,
    all ends well; afterwards what rests on them is refused by name, and nothing else is."""
    def run(revoke):
        fault = '<faults><revoke %s at="30s"/></faults></scenario>' % revoke
        out, _ = bench.run(bench.scenario([("</scenario>", fault)]), bench.small())
        show_counts(out)
        found = csv_rows(out, "requests.csv")
        for flow, outcomes in counts(out).items():
            for outcome in ("failed", "timeout", "unfinished"):
                check(outcomes[outcome] == 0, "%s %s: %d" % (flow, outcome, outcomes[outcome]))
        return [r for r in found if r["reason"] not in ("none", "consent_denied")], found

    def visits(found, hospital):
        return [r for r in found if r["flow"] == "visit" and r["hospital"] == hospital]

    refused, found = run('certificate="doctor" hospital="minsk" index="0"')
    print("  doctor: %d refused from %s s on" % (len(refused), min(map(at, refused), default=0)))
    check(refused, "the revoked doctor went on")
    check({(r["flow"], r["hospital"], r["reason"]) for r in refused} ==
          {("visit", "minsk", "revoked_doctor")}, "others were refused too: %s" % refused)
    check(all(at(r) > 25 for r in refused), "refused before the revocation")
    late = [r for r in visits(found, "minsk") if at(r) > 35]
    check(any(r["outcome"] == "ok" for r in late), "the other doctors of minsk were stopped too")

    refused, found = run('certificate="data-user" data-user="insurer"')
    print("  data user: %d refused from %s s on" % (len(refused), min(map(at, refused), default=0)))
    check(refused, "the revoked data user went on")
    check({(r["flow"], r["reason"]) for r in refused} == {("share", "revoked_certificate")},
          "others were refused too: %s" % refused)
    check(any(r["flow"] == "share" and r["outcome"] == "ok" and at(r) < 28 for r in found),
          "no share was ok before")

    refused, found = run('certificate="hospital" hospital="brest"')
    print("  hospital: %d refused from %s s on" % (len(refused), min(map(at, refused), default=0)))
    check(refused, "the revoked hospital went on")
    check({(r["flow"], r["hospital"], r["reason"]) for r in refused} ==
          {("visit", "brest", "revoked_certificate")}, "others were refused too: %s" % refused)
    check(all(r["outcome"] == "ok" for r in visits(found, "minsk")), "minsk was stopped too")


def grants_batched(folder):
    """Statuses in one node's replies to batches: each reply has 8 + 2 + 32 + 8 + 4 bytes, headers
    of 66 (network/@overhead-bytes), and a byte for each grant."""
    sent = [r for r in csv_rows(folder, "messages.csv") if r["type"] == "reply_items" and
            r["direction"] == "out" and r["node"] == "alliance-node-0"]
    return sum(int(r["bytes"]) - int(r["count"]) * (54 + 66) for r in sent)


def case_batch(bench):
    """Up to eight visits of a patient granted in one transaction, each served for itself."""
    sets = ["workload/visits/@count=120", "workload/shares/@count=12", "run/@duration=2min",
            "workload/retrievals/@count=5", "workload/revocations/@count=2"]
    if bench.full:
        sets = []
    out, _ = bench.run(bench.scenario(), sets + ["workload/shares/@visits=8"])
    show_counts(out)
    no_losses(out, CONSENT)
    shares = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "share"]
    ok = [r for r in shares if r["outcome"] == "ok"]
    check(all(r["identical"] == "1" for r in ok), "a record opened otherwise than written")
    grants = grants_batched(out)
    print("  %d shares ok, %d grants in %d batches" % (len(ok), grants, len(ok)))
    check(grants > len(ok), "no batch held more than one grant")
    served = sum(int(r["count"]) for r in csv_rows(out, "messages.csv")
                 if r["type"] == "share" and r["direction"] == "in")
    check(served >= 3 * grants, "%d shares of proxies for %d grants with t = 3" % (served, grants))
    fault = '<faults><crash host="alliance-2" at="40s"/></faults></scenario>'
    out, _ = bench.run(bench.scenario([("</scenario>", fault)]),
                       sets + ["workload/shares/@visits=8"])
    no_losses(out, CONSENT)
    print("  and with a proxy down: %d ok" % counts(out)["share"]["ok"])


def case_batch_offline(bench):
    """Patients who get visits between the question and their answer, as their place is down: they
    grant the newest, which no question could know, and each is compared with its own original."""
    fault = '<faults><crash host="minsk-home" at="10s" recover="40s"/></faults></scenario>'
    sets = ["network/@fidelity=delay", "run/@seed=1", "run/@duration=20s",
            "hospital/patients/@count=2", "workload/visits/@count=60", "workload/visits/@rate=1/s",
            "workload/shares/@count=30", "workload/shares/@visits=64", "workload/shares/@consent=1",
            "workload/retrievals/@count=0", "workload/revocations/@count=0"]
    out, _ = bench.run(bench.scenario([("</scenario>", fault)]), sets)
    shares = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "share"]
    late = [r for r in shares if r["consent_s"] and float(r["consent_s"]) > 10]
    print("  %d shares, %d of them answered after more than 10 s" % (len(shares), len(late)))
    check(len(late) >= 3, "no patient was away when asked")
    check(not [r for r in shares if r["outcome"] == "failed"], "an honest share failed")
    check(sum(r["identical"] == "1" for r in shares) >= 29, "records opened otherwise than written")


def case_scope(bench):
    """Whoever shows a trapdoor of the grant is served, one by one and in batches, with labels and
    with tags; and without one where scopes are only stated."""
    small = ["workload/visits/@count=120", "workload/shares/@count=12", "run/@duration=2min",
             "workload/retrievals/@count=5", "workload/revocations/@count=2"]
    for sets in (["workload/shares/@visits=1"], ["workload/shares/@visits=6"],
                 ["alliance/@search=scan"], ["alliance/@scope=stated"]):
        out, _ = bench.run(bench.scenario(), small + sets)
        no_losses(out, CONSENT)
        sent = {r["type"] for r in csv_rows(out, "messages.csv") if int(r["count"]) > 0}
        print("  %-26s shares ok: %d" % (sets[0], counts(out)["share"]["ok"]))
        asked = sent & {"access", "access_scoped"}
        wanted = "access" if sets == ["alliance/@scope=stated"] else "access_scoped"
        check(asked == {wanted}, "%s: asked by %s" % (sets[0], asked))


def case_proxies_32(bench):
    """A grant to 32 proxies of which 22 open: the most that crypto.md allows."""
    sets = ["platform/@file=" + bench.platform_grown(32), "network/@fidelity=delay", "run/@duration=1min",
            "alliance/@proxies=32", "alliance/@threshold=22", "workload/visits/@count=20",
            "workload/retrievals/@count=2", "workload/shares/@count=6",
            "workload/shares/@consent=1", "workload/revocations/@count=1"]
    out, _ = bench.run(bench.scenario(), sets)
    show_counts(out)
    no_losses(out)
    shares = sum(int(r["count"]) for r in csv_rows(out, "messages.csv")
                 if r["type"] == "share" and r["direction"] == "in")
    check(counts(out)["share"]["ok"] == 6 and shares >= 6 * 22,
          "%d shares of proxies for 6 grants with t = 22" % shares)
    print("  %d shares of proxies" % shares)


def case_emergency(bench):
    """Patients who can show no card: two doctors sign, the patient hears of it and finds the record
    like any other; and a doctor who has too many emergencies in an hour gets no more keys."""
    small = ["workload/visits/@count=120", "workload/shares/@count=12", "run/@duration=2min",
             "workload/retrievals/@count=40", "workload/revocations/@count=2"]

    def number(folder, kind):
        return sum(int(r["count"]) for r in csv_rows(folder, "messages.csv")
                   if r["type"] == kind and r["direction"] == "in")

    out, _ = bench.run(bench.scenario(), small + ["workload/visits/@emergency=0.3"])
    show_counts(out)
    no_losses(out, CONSENT)
    audits, tokens = number(out, "audit"), number(out, "token")
    print("  %d records by two doctors, %d by doctor and patient" % (audits, tokens))
    check(audits > 20 and audits + tokens == 120, "%d + %d of 120" % (audits, tokens))
    check(number(out, "receipt") == tokens, "receipts beside audits")
    out, _ = bench.run(bench.scenario(), small + ["workload/visits/@emergency=1"])
    visits = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "visit"]
    reasons = {r["reason"] for r in visits if r["outcome"] != "ok"}
    ok = sum(r["outcome"] == "ok" for r in visits)
    print("  all emergencies: %d ok, others %s" % (ok, reasons))
    check(reasons == {"emergency_limit"}, "reasons %s" % reasons)
    check(ok == 6 * 12, "%d ok, expected 12 for each of 6 doctors" % ok)

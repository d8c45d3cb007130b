"""Cost tables: one that calibrate made gives a run; one that is broken is refused with the place."""
import json
import os

from bench import QUICKSTART, check, summary


def case_calibrate(bench):
    """calibrate --quick, its file in a run; another speed of computing gives another timeline."""
    table = os.path.join(bench.folder, "costs.json")
    done = bench.execute(["calibrate", "--quick", "--json", "--out", table])
    check(done.returncode == 0, "calibrate: exit %d\n%s" % (done.returncode, done.stderr))
    printed = json.loads(done.stdout)
    with open(table) as file:
        costs = json.load(file)
    check(printed["cpu"] == costs["cpu"] and printed["libsodium"] == costs["libsodium"],
          "the file and what is printed differ")
    check(printed["operations"].keys() == costs["operations"].keys(), "operations differ")
    for name, quartiles in printed["operations"].items():
        low, median, high = quartiles["fixed_ns"]
        check(low <= median <= high, "%s: quartiles %s" % (name, quartiles["fixed_ns"]))
        check(abs(costs["operations"][name]["fixed_ns"] - max(median, 0)) <= 0.55,
              "%s: %s in the file, %s printed" % (name, costs["operations"][name], quartiles))
    print("  %s, libsodium %s, %s: ed_verify %d ns" % (costs["cpu"], costs["libsodium"],
          costs["date"], costs["operations"]["ed_verify"]["fixed_ns"]))
    means = []
    for factor in (1, 100):
        for entry in costs["operations"].values():
            entry["fixed_ns"] *= factor
        path = os.path.join(bench.folder, "costs-%d.json" % factor)
        with open(path, "w") as file:
            json.dump(costs, file)
        out, _ = bench.run(QUICKSTART, bench.small() + ["crypto/@costs=" + path])
        means.append(float(summary(out)["visit_lat_mean_s"]))
    print("  mean visit %.4f s; with costs a hundred times as high %.4f s" % tuple(means))
    check(means[1] > means[0], "costs a hundred times as high make no visit longer")
    left = [n for n in os.listdir(bench.folder) if n.endswith(".tmp")]
    check(not left, "left behind: %s" % left)


def case_costs_broken(bench):
    """Unknown, missing, negative, fractional, doubled: exit 2, the file and the place named."""
    table = os.path.join(bench.folder, "costs.json")
    done = bench.execute(["calibrate", "--quick", "--quiet", "--out", table])
    check(done.returncode == 0, "calibrate: exit %d\n%s" % (done.returncode, done.stderr))
    with open(table) as file:
        costs = json.load(file)

    def changed(change):
        copy = json.loads(json.dumps(costs))
        change(copy["operations"])
        return json.dumps(copy)

    whole = json.dumps(costs)
    sign = json.dumps(costs["operations"]["ed_sign"])
    broken = (
        ("unknown", changed(lambda o: o.update(fly={"fixed_ns": 1, "per_byte_ps": 0})),
         "operations.fly: unknown"),
        ("missing", changed(lambda o: o.pop("ed_sign")), "operations.ed_sign: missing"),
        ("half", changed(lambda o: o["ed_sign"].pop("per_byte_ps")),
         "operations.ed_sign: per_byte_ps: missing"),
        ("negative", changed(lambda o: o["hash"].update(per_byte_ps=-1)),
         "operations.hash: per_byte_ps: -1: negative"),
        ("fractional", changed(lambda o: o["hash"].update(fixed_ns=0.5)),
         "operations.hash: fixed_ns: 0.5: not an integer"),
        ("too large", changed(lambda o: o["hash"].update(fixed_ns=2 ** 60)),
         "operations.hash: fixed_ns: 1.15292e+18: not an integer"),
        ("text", changed(lambda o: o["hash"].update(fixed_ns="1")),
         "operations.hash: fixed_ns: not a number"),
        ("doubled", whole.replace('"ed_sign"', '"ed_sign": %s, "ed_sign"' % sign),
         "operations.ed_sign: given twice"),
        ("half a file", whole[:len(whole) // 2], "line 1: not JSON"),
        ("two", whole + "\n{}", "line 2: text after the object"),
        ("empty", "", "line 1: not JSON"),
    )
    for name, text, expected in broken:
        path = os.path.join(bench.folder, "broken.json")
        with open(path, "w") as file:
            file.write(text)
        for words in (["run", QUICKSTART, "--quiet", "--out", os.path.join(bench.folder, "never")],
                      ["validate", QUICKSTART]):
            done = bench.execute(words + ["--set", "crypto/@costs=" + path])
            check(done.returncode == 2, "%s, %s: exit %d" % (words[0], name, done.returncode))
            check("%s: %s" % (path, expected) in done.stderr,
                  "%s, %s: %r expected in\n%s" % (words[0], name, expected, done.stderr))
        print("  %-11s exit 2: %s" % (name, done.stderr.strip()[len(path) - 11:]))
    check(not os.path.exists(os.path.join(bench.folder, "never")), "a result folder was left")

"""Sweeps as jobs of Slurm, on a Slurm of one node that the test starts (slurm.py), and what would
be submitted, for which no Slurm is needed."""
import os
import re
import shutil
import subprocess
import sys

from bench import check, csv_rows
from cases_sweeps import parallel_needed, results, runs, scenario, sweep
import slurm

TWELVE = """<sweep><vary parameter="alliance/@batch" values="1..3"/>
    <vary parameter="alliance/@batch-timeout" values="1ms,50ms"/></sweep>"""


def slurm_needed():
    missing = slurm.missing()
    if missing:
        print("  skipped: Slurm is not installed, as %s not found (Debian: apt install "
              "--no-install-recommends slurmctld slurmd munge)"
              % (" and ".join([", ".join(missing[:-1]), missing[-1]] if missing[:-1] else missing)
                 + (" are" if missing[1:] else " is")))
        sys.exit(77)


def shell_scripts(text):
    """The scripts of a dry run by name, without their #SBATCH lines."""
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1]
            for part in re.split(r"^# (?=slurm|how)", text, flags=re.M)[1:]}


def case_sweep_dry(bench):
    """--dry-run prints what would be run or submitted, and writes nothing."""
    place = os.path.join(bench.folder, "a sweep's place")
    os.mkdir(place)
    path = scenario(bench, TWELVE, 2, "a sweep's place/twelve")
    out = os.path.join(place, "out")
    done = sweep(bench, path, out, "--dry-run", "--quiet")
    commands = done.stdout.splitlines()
    check(len(commands) == 12 and done.stderr == "", "12 commands: %s" % done.stderr)
    check(not os.path.exists(out), "nothing is written")
    first = subprocess.run(["sh", "-c", commands[0]], capture_output=True, text=True)
    check(first.returncode == 0 and len(runs(out)) == 1, "a command is a run: %s" % first.stderr)
    done = sweep(bench, path, out, "--resume", "--dry-run")
    check(done.stdout.splitlines() == commands[1:], "what is missing: %s" % done.stdout)
    sweep(bench, path, out, "--dry-run", status=2)
    shutil.rmtree(out)
    setting = "--cfg=network/loopback-lat:1e-5"
    done = sweep(bench, path, out, "--dry-run", "--set", "alliance/@batch-timeout=2ms", setting)
    check(all("' --set alliance/@batch-timeout=2ms %s --set alliance/@batch=" % setting in line
              for line in done.stdout.splitlines()), "its options: %s" % done.stdout)
    check(done.stdout.count("/runs/") == 12 == len(set(done.stdout.split("/runs/"))) - 1,
          "12 folders: %s" % done.stdout)
    done = sweep(bench, path, out, "--slurm", "--dry-run", "--pack", "5", "-j", "3", "--seed", "6",
                 "--sbatch", "--array=1-3%2", "--sbatch", "--comment=it's for me",
                 env=dict(os.environ, PATH="/usr/bin:/bin"))
    check(not os.path.exists(out), "nothing is written")
    parts = shell_scripts(done.stdout)
    check(list(parts) == ["slurm.sh", "slurm-gather.sh", "how they are submitted"], list(parts))
    check("#SBATCH --array=1-3\n#SBATCH --cpus-per-task=3\n" in parts["slurm.sh"],
          parts["slurm.sh"])
    quoted = out.replace("'", "'\\''")
    check(parts["how they are submitted"] ==
          "cd '%s' || exit\nsbatch --parsable --array=1-3%%2 '--comment=it'\\''s for me' slurm.sh\n"
          "sbatch --parsable '--comment=it'\\''s for me' --dependency=afterany:JOB slurm-gather.sh\n"
          % quoted, parts["how they are submitted"])
    for name in ("slurm.sh", "slurm-gather.sh"):
        check(subprocess.run(["sh", "-n"], input=parts[name], text=True).returncode == 0, name)
    check("--seed 6 --gather --out '%s'" % quoted in parts["slurm-gather.sh"],
          parts["slurm-gather.sh"])
    for words in (["--gather", "--resume"], ["--pack", "3"], ["--sbatch", "--time=1"],
                  ["--slurm", "--sbatch", "long"], ["--slurm", "--pack", "0"], ["--gather"]):
        sweep(bench, path, out, *words, status=2)
        check(not os.path.exists(out), "nothing is written by %s" % words)
    done = sweep(bench, path, out + "-50%j", "--slurm", "--dry-run", status=2)
    check("a path without %" in done.stderr, done.stderr)
    done = bench.execute(["sweep", path, "--out", out, "--slurm"],
                         env=dict(os.environ, PATH="/nowhere"))
    check(done.returncode == 3 and "sbatch is not in PATH" in done.stderr and
          not os.path.exists(out), "without Slurm: %d %s" % (done.returncode, done.stderr))
    print("  " + done.stderr.strip())


def case_sweep_gathered(bench):
    """--gather makes no runs: a table of those that are there, the others are listed."""
    parallel_needed()
    path = scenario(bench, TWELVE.replace("1..3", "1,2"), 1, "gathered")
    out = os.path.join(bench.folder, "gathered")
    sweep(bench, path, out, "--quiet", "-j", "2")
    whole = results(out)
    left = csv_rows(out, "summary.csv")[2]["run_id"]
    shutil.rmtree(os.path.join(out, "runs", left))
    half = os.path.join(out, "runs", left + ".1-0.tmp")
    os.mkdir(half)
    done = sweep(bench, path, out, "--gather", status=1)
    check("  run 3 has no results: point 3 alliance/@batch=2 alliance/@batch-timeout=1ms, "
          "replication 0\n" in done.stderr, done.stderr)
    check(results(out) == whole[:3] + whole[4:] and len(runs(out)) == 4 and os.path.isdir(half),
          "the others, and nothing is touched")
    sweep(bench, path, out, "--resume", "--quiet")
    check(results(out) == whole, "made again")
    shutil.rmtree(os.path.join(out, "runs"))
    before = open(os.path.join(out, "summary.csv"), "rb").read()
    done = sweep(bench, path, out, "--gather", status=1)
    check(done.stderr.count(" has no results: ") == 4 and "nothing to collect" in done.stdout and
          open(os.path.join(out, "summary.csv"), "rb").read() == before, "nothing: %s" % done.stdout)
    sweep(bench, path, out, "--gather", "--seed", "9", status=2)


def submitted(bench, path, out, words, cluster):
    """The numbers of the array and of the job that gathers."""
    done = sweep(bench, path, out, "--slurm", *words, env=cluster.environment)
    found = re.match(r"job (\d+): (\d+) tasks? of up to (\d+) runs?; job (\d+) then writes (.*)\n$",
                     done.stdout)
    check(found and found[5] == os.path.join(out, "summary.csv"), "said: %s" % done.stdout)
    return found[1], int(found[2]), int(found[3]), found[4]


def case_slurm_sweep(bench):
    """12 runs as an array of packs: the table of the local sweep; held, cancelled and gone on with."""
    parallel_needed()
    slurm_needed()
    place = os.path.join(bench.folder, "it's for slurm")
    os.mkdir(place)
    path = scenario(bench, TWELVE, 2, os.path.join(place, "twelve"))
    local, out = (os.path.join(place, name) for name in ("local", "by slurm"))
    sweep(bench, path, local, "--quiet")
    cluster = slurm.Slurm()
    try:
        cluster.open()
        array, tasks, pack, gather = submitted(bench, path, out, ["--pack", "5"], cluster)
        check((tasks, pack) == (3, 5), "%d tasks of %d" % (tasks, pack))
        cluster.wait("the sweep", lambda: not cluster.queue())
        with open(os.path.join(out, "slurm", "gather_%s.log" % gather)) as file:
            said = file.read()
        check(said.startswith("12 of 12 runs, 0 of them ended wrongly: %s/summary.csv\n" % out), said)
        check(results(out) == results(local), "the tables differ")
        logs = sorted(os.listdir(os.path.join(out, "slurm")))
        check(logs == sorted(["jobs", "gather_%s.log" % gather] + [
            name % (array, task) for task in (1, 2, 3)
            for name in ("%s_%d.log", "joblog_%s_%d.tsv")]), "logs %s" % logs)
        taken = [open(os.path.join(out, "slurm", name)).read().count("\texec ")
                 for name in logs if name.startswith("joblog")]
        check(taken == [5, 5, 2], "runs of the tasks: %s" % taken)
        print("  jobs %s and %s: 3 tasks, 12 rows of %d columns are equal"
              % (array, gather, len(results(out)[0])))
        gone_on(bench, path, out, cluster)
    finally:
        cluster.close()


def gone_on(bench, path, out, cluster):
    """Runs that are missing are submitted again; not while the former ones are in the queue."""
    whole = results(out)
    for row in csv_rows(out, "summary.csv")[3:6]:
        shutil.rmtree(os.path.join(out, "runs", row["run_id"]))
    array, tasks, _, gather = submitted(bench, path, out, ["--resume", "--sbatch", "--hold"],
                                        cluster)
    check(tasks == 3, "a task a run by default: %d" % tasks)
    for words in (["--resume"], ["--resume", "--slurm"]):
        done = sweep(bench, path, out, *words, status=2, env=cluster.environment)
        check("Slurm's job %s is not through (scancel %s)" % (array, array) in done.stderr,
              done.stderr)
    print("  " + done.stderr.splitlines()[0])
    cluster.ask("scancel", array, gather)
    cluster.wait("an empty queue", lambda: not cluster.queue())
    submitted(bench, path, out, ["--resume", "-j", "2"], cluster)
    cluster.wait("the rest", lambda: not cluster.queue())
    check(results(out) == whole, "the tables differ")
    done = sweep(bench, path, out, "--slurm", "--resume", env=cluster.environment)
    check(done.stdout.startswith("12 of 12 runs"), "nothing to submit: %s" % done.stdout)

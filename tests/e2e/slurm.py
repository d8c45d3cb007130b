"""A Slurm of one node on the loopback address: munged, slurmctld and slurmd with a configuration,
keys, ports and state of their own in a temporary folder. Nothing of the machine's own Slurm, if it
has one, is touched; what was started is ended by its process number."""
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo")
CONFIGURATION = """ClusterName=ehrgrid
SlurmctldHost=%(host)s(127.0.0.1)
SlurmctldPort=%(control)d
SlurmdPort=%(node)d
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=%(folder)s/munge.socket
CredType=cred/munge
SlurmUser=%(user)s
SlurmdUser=%(user)s
StateSaveLocation=%(folder)s/state
SlurmdSpoolDir=%(folder)s/spool
SlurmctldPidFile=%(folder)s/slurmctld.pid
SlurmdPidFile=%(folder)s/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,bf_interval=1
KillWait=2
NodeName=%(host)s NodeHostname=%(host)s NodeAddr=127.0.0.1 CPUs=%(cpus)d State=UNKNOWN
PartitionName=main Nodes=%(host)s Default=YES MaxTime=10:00 State=UP OverSubscribe=NO
"""
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def missing():
    """Programs of Slurm and munge that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


def version():
    """(22, 5) of "slurm-wlm 22.05.8"."""
    said = subprocess.run([shutil.which("slurmctld", path=PATH), "-V"], capture_output=True,
                          text=True).stdout
    return tuple(int(number) for number in re.findall(r"(\d+)\.(\d+)", said)[0])


def ports(count):
    """Free ones."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return numbers


class Slurm:
    def __init__(self):
        self.folder = folder = tempfile.mkdtemp(prefix="ehrgrid-slurm-")
        self.started = []
        control, node = ports(2)
        for name in ("state", "spool"):
            os.mkdir(os.path.join(folder, name), mode=0o755)
        os.chmod(folder, 0o755)  # munged wants its socket to be reached by everybody
        with open(self.path("munge.key"), "wb") as file:
            file.write(os.urandom(128))
        os.chmod(self.path("munge.key"), 0o400)
        with open(self.path("slurm.conf"), "w") as file:
            file.write(CONFIGURATION % {
                "host": socket.gethostname().split(".")[0], "control": control, "node": node,
                "folder": folder, "user": pwd.getpwuid(os.geteuid()).pw_name,
                "cpus": os.cpu_count()})
        with open(self.path("cgroup.conf"), "w") as file:
            file.write("CgroupPlugin=%s\n" % ("disabled" if version() >= (23, 11)
                                              else "cgroup/v1"))
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("SLURM_", "SBATCH_", "SQUEUE_", "SINFO_"))}
        self.environment.update(SLURM_CONF=self.path("slurm.conf"), PATH=PATH)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *words):
        log = open(self.path(words[0] + ".log"), "wb")
        self.started.append(subprocess.Popen(words, env=self.environment, stdout=log, stderr=log,
                                             stdin=subprocess.DEVNULL, start_new_session=True))
        log.close()

    def ask(self, *words):
        return subprocess.run(words, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def wait(self, what, is_so, seconds=60):
        until = time.monotonic() + seconds
        while not is_so():
            dead = [one.args[0] for one in self.started if one.poll() is not None]
            if dead or time.monotonic() > until:
                raise RuntimeError("Slurm: %s, waiting for %s\n%s" % (
                    "%s ended" % dead if dead else "too slow", what, self.logs()))
            time.sleep(0.1)

    def logs(self):
        text = ""
        for one in self.started:
            with open(self.path(one.args[0] + ".log"), errors="replace") as file:
                text += "--- %s\n%s" % (one.args[0], file.read()[-2000:])
        return text

    def open(self):
        """Until the node is idle."""
        self.start("munged", "--foreground", "--num-threads=2",
                   "--key-file=" + self.path("munge.key"), "--socket=" + self.path("munge.socket"),
                   "--pid-file=" + self.path("munged.pid"), "--seed-file=" + self.path("munge.seed"),
                   "--log-file=" + self.path("munged.own"))
        self.wait("munge", lambda: os.path.exists(self.path("munge.socket")))
        self.start("slurmctld", "-D", "-f", self.path("slurm.conf"))
        self.start("slurmd", "-D", "-f", self.path("slurm.conf"))
        self.wait("the node", lambda: self.ask(
            "sinfo", "--noheader", "--format=%T").stdout.strip() == "idle")

    def queue(self):
        """Numbers of the jobs that wait or run."""
        done = self.ask("squeue", "--noheader", "--format=%i")
        return done.stdout.split() if done.returncode == 0 else ["?"]

    def close(self):
        if len(self.started) == 3 and self.queue() not in ([], ["?"]):
            self.ask("scancel", "--user=" + pwd.getpwuid(os.geteuid()).pw_name)
            until = time.monotonic() + 10
            while self.queue() not in ([], ["?"]) and time.monotonic() < until:
                time.sleep(0.1)
        for one in reversed(self.started):
            if one.poll() is None:
                one.send_signal(signal.SIGTERM)
        for one in reversed(self.started):
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

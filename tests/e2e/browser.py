"""A headless Chromium without a network, driven over a pipe (--remote-debugging-pipe: JSON texts that
end with NUL, the browser reads descriptor 3 and writes 4). What it says on consoles is kept."""
import base64
import json
import os
import select
import shutil
import subprocess
import time

from bench import Failed

NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser_find():
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One page; `errors` are what its console and its loading complained of, `requests` the URLs it
    asked for."""

    def __init__(self, folder, width=1200, height=900, dark=False):
        self.errors, self.requests, self.sent, self.rest = [], [], 0, b""
        self.answers, self.loaded, self.session = {}, False, None
        reads, self.writes = os.pipe()
        self.reads, writes = os.pipe()
        words = [browser_find(), "--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--remote-debugging-pipe", "--hide-scrollbars",
                 "--user-data-dir=" + os.path.join(folder, "browser"), "--no-first-run",
                 # there is no network: names resolve to nothing, and a proxy that is not there
                 "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
                 "--disable-background-networking", "--disable-component-update",
                 "--window-size=%d,%d" % (width, height), "about:blank"]
        self.log = open(os.path.join(folder, "browser.log"), "wb")

        def descriptors():
            copies = os.dup(reads), os.dup(writes)  # neither may be 3 or 4 meanwhile
            high = [os.dup(d) for d in copies]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, preexec_fn=descriptors, close_fds=False,
                                        start_new_session=True)
        os.close(reads)
        os.close(writes)
        target = self.call("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in target if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def close(self):
        for descriptor in (self.writes, self.reads):
            os.close(descriptor)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    # ---- the protocol ----

    def receive(self, timeout):
        """Takes one message in, False if there was none in time."""
        end = time.monotonic() + timeout
        while b"\0" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.reads], [], [], left)[0]:
                return False
            got = os.read(self.reads, 1 << 16)
            if not got:
                raise Failed("the browser ended")
            self.rest += got
        text, self.rest = self.rest.split(b"\0", 1)
        self.take(json.loads(text))
        return True

    def take(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if "id" in message:
            self.answers[message["id"]] = message
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.errors.append("exception: " + details.get("exception", {}).get(
                "description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
            self.errors.append("console: %s" % [a.get("value") for a in parameters["args"]])
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.errors.append("log: " + parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def call(self, method, timeout=60, **parameters):
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writes, json.dumps(message).encode() + b"\0")
        while self.sent not in self.answers:
            if not self.receive(timeout):
                raise Failed("the browser does not answer %s" % method)
        answer = self.answers.pop(self.sent)
        if "error" in answer:
            raise Failed("%s: %s" % (method, answer["error"]["message"]))
        return answer["result"]

    # ---- what a test wants ----

    def load(self, path, timeout=60):
        self.loaded = False
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while not self.loaded:
            if not self.receive(timeout):
                raise Failed("%s is not loaded" % path)

    def script(self, on):
        self.call("Emulation.setScriptExecutionDisabled", value=not on)

    def evaluate(self, expression):
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in done:
            raise Failed("%s: %s" % (expression, done["exceptionDetails"]["text"]))
        return done["result"].get("value")

    def click(self, selector):
        """Moves the mouse there and presses it, as a user does."""
        place = self.evaluate("(function () { var e = document.querySelector(%s); if (!e) return null;"
                              "e.scrollIntoView({block: 'center'}); var b = e.getBoundingClientRect();"
                              "return [b.x + b.width / 2, b.y + b.height / 2]; }())"
                              % json.dumps(selector))
        if place is None:
            raise Failed("nothing to click: %s" % selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left",
                      clickCount=1)

    def picture(self, path, selector=None):
        """A PNG of the whole page, or of an element."""
        clip = {}
        if selector:
            box = self.evaluate("(function () { var b = document.querySelector(%s)"
                                ".getBoundingClientRect(); return [b.x + scrollX, b.y + scrollY,"
                                "b.width, b.height]; }())" % json.dumps(selector))
            clip = {"clip": dict(zip(("x", "y", "width", "height"), box), scale=1)}
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, **clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

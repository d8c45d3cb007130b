"""scenarios/gallery/, scripts/gallery and docs/gallery.md."""
import glob
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from bench import ROOT, check

GALLERY = os.path.join(ROOT, "scenarios", "gallery")
DOCS = os.path.join(ROOT, "docs")
SCRIPT = os.path.join(ROOT, "scripts", "gallery")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def sections(page):
    parts = re.split(r"^## (\S+)\n", read(page), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def said(section):
    """What a section of the template says, in pieces between the numbers."""
    text = re.sub(r"<!-- .*? -->\n", "", section, flags=re.S)
    return re.split(r"\{\{.*?\}\}", text.strip(), flags=re.S)


def case_gallery(bench):
    """Every scenario of the gallery is valid with its sweep, opens with a question, and stands with its
    figure in the page, which says what the template says; and the other way round."""
    names = sorted(os.path.basename(p)[:-4] for p in glob.glob(os.path.join(GALLERY, "*.xml")))
    check(len(names) >= 10, "%d scenarios" % len(names))
    template, page = (sections(os.path.join(DOCS, n)) for n in ("gallery.in.md", "gallery.md"))
    figures = sorted(os.path.basename(p)[:-4]
                     for p in glob.glob(os.path.join(DOCS, "gallery", "*")))
    for what, found in (("gallery.in.md", template), ("gallery.md", page), ("figures", figures)):
        check(sorted(found) == names, "%s: %s, not %s" % (what, sorted(found), names))
    for name in names:
        path = os.path.join(GALLERY, name + ".xml")
        done = bench.execute(["validate", path])
        check(done.returncode == 0 and "its sweep, too" in done.stdout, done.stdout + done.stderr)
        question = re.search(r"<!-- (.*?\?)\s", read(path), re.S)
        check(question and '<sweep random="common">' in read(path), "%s: no question" % name)
        check(" ".join(question.group(1).split()) in page[name], "%s: another question" % name)
        check("(gallery/%s.svg)" % name in page[name], "%s: no figure" % name)
        figure = os.path.join(DOCS, "gallery", name + ".svg")
        check(ElementTree.parse(figure).getroot().tag.endswith("svg"), figure)
        rest = page[name]
        for piece in said(template[name]):
            check(piece in rest, "%s: the page does not say: %s" % (name, piece))
            rest = rest[rest.index(piece) + len(piece):]
    print("  %d scenarios" % len(names))


def gallery(bench, *words):
    return subprocess.run([sys.executable, SCRIPT, "--ehrgrid", bench.command] + list(words),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def case_gallery_run(bench):
    """One scenario, made small, through the script: page and figure are written, the same again from the
    runs that are there, and neither where a claim does not hold."""
    out, docs = (os.path.join(bench.folder, n) for n in ("out", "docs"))
    words = ["threshold", "--docs", docs, "-j", "2"]
    done = gallery(bench, *words, "--out", out, "--set", "run/@replications=1", "--set",
                   "sweep/vary[@parameter='alliance/@threshold']/@values=2,3")
    if done.returncode == 3:
        print("  skipped: " + done.stderr.strip())
        sys.exit(77)
    check(done.returncode == 1 and "threshold=6" in done.stderr, done.stderr)
    check(not os.path.exists(docs), "a page without what it says")
    words += ["--out", out + "-2", "--set", "run/@replications=3"]
    done = gallery(bench, *words)
    check(done.returncode == 0, done.stderr)
    written = [os.path.join(docs, "gallery.md"), os.path.join(docs, "gallery", "threshold.svg")]
    before = [read(path) for path in written]
    check("nothing opens with t = 6" in before[0] and "{{" not in before[0], before[0])
    for path in written:
        os.remove(path)
    done = gallery(bench, *words)
    check(done.returncode == 0 and [read(path) for path in written] == before, "others: " + done.stderr)

"""Scenarios broken in one place: every attribute, unit, reference and element of a valid one.

mutants(path) reads a scenario and yields one Mutant after another, always the same ones. The line is
counted here, not asked of a parser: the end of the start tag, as docs/formats/scenario.md promises.
"""
import collections
import os
import re
import xml.etree.ElementTree

from bench import ROOT

# kind of damage, what it did, the whole text, the line that has to be named, a pattern of the message
Mutant = collections.namedtuple("Mutant", "kind what text line message")
Tag = collections.namedtuple("Tag", "name start end line attributes parent closed")
Attribute = collections.namedtuple("Attribute", "name value start end")

TIME = r"\(ns us ms s min h d\)"
UNITS = ((re.compile(r"^[\d.]+(ns|us|ms|s|min|h|d)$"), TIME),
         (re.compile(r"^[\d.]+/(s|min|h)$"), r"\(/s /min /h\)"),
         (re.compile(r"^[\d.]+([kMG]i?)?B/s$|^[\d.]+[kMG]bps$"), r"\(B/s kB/s MB/s GB/s"))
HOSTS = ("hosts", "host", "server", "client-host", "from", "to", "node")
SPACE = "{http://www.w3.org/2001/XMLSchema}"


def required():
    """(element, attribute) of all that may not be left out, by the schema."""
    schema = xml.etree.ElementTree.parse(os.path.join(ROOT, "scenarios", "scenario.xsd")).getroot()
    named = {kind.get("name"): kind for kind in schema.findall(SPACE + "complexType")}
    found = set()
    for element in schema.iter(SPACE + "element"):
        kind = named.get(element.get("type"), element.find(SPACE + "complexType"))
        for attribute in kind.findall(SPACE + "attribute"):
            if attribute.get("use") == "required":
                found.add((element.get("name"), attribute.get("name")))
    return found


REQUIRED = required()
ONCE = ("platform", "run", "network", "storage", "crypto", "alliance", "records", "workload",
        "visits", "shares", "nodes", "doctors", "patients", "faults", "sweep")
NEEDED = ("platform", "alliance", "nodes", "doctors", "patients")


def absolute(text, folder):
    """Files are named from where the scenario stood."""
    def replaced(found):
        name, path = found.groups()
        if name == "costs" and path in ("default", "zero"):
            return found.group()
        return ' %s="%s"' % (name, os.path.normpath(os.path.join(folder, path)))
    return re.sub(r' (file|costs|directory)="([^"]*)"', replaced, text)


def tags_read(text):
    """The start tags in order; comments hold none."""
    hidden = re.sub(r"<!--.*?-->", lambda found: re.sub(r"[^\n]", "#", found.group()), text,
                    flags=re.S)
    tags, open_tags = [], []
    for found in re.finditer(r"<(/?)([\w-]+)((?:\s+[\w:-]+=\"[^\"]*\")*)\s*(/?)>", hidden):
        closing, name, attributes, empty = found.groups()
        if closing:
            open_tags.pop()
            continue
        begin = found.start(3)
        parts = [Attribute(part.group(1), part.group(2), begin + part.start(), begin + part.end())
                 for part in re.finditer(r"\s+([\w:-]+)=\"([^\"]*)\"", attributes)]
        tags.append(Tag(name, found.start(), found.end(), text.count("\n", 0, found.end()) + 1,
                        parts, open_tags[-1] if open_tags else None, bool(empty)))
        if not empty:
            open_tags.append(tags[-1])
    return tags


def with_value(text, attribute, value):
    return (text[:attribute.start] + ' %s="%s"' % (attribute.name, value) + text[attribute.end:])


def of_values(text, tag):
    for attribute in tag.attributes:
        if attribute.name.startswith(("xmlns", "xsi:")):
            continue
        name = r"/?@%s\b.*: " % attribute.name
        # Blanks and ends of lines are gone with the attribute, so its tag may end further up.
        line = tag.line - text[attribute.start:attribute.end].count("\n")
        what = "%s/@%s" % (tag.name, attribute.name)
        yield Mutant("value", what, with_value(text, attribute, ",?!"), line, name)
        yield Mutant("value", what + " empty", with_value(text, attribute, ""), line,
                     name + "empty: ")
        for pattern, units in UNITS:
            if not pattern.match(attribute.value):
                continue
            number = re.match(r"[\d.]+", attribute.value).group()
            for broken in (number, number + "parsec", number + " " + attribute.value[len(number):],
                           "-" + attribute.value, attribute.value[len(number):],
                           number + attribute.value[len(number):].upper() + "x"):
                yield Mutant("unit", "%s %s" % (what, broken), with_value(text, attribute, broken),
                             line, name + re.escape(broken) + ": .*" + units)
        if attribute.value.isdigit() and attribute.name not in ("name", "id", "values", "version"):
            for broken in ("99999999999999999999", attribute.value + ".5", "-1", "1e3", "0x1"):
                yield Mutant("number", "%s %s" % (what, broken),
                             with_value(text, attribute, broken), line, name + re.escape(broken))
        if (tag.name, attribute.name) in REQUIRED:
            yield Mutant("missing", what, text[:attribute.start] + text[attribute.end:], line,
                         name + "missing: ")


def of_references(text, tag):
    for attribute in tag.attributes:
        what = "%s/@%s" % (tag.name, attribute.name)
        line = tag.line - text[attribute.start:attribute.end].count("\n")
        def broken(value, message):
            return Mutant("reference", what, with_value(text, attribute, value), line,
                          "@%s: %s" % (attribute.name, message))
        if attribute.name in HOSTS:
            yield broken("nowhere-1", "nowhere-1, which is no host: one of the platform's")
        if attribute.name in ("hosts", "client-host", "from", "to", "node"):
            yield broken("nowhere-*", r"nowhere-\*, which matches no host: ")
        elif attribute.name == "consensus":
            yield broken(attribute.value + "x", ".*did you mean %s" % attribute.value)
        elif attribute.name in ("file", "costs", "directory"):
            yield broken("/no/such/file", "/no/such/file, which does not exist: ")
        elif attribute.name in ("hospital", "data-user") and tag.name in ("crash", "revoke"):
            yield broken("nobody", "nobody: the id of a ")
        elif attribute.name == "chain" and tag.name == "ordering":
            yield broken("nobody", "nobody: alliance, or the id of a hospital")
        elif attribute.name == "name" and tag.name == "link":
            yield broken("nowhere", "nowhere, which is no link: ")
        elif attribute.name == "victim":
            yield broken("nobody", "nobody: a client as in nodes.csv")


def end_of(text, tag):
    """Where the element ends."""
    if tag.closed:
        return tag.end
    return text.index("</%s>" % tag.name, tag.end) + len(tag.name) + 3


def of_elements(text, tag):
    name_end = tag.start + 1 + len(tag.name)
    end = end_of(text, tag)
    yield Mutant("attribute", tag.name, text[:name_end] + ' colour="red"' + text[name_end:],
                 tag.line, "unknown attribute colour: ")
    if tag.attributes and tag.parent:
        twice = text[tag.attributes[0].start:tag.attributes[0].end]
        yield Mutant("attribute", tag.name + " twice", text[:name_end] + twice + text[name_end:],
                     tag.line, "XML: Attribute %s redefined" % tag.attributes[0].name)
        first = tag.attributes[0]
        yield Mutant("attribute", tag.name + " without a quote",
                     text[:first.end - 1] + text[first.end:], None, "XML: ")
        yield Mutant("entity", tag.name, with_value(text, first, "&nobody;"), tag.line,
                     "XML: Entity 'nobody' not defined")
    if not tag.parent:
        other = text.replace("urn:ehrgrid:scenario:1\" xmlns:xsi", "urn:ehrgrid:scenario:9\" xmlns:xsi")
        yield Mutant("namespace", tag.name, other, tag.line, "document element: <scenario> in the "
                     "namespace urn:ehrgrid:scenario:9: ")
        yield Mutant("doctype", tag.name, text[:tag.start] + "<!DOCTYPE scenario>\n" +
                     text[tag.start:], text.count("\n", 0, tag.start) + 1, "DOCTYPE: ")
        return
    parent = tag.parent
    whole = text[tag.start:end]
    renamed = re.sub(r"(</?)%s\b" % tag.name, r"\1nonsense", whole)
    yield Mutant("element", tag.name + " renamed", text[:tag.start] + renamed + text[end:],
                 tag.line, "element nonsense: ")
    yield Mutant("text", tag.name, text[:tag.start] + "once " + text[tag.start:], parent.line,
                 "%s: text \"once\": " % parent.name)
    if tag.name in NEEDED and parent.name != "sweep":
        yield Mutant("element", tag.name + " left out", text[:tag.start] +
                     "\n" * whole.count("\n") + text[end:], parent.line,
                     "no element %s: exactly one" % tag.name)
    if tag.name in ONCE:
        yield Mutant("element", tag.name + " twice", text[:end] + whole + text[end:],
                     text.count("\n", 0, end) + 1 + text.count("\n", tag.start, tag.end),
                     "%s: given again: once" % tag.name)
    if not tag.closed:
        yield Mutant("end", tag.name + " not closed", text[:end - len(tag.name) - 3] + text[end:],
                     None, "XML: Opening and ending tag mismatch: %s" % tag.name)
    identifier = [a for a in tag.attributes if a.name == "id"]
    if identifier and tag.name in ("hospital", "data-user"):
        yield Mutant("id", tag.name + " twice", text[:end] + whole + text[end:],
                     text.count("\n", 0, end) + 1 + text.count("\n", tag.start, tag.end),
                     "@id: %s: an id of its own" % identifier[0].value)


def mutants(path):
    with open(path, encoding="utf-8") as file:
        text = absolute(file.read(), os.path.dirname(os.path.abspath(path)))
    seen = {text}
    for tag in tags_read(text):
        for kind in (of_values, of_references, of_elements):
            for mutant in kind(text, tag):
                if mutant.text not in seen:
                    seen.add(mutant.text)
                    yield mutant


def truncations(path, count):
    """The first bytes of it, cut at `count` places that are as far from each other as they can."""
    with open(path, "rb") as file:
        text = absolute(file.read().decode(), os.path.dirname(os.path.abspath(path))).encode()
    whole = text.rindex(b">")  # what comes later may be missing
    for i in range(count):
        part = text[:whole * i // count + (i > 0)]
        yield Mutant("truncated", "after %d of %d bytes" % (len(part), len(text)), part, None, "")

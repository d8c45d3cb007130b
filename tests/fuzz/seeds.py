#!/usr/bin/env python3
"""Writes the fuzzers' seeds, made from the known-answer vectors and the shipped scenarios:

    tests/fuzz/seeds.py OUT

OUT/<object>/<number>-<case> is one input of fuzz_<object>: the number of the operation, what the
target reads before the object, and the object (README.md). Cases that must be refused are seeds
too. The same vectors give the same files. OUT/scenario.dict: the words of scenarios.xsd.
"""
import json
import os
import re
import sys
import xml.etree.ElementTree

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VECTORS = os.path.join(ROOT, "tests", "vectors", "ehrgrid")
SCENARIOS = os.path.join(ROOT, "scenarios")
SEED_BYTES_MAX = 4000


def cases(construction, *ops):
    with open(os.path.join(VECTORS, construction + ".json"), encoding="utf-8") as stream:
        for case in json.load(stream)["cases"]:
            if case["op"] in ops:
                yield case["name"], case["op"], case["in"], case["out"]


def b(text):
    return bytes.fromhex(text)


def u(value, width):
    return value.to_bytes(width, "little")


def part(value):
    return u(len(value), 2) + value


def modelled(value, *points):
    """The object with points that the modelled group accepts: numbers below 2^248."""
    value = bytearray(value)
    for offset in points:
        if offset + 32 <= len(value):
            value[offset + 31] = 0
            value[offset] |= 1
    return bytes(value)


def certificate():
    for name, _, given, out in cases("cert", "chain_verify"):
        revoked = b((given["revoked"] + [bytes(32).hex()])[0])
        chain = b"".join(part(b(cert)) for cert in given["certs"])
        terms = u(given["role"], 1) + u(given["now"], 8) + b(given["root_id"]) + revoked
        for fix in (0, 7, 11, 13, 14, 15, 31) if out else (0,):
            yield f"{name} {fix}", bytes([0, fix]) + terms + chain
        chain = b"".join(part(modelled(b(cert), 96)) for cert in given["certs"])
        yield f"{name} modelled", bytes([0x80, 15]) + terms + chain
    for name, op, given, out in cases("cert", "idx_cert_verify", "node_key_verify"):
        index = op == "idx_cert_verify"
        owner = b(given["doctor_id" if index else "node_id"]) + \
            b(given["doctor_pk" if index else "node_pk"])
        for fix in (0, 3) if out else (0,):
            yield f"{name} {fix}", (bytes([1 if index else 2, fix]) + owner + u(given["epoch"], 8) +
                                    b(given["cert"]))
        yield f"{name} modelled", (bytes([0x81 if index else 0x82, 3]) + owner + bytes(8) +
                                   modelled(b(given["cert"]), 40))
    for name, _, given, out in cases("cert", "cert_revoke"):
        for fix in (0, 1):
            yield f"{name} {fix}", (bytes([3, fix]) + bytes(32) + b(given["cert_id"]) +
                                    u(given["height"], 8) + u(given["reason"], 1) + b(out["sig"]))


def card():
    for name, _, given, _ in cases("card", "card_check"):
        yield name, (bytes([0]) + b(given["n"]) + b(given["doctor_id"]) + b(given["nonce"]) +
                     b(given["hid"]) + b(given["hospital_pk"]) + u(given["now"], 8) +
                     b(given["box"]))
    for name, _, given, _ in cases("card", "card_show"):
        plain = b("".join(given[key] for key in ("m", "V", "O", "C", "F", "card"))) + bytes(64)
        for fix in (0, 15, 23, 27, 29, 30, 31):
            yield f"{name} {fix}", bytes([1, fix]) + u(100, 8) + plain
        yield f"{name} modelled", (bytes([0x81, 31]) + u(100, 8) +
                                   modelled(plain, 32, 64, 96, 128))
    for name, _, given, _ in cases("box", "box_open"):
        yield name, bytes([2]) + b(given["n"]) + b(given["ctx"]) + b(given["box"])
    for group in (0, 0x80):
        yield "altered", bytes([group + 3]) + bytes(range(64)) + bytes([32, 1, 5, 0, 1])
        yield "unaltered", bytes([group + 3]) + bytes(range(64)) + bytes([64, 0])
    seed = next(given["seed"] for _, _, given, _ in cases("card", "patient_keys"))
    for name, _, given, _ in cases("pseudonym", "pseudonym_detect"):
        for fix in (0, 1, 3):
            yield f"{name} {fix}", (bytes([4, fix]) + b(seed) + b(given["hid"]) +
                                    b(given["pseudonym"]))
        yield f"{name} modelled", (bytes([0x84, 3]) + b(seed) + b(given["hid"]) +
                                   modelled(b(given["pseudonym"]), 0, 32, 64))


def record():
    for name, _, given, _ in cases("record", "record_open"):
        yield name, (bytes([0]) + b(given["q"]) + b(given["P"]) + b(given["hid"]) +
                     b(given["sealed"]))
    for name, _, given, _ in cases("record", "record_seal"):
        text = b(given["plaintext"])
        for edits in (b"", bytes([0, 0, 0]), bytes([1, 40, 0, 1]), bytes([0, 1, 0]),
                      bytes([0, 2, 1])):
            for group in (0, 0x80):
                yield f"{name} {edits.hex()}", bytes([group + 1, len(edits)]) + edits + text
    for length in (0, 1, 255, 256, 300):
        size = 256 if length < 256 else 288 if length < 288 else 304
        padded = (bytes([65]) * length + b"\x80").ljust(size, b"\0")
        for fix in (0, 1, 2):
            for group in (0, 0x80):
                yield f"padded {length} {fix}", bytes([group + 2, fix]) + padded
        yield f"not padded {length}", bytes([2, 0]) + padded.replace(b"\x80", b"\x81")


def grant_points(proxies):
    return (19, 51, 147, 259, 291) + tuple(323 + 32 * i for i in range(proxies))


def grant():
    for name, _, given, out in cases("grant", "grant_verify"):
        for fix in (0, 1) if out else (0,):
            yield f"{name} {fix}", bytes([0, fix]) + b(given["grant"])
        yield f"{name} modelled", (bytes([0x80, 1]) +
                                   modelled(b(given["grant"]), *grant_points(b(given["grant"])[2])))
    for name, _, given, _ in cases("grant", "kfrag_open"):
        rk = u(12345, 32)
        for fix in (0, 1 | 2 | 8, 15):
            yield f"{name} {fix}", (bytes([1, fix, given["j"]]) + b(given["node_key"]) + rk +
                                    b(given["grant"]))
        yield f"{name} modelled", (bytes([0x81, 15, given["j"]]) + bytes(32) + rk +
                                   modelled(b(given["grant"]), *grant_points(b(given["grant"])[2])))
    for name, _, given, out in cases("grant", "scope"):
        scope = b("".join(given["td_coms"]))
        yield name, bytes([2, given["purpose"], 0]) + u(len(given["td_coms"]), 2) + scope
    for name, _, given, out in cases("grant", "revoke_sign"):
        yield name, bytes([3, 1]) + bytes(32) + b(given["grant_id"]) + u(given["height"], 8)


def share():
    for name, op, given, _ in cases("combine", "combine_open", "combine"):
        sealed = b(given["sealed" if op == "combine_open" else "head"])
        yield name, (bytes([0]) + b(given["y"]) + part(b(given["grant"])) + part(sealed) +
                     b"".join(part(b(cfrag)) for cfrag in given["cfrags"]))
    for name, _, given, _ in cases("reencrypt", "cfrag_verify"):
        yield name, (bytes([0]) + u(1, 32) + part(b(given["grant"])) + part(b(given["head"])) +
                     part(b(given["cfrag"])))
    for group in (0, 0x80):
        for how in ([0], [1, 1, 40, 0, 1], [1, 1, 32, 0, 2], [1, 1, 120, 0, 1], [2, 3]):
            for edit in ([0], [1, 80, 0, 1], [1, 150, 0, 1], [1, 210, 0, 1], [0, 9]):
                yield f"blame {how} {edit}", bytes([group + 2, 1, 1] + how + edit)
    for threshold in (2, 3, 4):
        for how in ([0], [1, 1, 40, 0, 1], [1, 1, 120, 0, 1], [2, 3], [3, 7]):
            first = bytes([0] + how)
            rest = b"".join(bytes([j, 0]) for j in range(1, threshold))
            for group in (0, 0x80):
                yield (f"{threshold} of 4 {how}",
                       bytes([group + 1, threshold - 2, threshold]) + first + rest)


def private_entry(tx):
    return tx[36:68] + tx[172:212] + tx[212 + 16 * int.from_bytes(tx[74:76], "little"):]


def block_proof():
    """Of a block of three transactions, one refused; four members, three signed."""
    header = bytearray(b(next(out["header"] for _, _, _, out in cases("quorum", "block_header"))))
    header[112:116] = u(3, 4)
    certificate_bytes = b"QCT1" + bytes(32) + u(4, 2) + bytes([0b1011]) + bytes(3 * 64)
    return (bytes(header) + bytes(32) + u(1, 2) + bytes([2]) + u(len(certificate_bytes), 4) +
            certificate_bytes)


def anchor():
    return b"ANC1" + bytes(32) + block_proof() + bytes(64)


def transactions():
    for name, _, given, out in cases("private_tx", "ptx_verify"):
        doctors = [b(doctor["cert_id"]) + b(doctor["ed_pk"]) for doctor in given["doctors"]]
        terms = b(given["hid"]) + u(given["epoch"], 8) + b"".join((doctors + [bytes(64)] * 2)[:2])
        for fix in (0, 3) if out else (0,):
            yield f"{name} {fix}", bytes([0, fix]) + terms + b(given["tx"])
        yield f"{name} modelled", bytes([0x80, 3]) + terms + modelled(b(given["tx"]), 76, 108, 140)
        if out:
            yield f"{name} entry", bytes([5]) + private_entry(b(given["tx"]))
    for name, _, given, out in cases("alliance_tx", "atx_verify"):
        terms = (b(given["hid"]) + b(given["hospital_pk"]) + b(given["block_hash"]) +
                 b(given["merkle_root"]) + u(given["height"], 8))
        for fix in (0, 7, 11, 13, 14, 15) if out else (0,):
            yield f"{name} {fix}", bytes([1, fix]) + terms + b(given["tx"])
        yield f"{name} modelled", bytes([0x81, 15]) + terms + modelled(b(given["tx"]), 44, 76, 108)
    for fix in (0, 1):
        yield f"anchor {fix}", bytes([2, fix]) + bytes(32) + anchor()
    _, _, given, _ = next(cases("grant", "grant_verify"))
    for scope in (b"\2\0\0\0", b"\2\0\1\0" + bytes(32)):
        yield f"grant {len(scope)}", (bytes([3]) + b"GTX1" + bytes(32) + u(len(scope), 4) + scope +
                                      b(given["grant"]))
    sized = u(len(b(given["grant"])), 4) + b(given["grant"])
    for count in (1, 2, 3):
        yield f"grants {count}", (bytes([10]) + b"GBT1" + u(count, 2) + u(4, 4) + b"\2\0\0\0" +
                                  (bytes(32) + sized) * count)
        yield f"answers {count}", (bytes([11]) + u(count, 2) + bytes([1]) + u(7, 4) + bytes(36) +
                                   sized + bytes(4) + (bytes([17]) + bytes(48)) * (count - 1))
    for count in (0, 64, 65):
        yield f"empty grants {count}", (bytes([10]) + b"GBT1" + u(count, 2) + u(0, 4) +
                                        bytes(36) * count)
        yield f"empty answers {count}", bytes([11]) + u(count, 2) + bytes(49) * count
    for group in (0, 0x80):
        for kinds in (b"\0\0", b"\0\1", b"\1\1"):
            yield f"scope {group}", (bytes([group + 12, 1]) + b"TDR1" + bytes(range(68)) + kinds +
                                     bytes(range(160)))
    yield "scope box", bytes([12, 0]) + bytes(120)
    for count in (0, 1, 2, 64):
        yield f"query log {count}", (bytes([13]) + b"QLG1" + bytes(32) + u(count, 2) +
                                     b"".join(i.to_bytes(32, "big") for i in range(count)))
    yield "revoke", bytes([4]) + b"RVK1" + bytes(104)
    for name, _, _, out in cases("cert", "cert_issue"):
        revoke = b"CRV1" + b(out["cert"]) + u(7, 8) + u(1, 1) + bytes(64)
        for fix in (0, 1, 3):
            yield f"revoke {name} {fix}", bytes([9, fix, 1]) + bytes(64) + revoke
        yield f"revoke {name} modelled", (bytes([0x89, 3, 2]) + bytes(64) +
                                          modelled(revoke, 4 + 96))
    for name, _, _, out in cases("index", "query"):
        yield name, bytes([6]) + b(out["query"])
    for name, _, given, _ in cases("index", "keyword"):
        yield name, bytes([7]) + b(given["utf8"])
    for name, _, _, out in cases("index", "labels_pack"):
        yield name, bytes([8]) + b(out.get("packed", ""))


def blocks():
    for name, _, _, out in cases("quorum", "block_header"):
        yield name, bytes([0]) + b(out["header"])
    for name, _, given, out in cases("quorum", "qc_verify"):
        keys = b"".join(b(key) for key in given["members"])
        terms = u(given["threshold"], 1) + b(given["digest"])
        block = 4 if given["label"] == "sig-block" else 0
        if len(given["members"]) > 40:
            continue
        yield name, (bytes([1, block, len(given["members"])]) + terms + keys + b(given["qc"]))
        if out:
            for group in (0, 0x80):
                yield (f"{name} signed",
                       bytes([group + 1, 7, len(given["members"])]) + terms + b(given["qc"]))
    for kind, fix in ((2, 0), (2, 1), (0x82, 1)):
        yield f"proof {kind} {fix}", bytes([kind, fix, 3, 3]) + bytes(32) + anchor()
    _, _, _, out = next(cases("alliance_tx", "atx_make"))
    atx = b(out["tx"])
    hit = part(atx) + u(5, 4) + bytes([3]) + bytes(96) + block_proof()
    for fix, rest in ((1, b"\0"), (1, bytes([1, 20, 0, 1])), (0, bytes(16)), (0, bytes(48))):
        yield f"authenticator {fix} {len(rest)}", bytes([4, fix, 2, 3, 1]) + bytes(32) + rest
    for count in (0, 1, 2):
        yield f"hits {count}", bytes([3]) + u(count, 2) + hit * count


def scenario():
    """As they are, and with an override of one of their attributes."""
    for folder, folders, names in os.walk(SCENARIOS):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".xml"):
                continue
            with open(os.path.join(folder, name), "rb") as stream:
                text = stream.read()
            # From the folder of scenarios, as the target calls its input.
            text = re.sub(rb'"(\.\./)+platforms', b'"../platforms', text)
            title = os.path.relpath(os.path.join(folder, name), SCENARIOS)
            yield title, text
            yield title + " set", b"--set alliance/@batch=7\n" + text


OBJECTS = {function.__name__: function for function in
           (certificate, card, record, grant, share, transactions, blocks, scenario)}


def dictionary(path):
    """The words of the schema, and what values and paths are made of."""
    schema = xml.etree.ElementTree.parse(os.path.join(SCENARIOS, "scenario.xsd")).getroot()
    space = "{http://www.w3.org/2001/XMLSchema}"
    words = {"{}", "..", " step ", "xsi:schemaLocation=", "--set ", "[@id='", "']/@", "f+1"}
    words.update("<%s " % e.get("name") for e in schema.iter(space + "element"))
    words.update(' %s="' % a.get("name") for a in schema.iter(space + "attribute"))
    words.update('"%s"' % v.get("value") for v in schema.iter(space + "enumeration"))
    words.update("ns us ms s min h d /s /min /h B/s kB/s MB/s GB/s KiB/s MiB/s GiB/s kbps Mbps "
                 "Gbps B kB MB GB KiB MiB GiB".split())
    with open(path, "w", encoding="ascii") as stream:
        for word in sorted(words):
            stream.write('"%s"\n' % word.replace("\\", "\\\\").replace('"', '\\"'))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, function in OBJECTS.items():
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        count = size = 0
        for case, seed in function():
            if len(seed) > SEED_BYTES_MAX:
                continue
            title = re.sub(r"[^a-z0-9]+", "-", case.lower()).strip("-")
            with open(os.path.join(folder, f"{count:03d}-{title}"), "wb") as stream:
                stream.write(seed)
            count += 1
            size += len(seed)
        print(f"{name}: {count} seeds, {size} bytes")
    dictionary(os.path.join(sys.argv[1], "scenario.dict"))


if __name__ == "__main__":
    main()

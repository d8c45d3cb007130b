"""What the public header declares."""
import re

COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
EXPORTED = re.compile(r"\bEHR_API\b(?!\s*__attribute__)[^;{]*?\b(\w+)\s*\(")
# A declaration in the first column: `type name(`, without typedef, static or EHR_API.
PLAIN = re.compile(r"^(?!typedef|static|EHR_API|#)[a-z][\w *]*?\b(\w+)\s*\(", re.M)


def read(path):
    with open(path, encoding="utf-8") as stream:
        return COMMENTS.sub(" ", stream.read())


def exported(text):
    """Names of the functions that are declared EHR_API."""
    return set(EXPORTED.findall(text))


def not_exported(text):
    """Functions that are declared but cannot be linked."""
    return set(PLAIN.findall(text))

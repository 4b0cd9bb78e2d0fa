# The public headers as data: functions, enumerators, structs. They hold only
# what a binding can read, so a few lines read them.

import glob
import os
import re

from common import TOP, read

# Floors 5 to 8: liblvs-director.
DIRECTOR = {"config.h", "control.h", "director.h", "ev.h", "model.h",
            "rules.h"}


def paths():
    return sorted(glob.glob(f"{TOP}/include/lvs/*.h"))


def plain(text):
    """Declarations only: no comments, no preprocessor, no extern "C"."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", " ", text, flags=re.S)
    return re.sub(r"^[ \t]*#.*$", " ", text, flags=re.M)


def tidy(text):
    """One spelling for a declaration, whatever its line breaks."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s*\*\s*", " *", text).replace("* *", "**")
    text = re.sub(r"\(\s+", "(", text)
    return re.sub(r"\s*([,)])", r"\1", text).replace("( *", "(*")


def split(text):
    """Parameters: cut at the commas that are outside parentheses."""
    parts, depth, part = [], 0, ""
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    return [tidy(p) for p in parts + [part]]


class Function:
    def __init__(self, result, name, params, header):
        self.result = tidy(result)
        self.name = name
        self.params = params
        self.header = header
        self.director = header in DIRECTOR

    def __str__(self):
        return tidy(f"{self.result} {self.name}({', '.join(self.params)})")


def functions():
    found = []
    for path in paths():
        text = re.sub(r"\{[^{}]*\}", "{}", plain(read(path)))
        for statement in text.split(";"):
            match = re.match(r"\s*([\w\s*]+?)(\blvs_\w+)\s*\((.*)\)\s*$",
                             statement, flags=re.S)
            if match:
                found.append(Function(match[1], match[2], split(match[3]),
                                      os.path.basename(path)))
    return found


def enumerators():
    """Name and written value, in the headers' order."""
    found = []
    for path in paths():
        for body in re.findall(r"enum\s+\w+\s*\{(.*?)\}", plain(read(path)),
                               flags=re.S):
            for item in filter(None, map(str.strip, body.split(","))):
                match = re.fullmatch(r"(LVS_\w+)\s*=\s*(-?\w+)", item)
                found.append((match[1], int(match[2], 0)) if match
                             else (item, None))
    return found


def structs():
    """The structs that have a body: what a caller allocates."""
    found = []
    for path in paths():
        found += re.findall(r"struct\s+(lvs_\w+)\s*\{", plain(read(path)))
    return found

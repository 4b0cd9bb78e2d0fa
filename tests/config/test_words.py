#!/usr/bin/python3
# lvsd.conf(5) names every word that the configuration knows: those that are
# read, those that are not built yet and those without effect.

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "contract"))
from common import TOP, Tap, read  # noqa: E402


def page():
    """The .Ic words of each section of the page."""
    found, section = {}, ""
    for line in read(f"{TOP}/man/lvsd.conf.5").splitlines():
        head = re.match(r"\.(?:Ss|Sh) (.*)", line)
        if head:
            section = head[1]
        if re.match(r"\.(Ic|It Ic|It Inside|\w+ .*\bIc)\b", line):
            words = found.setdefault(section, set())
            words.update(re.findall(r"[A-Za-z_][\w-]*", line))
    return found


def tables(pattern, text):
    """The quoted words of every table whose name fits."""
    return [word for table in re.findall(pattern + r"\[\] = \{(.*?)\n\};",
                                         text, flags=re.S)
            for word in re.findall(r'^\s*(?:\{\s*)?"([\w-]+)"(?=,)|"([\w-]+)",',
                                   table, flags=re.M)
            for word in word if word]


def keywords(text):
    """The first word of each line of the tables of keywords."""
    return [word for table in re.findall(
                r"struct lvs__(?:keyword|level_word) \w+\[\] = \{(.*?)\n\};",
                text, flags=re.S)
            for word in re.findall(r'\{"(\w+)",\s', table)]


def main():
    tap = Tap()
    sections = page()
    folder = f"{TOP}/lib/config"
    words = read(f"{folder}/later.c")
    tables_of = {name: keywords(read(f"{folder}/{name}"))
                 for name in ("keepalived.c", "levels.c", "node.c",
                              "virtual.c")}
    read_ones = sum(tables_of.values(), [])
    everywhere = set().union(*sections.values())
    for section, pattern in (("Not built yet", r"lvs__later_\w+"),
                             ("Without effect", r"lvs__ignored_\w+")):
        listed = tables(pattern, words)
        missing = sorted(set(listed) - sections[section])
        tap.ok(len(listed) > 20 and not missing,
               f"{section}: the page names all of later.c",
               f"{len(listed)} words, missing: {missing}")
    missing = sorted(set(read_ones) - everywhere)
    tap.ok(all(tables_of.values()) and not missing,
           "the page names every word that is read",
           f"found: {tables_of}, missing: {missing}")
    tap.done()


main()

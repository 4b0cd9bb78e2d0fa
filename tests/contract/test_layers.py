#!/usr/bin/python3
# The floors of lib/LAYERS, over every #include of lib/ and of the public
# headers; and that a name of the house is one thing in all of its rooms.

import glob
import os
import re

from common import TOP, Tap, read

# <lvs/x.h> belongs to the floor that implements it.
PUBLIC = {
    "base": "base/", "addr": "base/", "packet": "base/",
    "service": "service/", "conn": "conn/", "balancer": "balancer/",
    "backend": "backend/", "monitor": "monitor/", "lvs": "monitor/",
    "model": "model/", "director": "director/", "config": "config/",
    "rules": "config/", "ev": "ev", "control": "control/",
}


def floors():
    """Room to (floor, apart); room to its folders, lowest first."""
    rooms, folders = {}, {}
    for line in read(f"{TOP}/lib/LAYERS").splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "in":
            folders[words[1]] = words[2:]
            continue
        apart = words[1] == "apart"
        for room in words[1 + apart:]:
            rooms[room] = (int(words[0]), apart)
    return rooms, folders


def room_of(path, rooms):
    """The room of a path under lib/: its folder, else its module."""
    folder = path.split("/")[0] + "/" if "/" in path else None
    module = re.sub(r"\.[ch]$", "", path)
    for room in (folder, module, f"{module}/"):
        if room in rooms:
            return room
    return None


def target(word, path, rooms):
    """The room that an #include reaches, None for the system's."""
    match = re.fullmatch(r"<lvs/(\w+)\.h>", word)
    if match:
        room = PUBLIC.get(match[1])
        return room if room in rooms else (room or "?").rstrip("/")
    name = word[1:-1]
    if word[0] == "<" or name == "config.h":
        return None
    beside = os.path.join(os.path.dirname(path), name)
    return room_of(beside if os.path.exists(f"{TOP}/lib/{beside}") else name,
                   rooms)


def allowed(room, other, rooms):
    if other == room:
        return True
    floor, apart = rooms[room]
    above = rooms.get(other, (99, False))[0]
    return above < floor or (above == floor and not apart)


def reached(file, room, path, rooms):
    """What a file includes though its floor forbids it."""
    for word in re.findall(r'^\s*#\s*include\s+([<"][^>"]+[>"])',
                           read(file), flags=re.M):
        other = target(word, path, rooms)
        if other is not None and not allowed(room, other, rooms):
            yield f"{room} reaches {other} by {word}"


def climbs(file, path, folders):
    """What a file includes from a higher folder of its own room."""
    room = path.split("/")[0] + "/"
    order = [room + folder for folder in folders.get(room, ())]
    above = None
    for folder in order:
        if above is not None:
            above.append(folder)
        elif path.startswith(folder):
            above = []
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', read(file),
                           flags=re.M):
        if any(name.startswith(folder) for folder in above or ()):
            yield f"{path} reaches {name}"


def meanings(files):
    """What each tag of lib/ and of the headers is, and where; with the inner
    functions that bear the name of one (a public getter may)."""
    found = {}
    for file in files:
        text, path = read(file), os.path.relpath(file, TOP)
        for kind, name in re.findall(
                r"^(struct|enum|union) (lvs_\w+)\s*\{", text, flags=re.M):
            found.setdefault(name, set()).add(f"{kind} in {path}")
        if not path.endswith(".h"):
            continue
        for name in re.findall(r"^(?!#|\s|/|struct \w+;)[^;{}()]*?"
                               r"\b(lvs__\w+)\(", text, flags=re.M):
            found.setdefault(name, set()).add("a function")
    return found


def main():
    tap = Tap()
    rooms, folders = floors()
    files = glob.glob(f"{TOP}/lib/**/*.[ch]", recursive=True)
    tap.ok(len(files) > 20, "the files of lib/ are found")
    for file in sorted(files):
        path = os.path.relpath(file, f"{TOP}/lib")
        room = room_of(path, rooms)
        if room is None:
            tap.ok(False, f"lib/{path} has a room in lib/LAYERS")
            continue
        bad = list(reached(file, room, path, rooms)) + \
            list(climbs(file, path, folders))
        tap.ok(not bad, f"lib/{path} stays on its floor", "\n".join(bad))
    for room, names in folders.items():
        tap.ok(all(os.path.isdir(f"{TOP}/lib/{room}{name}") for name in names),
               f"the folders of lib/{room} are there")
    for file in sorted(glob.glob(f"{TOP}/include/lvs/*.h")):
        name = os.path.basename(file)[:-2]
        if name == "lvs":
            continue  # all of liblvs in one include
        bad = list(reached(file, PUBLIC[name], "", rooms))
        tap.ok(not bad, f"<lvs/{name}.h> stays on its floor", "\n".join(bad))
    found = meanings(sorted(files + glob.glob(f"{TOP}/include/lvs/*.h")))
    twice = [f"{name}: {', '.join(sorted(what))}"
             for name, what in sorted(found.items()) if len(what) > 1]
    tap.ok(len(found) > 200 and not twice,
           f"each of {len(found)} names of the house is one thing",
           "\n".join(twice))
    tap.done()


main()

#!/usr/bin/python3
# Makes lvs/_declarations.py out of the public headers: comments and the
# preprocessor's lines go, what remains is what cffi reads. Run it when a
# header has changed: generate.py INCLUDE-FOLDER > lvs/_declarations.py

import re
import sys

# In the order of their includes.
HEADERS = ("base", "addr", "service", "conn", "packet", "balancer", "backend",
           "monitor")


def declarations(folder):
    text = ""
    for name in HEADERS:
        with open(f"{folder}/lvs/{name}.h", encoding="utf-8") as file:
            text += file.read()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
    text = re.sub(r"^[ \t]*#.*$", "", text, flags=re.M)
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def main():
    print('"""liblvs as C declares it; made by generate.py, not by hand."""')
    print(f'\nTEXT = """\\\n{declarations(sys.argv[1])}\n"""')


if __name__ == "__main__":
    main()

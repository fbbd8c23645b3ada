"""The C reference page: every public function and type with the comment that stands above it.

usage: python3 header_reference.py include/fqp/*.h
"""
import os
import re
import sys

ORDER = "base array config expr data model train monitor store report recipe".split()


def clean(comment):
    body = re.sub(r"^/\*|\*/$", "", comment.strip())
    return " ".join(line.strip().lstrip("*").strip() for line in body.splitlines()).strip()


def entries(text):
    """Yield (comment, declaration): a comment serves every declaration up to the next blank line."""
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
    token = re.compile(
        r"(?P<comment>/\*.*?\*/)|(?P<api>^FQP_API[^;]*;)|(?P<type>typedef (?:struct|enum) \w+ \{.*?\} \w+;)|(?P<gap>\n\s*\n)",
        re.S | re.M,
    )
    comment = ""
    for found in token.finditer(text):
        if found["comment"]:
            comment = clean(found["comment"])
        elif found["gap"]:
            comment = ""
        else:
            yield comment, found["api"] or found["type"]


def page(path):
    text = open(path, encoding="utf-8").read()
    head = re.match(r"/\*.*?\*/", text, re.S)
    name = os.path.basename(path)
    print(f"\n## {name}\n")
    print(clean(head[0]).split(" - ", 1)[-1] if head else "")
    for comment, declaration in entries(text[head.end() if head else 0:]):
        code = declaration.replace("FQP_API ", "").strip()
        print(f"\n```c\n{code}\n```")
        if comment:
            print(comment)


def main():
    print("# C interface\n\nGenerated from the headers by `make docs`; include `<fqp.h>`, link `-lfqp`.")
    stems = {os.path.splitext(os.path.basename(p))[0]: p for p in sys.argv[1:]}
    for stem in sorted(stems, key=lambda s: ORDER.index(s) if s in ORDER else 99):
        page(stems[stem])


if __name__ == "__main__":
    main()

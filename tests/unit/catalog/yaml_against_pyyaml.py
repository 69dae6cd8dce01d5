# SPDX-License-Identifier: Apache-2.0
# Gives the same small documents to PyYAML's safe loader and to our reader, and compares what they say.
"""usage: yaml_against_pyyaml.py YAML_TO_JSON [--verbose]

Exit code 0: equal but for the differences listed below; 1: not.
"""
import datetime
import json
import math
import os
import random
import re
import subprocess
import sys

import yaml

SCALARS = """
123 0x1f 017 0b11 1_000 12:30 +1 -1 0 -0 08 09 0o17 0x 0x_ 0b 0b2 0b_ 0_ 00 1__0 _1 1_ 190:20:30 1:60 1:5 -1:30 1:2:3:4
1.5 .5 5. 1.0e+3 .inf .nan -.inf +.inf -.nan .Inf .INF .iNF .NaN .NAN 09.1 1e3 1.0e3 1.0e-3 1.e+3 .5e+3 -.5 +.5 1_0.5_
.5_5 ._5 1:30.5 1:30.5e+3 1.2.3 1,000 . .. ... -. + - 1.0e+ 1.0E+3 1E+3 685.230_15e+03 1e+3 99999999999999999999
-9223372036854775808 9223372036854775807 18446744073709551615 18446744073709551616 0xffffffffffffffff 1.0e+999
2024-01-01 2024-1-1 2024-01-01T00:00:00Z 2024-13-01 2024-02-30 2024-02-29 2023-02-29 2024-1-1T1:00:00 2024-01-01t00:00:00
2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43.1-5 2024-01-01T24:00:00Z 2024-01-01T00:00 0000-01-01 2024-01-01T00:00:00+1:00
yes no on off true false Yes No On Off True False YES NO ON OFF TRUE FALSE yEs y n Y N tRUE
null ~ Null NULL nULL ~~ << = <<< == <
a a/b a-b a.b a_b a:b a::b :a -a ?a --a a#b a,b 'q' "q" 'it''s' "\\x41" "\\u00e9" "a\\/b" "\\q" "\\U0001F600" '' ""
"\\_x" "\\N" "\\L\\P" "\\e" "\\0" "\\xZZ" "\\t" 'a\\nb' "\\ud800"
@a `a %a &a *a !a |a >a {a [a ]a }a ,a a] a} a{ a[ a@b a`c a%b a&b a*b a!b a|b a>b a"b a'b !! ! !!str !!int !!null
\u00e9 \u6a21\u578b \U0001F600 a\u2060b \u00a0 a\u00a0b
""".split()
SCALARS = [s.replace("\\u2060", "\u2060").replace("\\u00a0", "\u00a0") for s in SCALARS]
SCALARS += [
    "", "a b", "a  b", "a: b", "a:  b", "a #b", "a # b", "# b", "- a", "? a", ": a", "2024-01-01 00:00:00",
    "2001-12-14 21:59:43.10 -5", "2001-12-14 21:59:43 ", '"a b"x', "'a' b", '"a": b', "'a' # c", "'a'#c", "a\t", "\ta",
    "a\tb", "'a\tb'", '"a\tb"', "'a'\t", "a\t#c", "a # c\td", "!!str 123", "!!str", "!!str ~", '!!int "3"', "!!int 3",
    "!!int x", "!!float 3", "!!float x", "!!bool yes", "!!bool x", "!!bool 'Yes'", "!!null ''", "!!null x",
    "!!timestamp 2024-01-01", "!!timestamp x", "!!binary aGk=", "!!str [a]", "!!seq [a]", "!!map {a: b}", "!!set {a, b}",
    "!!omap [a: b]", "!!pairs [a: b, a: c]", "!!seq {a: b}", "!!map [a]", "!!python/name:os.system", "!foo x",
    "!!python/object/apply:os.system [x]", "!<tag:yaml.org,2002:str> 3", "! 3", '! "3"', "! x", "!!foo x", "!<!x> y",
    "&a 1", "&a x", "&a", "&a-b_9 x", "&a.b x", "&a&b x", "&a &b x", "!!str &a 1", "&a !!str 1", "&a ! 1",
    "[a, b]", "[a, b,]", "[a,, b]", "[]", "{}", "{a: b}", "{a: b,}", "{a, b}", "{a: , b: }", "[a: b]", "[a: b, c]",
    "[a:b]", "{a:b}", '{"a":b}', "{'a':b}", "[a,b]", "[a b, c]", "{a: [b, {c: d}]}", "[[a], {b: c}]", "{a: b]", "[a}",
    "[a", "{a", "{a: b, a: c}", "{? a : b}", "[? a : b]", "{[a]: b}", "{{a: b}: c}", "{1: a, 1: b}", "{yes: a, true: b}",
    "{~: a, null: b}", "{1: a, 01: b}", "{: a}", "{a: b: c}", "[a # c\n, b]", "[a,\n b]", "[a\nb]", "[a,\n\tb]", "[-a, - b]",
    "[?a]", "[a?b]", "[:a]", "[a:]", "{a:}", "[a::b]", "{<<: {a: b}, c: d}", "{<<: [{a: b}, {a: c}], d: e}",
    "{<<: {a: b}, a: c}", "{a: c, <<: {a: b}}", "{<<: 1}", "{<<: [1]}", "{<<: []}", "{<<: }", "{<<: {<<: {a: b}}}",
    "{<<: {a: 1}, <<: {a: 2}}", "{'<<': {a: b}}", "{=: a}", "{a: =}", "{a: <<}", "{2024-01-01: a}", "{.inf: a}", "{1.5: a}",
    "|\n    text\n", "|-\n    text\n", "|+\n    text\n\n", ">\n    a\n    b\n\n    c\n", "|2\n      text\n", "|\n", ">-\n    a\n      b\n    c\n",
    "|\n    a\tb\n", "| # c\n    a\n", "|#c\n    a\n", "|\t\n    a\n", "|x\n    a\n", "|0\n    a\n", "|1-\n    a\n", "|-1\n    a\n", "\n    a\n    b",
    "a\n    b", "a\n    'b'", "a\n    b: c", "a\n    # c\n    b", "a # c\n    b", "a\n\n    b", "'a\n    b'", '"a\n    b"', '"a\\\n    b"',
    '"a\n\n    b"', "'a\nb'", '"a\n--- b"', "'a\n... '", "a\n    - b", "a\n  'it's", "a\n  [b", "[a, 'b\n  c']", "a\n    \tb",
    "|\n    a\n   b\n", "|\n     a\n    b\n", "|\n\n    a\n", "|\n      \n    a\n", "|\n    a\n\tb\n", "|\n  \ta\n",
]
TEMPLATES = ["{}", "k: {}", "- {}", "k:\n  {}", "k:\n- {}", "- - {}", "- k: {}\n  l: m", "{}: v", "- {}: v", "[{}]", "{{k: {}}}", "{{{}: v}}",
             "k: {}\nl: m\n", "--- {}\n", "--- {}\n...\n"]
DOCUMENTS = """

#c
---
---\\n...
...
--- a
--- a\\n--- b
a: 1\\n---\\nb: 2
a: 1\\n---
a: 1\\n---\\n
a: 1\\n...
a: 1\\n...\\n
a: 1\\n...\\n...
a: 1\\n...\\nb: 2
a: 1\\n...\\n---
a: 1\\n... # c
---\\n---
%YAML 1.2\\n--- yes
%YAML 1.1\\n---\\na: yes
%YAML 2.0\\n--- a
%YAML 1.1\\n%YAML 1.1\\n--- a
%YAML 1.2\\na: b
%TAG !x! tag:yaml.org,2002:\\n--- !x!str 1
%TAG ! tag:yaml.org,2002:\\n--- !str 1
%TAG !! !foo\\n--- !!str 1
%FOO bar\\n--- a
%
a: b\\n%YAML 1.2
\ufeffa: b
a: \ufeffb
a: b\\r\\nc: d\\r\\n
a: b\\rc: d
a: b\u0085c: d
key:value
key: value: more
a: b\\n  c: d
a: b\\n c
a:\\n- b\\n- c
a:\\n - b\\n- c
a:\\n  b: c\\n d: e
a:\\n\\tb: c
\\ta: b
a: b\\n\\t
a: b\\n\\t\\n
a: b\\n  \\t\\n
a: b \\t
- a\\n\\t- b
-\\ta
- \\ta
a:\\tb
?\\ta
- a\\n-b
-a
- a\\n - b
- - a\\n  - b\\n- c
- a: b\\n  c: d\\n- e
- a: b\\n c: d
- a: b\\n   c: d
? a\\n: b
? a
? [a]\\n: b
? {a: b}\\n: c
? - a\\n: b
? |\\n  a\\n: b
? a\\n? b
: a
a: b\\na: c
a: b\\n"a": c
a: &x 1\\nb: *x
a: &x [1, 2]\\nb: *x\\nc: *x
a: &x 1\\nb: &x 2
a: *x
a: &x\\nb: *x
&x a: b\\nc: *x
&x a: b\\n*x : c
*x : c
&m {a: b}\\n
&a [*a]
&a {k: *a}
&a [[*a]]
&a [b, *a, *a]
a: &a {b: *a, c: *a}\\nd: *a
&a {*a : b}
base: &b {x: 1, y: 2}\\nd:\\n  <<: *b\\n  y: 3
base: &b {x: 1, y: 2}\\nd:\\n  y: 3\\n  <<: *b
b: &b {x: 1}\\nc: &c {x: 2, z: 3}\\nd:\\n  <<: [*b, *c]
b: &b {x: 1}\\nd:\\n  <<: [*b, 1]
b: &b [1]\\nd:\\n  <<: *b
b: &b {x: 1}\\nd: &d {<<: *b, y: 2}\\ne: {<<: *d}
&a {<<: *a}
a: !!str\\nb: c
a: !!str
- !!str
!!str
!!int
!
- !
- ! a
a: !foo
!!map\\na: b
!!seq\\n- a
--- !!map {a: b}
--- |\\n a
--- |\\na
--- >\\n a\\n b
--- "a"
--- [a]
--- # c\\na: b
---a: b
--- a: b
---\\ta
a: |\\n  b\\n c
a: |\\n  b\\nc: d
a: |\\n\\n  b
a: |\\n   \\n  b
a: |3\\n   b
a: |\\n  b\\n\\n\\n
a: |+\\n  b\\n\\n\\nc: d
a: |-\\n  b\\n\\n\\nc: d
a: >\\n  b\\n  c\\n\\n  d\\n    e\\n  f
a: |\\n  # no comment\\n  b
a: |\\n # comment\\nb: c
a:\\n  |\\n  b
a: b # c
a: b#c
a: 'b' #c
a: 'b'c
a: "b" "c"
a: [b] c
a: {b: c} d
a: [b]\\n  c
[a]: b
{a: b}: c
[a, b]: c
"a": b
'a' : b
a : b
a :b
a:  b
a : : b
a b: c
a\\nb: c
a\\n b: c
"a\\nb": c
? "a\\n  b"\\n: c
[a\\n]: b
a: [\\nb\\n]
a: [\\n b,\\n c\\n]
a: {\\n b: c\\n}
a: [\\n]\\nb: c
[\\na\\n]
{a: b,\\nc: d}
[a,\\n--- b]
[a, #c\\nb]
[a,#c\\nb]
[a#b]
[a #b]
a: 'b\\n\\n  c'
a: "b\\n  c\\n\\n\\n  d"
a: "b \\\\\\n  c"
a: 'b\\nc'
a: "b\\nc: d"
a: "b
a: 'b
a: "b\\n
'a'
"a" # c
a
1
~
yes
- 
-
- -
- - 
-\\n-
-\\n a
- a\\n-\\n- b
a:
a:\\nb:
a:\\n  \\nb: c
a:\\n #c\\n  b: c
#a\\nb: c #d\\n#e
  a: b
  a: b\\n  c: d
  a: b\\nc: d
a: b\\n\\n\\nc: d
a: -
a: - b
a: ?
a: ? b
a: ,
a: ,b
a: b,
a: ]
a: }
a: :b
a: b:
a: b::
a: ::
a: #
a: #b
a: !
a: &
a: *
a: %
a: @
a: `
a: |
a: >
a: "
a: '
{
}
[
]
,
:
?
- ?
? ?
&
*
|
>
!<
!<x
!<x>
!!
!a!b c
!a! b
a: !!str !!int 1
a: &x &y 1
a: &x *x
a: &x 1\\nb: &y *x
a: &x
&x
- &x
- &x\\n- *x
&x\\na: b
&x - a
&x\\n- a
a: &x\\n  b: c\\nd: *x
a: &x - b
{a: &x b, c: *x}
{a: &x b, c: *x, d: *x}
[&x a, *x]
[*x]
{*x : a}
{&x a: b, c: *x}
{? }
{?}
{? , a}
[? ]
[?]
[? a]
[,]
[a,]
{,}
{a:}
{a: b, , c}
{a b: c}
{a\\n: b}
{a\\n b: c}
{"a"\\n: b}
{"a" : b}
{"a":[b]}
{a:[b]}
{a:{b: c}}
[a:[b]]
["a":b]
["a" :b]
[a :b]
{a :b}
[a, b: c, d]
[[a]: b]
[{a: b}: c]
[ : a]
{ : a}
{a: 'b\\nc'}
{a: b\\nc: d}
{a: b\\n\\n  c}
[a\\n\\n  b]
[\\ta]
{a: b}\\t
{a: b}\\nc
{a: b}\\n---
[a]\\n[b]
a: b\\n[c]
a: b\\n- c
- a\\nb: c
- a\\nb
a: b\\nc
a: "b"\\nc
a: 1\\n b: 2
a:\\n    b: c\\n  d: e
a:\\n  - b\\n c: d
a: [b,\\nc]
a: [b,\\n c]
a:\\n  'b'\\n  'c'
a:\\n  'b'\\n: c
a: ? b\\n   : c
? a : b
? a: b\\n: c
? a: b
- ? a\\n  : b
- ? a : b
? - a\\n  - b\\n: - c
a: <<
<<: a
<<: {a: b}
- <<
=: a
a: =
- =
a: >\\n  b\\n  \\x20
a: >\\n  b\\n \\x20
a: >\\n  b\\n   \\x20
a: >\\n  b\\n\\n  \\x20
a: |\\n  b\\n  \\x20
a: |\\n  b\\n   \\x20
a: |+\\n  b\\n  \\x20
a: >-\\n \\x20
c:\\n  m:\\n  {q: 1}
c:\\n  m:\\n  {q: 1}\\n
models:\\n[{key: a}]
models:\\n[{key: a}]\\n
models:\\n[]\\n
c:\\n  m:\\n  !!str q: 1
c:\\n  m:\\n  !!int 3: 1\\n
a: !!str # c\\n# d
a: !!foo # c
a: "b\u2028c"
a: b\u2028  c
a: |\\n  b\u2029c
""".strip("\n").split("\n")
DOCUMENTS = [d.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("\\x20", "") for d in DOCUMENTS]

# What yaml-cpp refuses and PyYAML reads: each is an error with a place, never another meaning.
STRICTER = re.compile(
    r"""\\ud800          # half a surrogate pair
      | [\[{]\?          # "?" in a flow collection without a blank
      | (^|-[ ])\?$      # an explicit key without a key, at the end
      | [\[{]a:[\[{]     # no blank between ":" and a flow collection
      | &\w+:           # an anchor without a blank before ":"
      | &a[ ]{<<:[ ]\*a  # a mapping merged into itself
      | [\u2028\u2029]  # line breaks that are not folded
    """, re.X)
# What PyYAML refuses and we read: a document of "..." alone, ":" glued to a plain text in a flow collection.
LENIENT = re.compile(r"^\s*\.\.\.|[\[{ ]:a", re.X)


def random_documents(count):
    """Short soups of the tokens that matter to a scanner; the seed is fixed so that a failure comes again."""
    rng = random.Random(20250611)
    pieces = ["a", "b", "c", " ", "  ", "\n", "\n  ", "\n    ", ": ", ":", "- ", "? ", "[", "]", "{", "}", ", ", ",", "'", '"', "#", " #",
              "|\n", ">\n", "&x ", "*x", "!!str ", "1", "~", "---", "...", "\t", "<<", "\\", "%", "@", "\n- ", "\na: ", "\nb: ", "k: ", "'q'", '"q"']
    return ["".join(rng.choice(pieces) for _ in range(rng.randint(2, 9))) for _ in range(count)]


def key_text(key):
    if isinstance(key, str):
        return key
    if key is None:
        return "!!null"
    if isinstance(key, bool):
        return "!!bool " + ("true" if key else "false")
    if isinstance(key, int):
        return "!!int " + str(key)
    return "!!" + {float: "float", bytes: "binary"}.get(type(key), "timestamp")


def plain(value, above=()):
    """The value as our reader spells it; texts of special values are left out."""
    if id(value) in above:
        return None
    if isinstance(value, dict):
        return {key_text(k): plain(v, above + (id(value),)) for k, v in value.items()}
    if isinstance(value, set):
        return {"!!set": {key_text(k): None for k in value}}
    if isinstance(value, list):
        if value and all(isinstance(v, tuple) for v in value):
            return {"!!pairs": [{key_text(k): plain(v, above)} for k, v in value]}
        return [plain(v, above + (id(value),)) for v in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {"!!timestamp": 0}
    if isinstance(value, bytes):
        return {"!!binary": 0}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if -2**63 < value < 2**64 else {"!!int": 0}
    return value if math.isfinite(value) else {"!!float": 0}


def ours(value):
    if isinstance(value, dict):
        if len(value) == 1:
            (name, inner), = value.items()
            if name in ("!!timestamp", "!!binary", "!!int", "!!float"):
                return {name: 0}
            if name == "!!omap":
                return {"!!pairs": ours(inner)}
        return {(k.split(" ")[0] if k.startswith(("!!float", "!!timestamp", "!!binary")) else k): ours(v) for k, v in value.items()}
    if isinstance(value, list):
        return [ours(v) for v in value]
    return value


def same(a, b):
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(a, (int, float)) and isinstance(b, (int, float)) and math.isclose(a, b, rel_tol=1e-12)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b


def main():
    table = [t.format(s) for s in SCALARS for t in TEMPLATES] + DOCUMENTS
    soup = set(random_documents(6000)) - set(table)
    documents = [d for d in dict.fromkeys(table + sorted(soup)) if d]
    reply = subprocess.run([sys.argv[1]], input="\0".join(documents).encode(), capture_output=True, check=True)
    lines = reply.stdout.decode().rstrip("\n").split("\n")
    assert len(lines) == len(documents), (len(lines), len(documents))
    different = stricter = quick = 0
    for document, line in zip(documents, lines):
        mine = json.loads(line)
        quick += mine["quick"]
        if "differs" in mine:
            print(f"our two readers differ: {document!r}\n    {line}")
            different += 1
        try:
            theirs = {"value": plain(yaml.safe_load(document))}
        except (yaml.YAMLError, ValueError, RecursionError, AttributeError, TypeError, KeyError, IndexError) as error:
            theirs = {"error": str(error).replace("\n", " ")}
        if "error" in mine and "error" in theirs:
            continue
        if "value" in mine and "value" in theirs and same(ours(mine["value"]), theirs["value"]):
            continue
        kind = "we refuse" if "error" in mine else "we accept" if "error" in theirs else "values differ"
        # Soup may be refused by us alone; it must never be read in another way.
        if kind == "we refuse" and (STRICTER.search(document) or document in soup):
            stricter += 1
            continue
        if kind == "we accept" and LENIENT.search(document):
            continue
        print(f"{kind}: {document!r}\n    ours   {line}\n    PyYAML {theirs}")
        different += 1
    print(f"{len(documents)} documents, {different} differences, {stricter} refused by us alone, "
          f"{quick} taken by the quick reader")
    return 1 if different or quick < len(documents) // 20 else 0


if __name__ == "__main__":
    sys.exit(main())

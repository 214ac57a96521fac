"""The published spike tables of the hippocampal memory: counts, hashes, and the first one line by line."""

LISTED = ("CC", "NC", "CD", "CI", "C2", "N2", "MC", "MN", "OC", "ON")
NAMES = ("CueS1", "ContS1", "Cond", "Int", "CueS2", "ContS2", "MergeCue", "MergeCont")
COUNTS = {
    1: (10, 42, 34, 13, 15, 34, 15, 42, 15, 42),
    2: (45, 251, 194, 75, 102, 194, 102, 251, 102, 251),
    3: (32, 38, 38, 36, 48, 38, 48, 38, 48, 38),
}
HASHES = {
    1: "4944406fbb3f958961d70574cd730f293607b3d6a74107ec9b43248a591d8881",
    2: "01733ac8f6dbc879f6f21c04c64c8c7fb9b9acf955afc61bad4036d4b2bf15df",
    3: "c09c64da9e716afc264c61ce89d2d5f335028f6dccda746663abf61ab0846047",
}
GOLDEN = """
1: CC 0; NC 0,1,8,9
2: CD 0,1,8,9; CI 0
3: CC 0; NC 0,1,8,9; C2 0; N2 0,1,8,9
4: CD 0,1,8,9; CI 0; MC 0; MN 0,1,8,9
5: C2 0; N2 0,1,8,9; OC 0; ON 0,1,8,9
6: MC 0; MN 0,1,8,9
7: OC 0; ON 0,1,8,9
11: CC 4; NC 1,5,6
12: CD 1,5,6; CI 0
13: CC 4; NC 1,5,6; C2 4; N2 1,5,6
14: CD 1,5,6; CI 0; MC 4; MN 1,5,6
15: C2 4; N2 1,5,6; OC 4; ON 1,5,6
16: MC 4; MN 1,5,6
17: OC 4; ON 1,5,6
21: CC 3; NC 4,5,6
22: CD 4,5,6; CI 0
23: CC 3; NC 4,5,6; C2 3; N2 4,5,6
24: CD 4,5,6; CI 0; MC 3; MN 4,5,6
25: C2 3; N2 4,5,6; OC 3; ON 4,5,6
26: MC 3; MN 4,5,6
27: OC 3; ON 4,5,6
31: CC 0
32: NC 0,1,8,9
33: CI 0; C2 0
34: MC 0
35: MN 0,1,8,9; OC 0
36: ON 0,1,8,9
41: NC 6
42: CD 6; CI 0
43: N2 6
44: C2 3,4; MN 6
45: MC 3,4; ON 6
46: OC 3,4
51: NC 0,4
52: CD 0,4; CI 0
53: N2 0,4
54: C2 0,3; MN 0,4
55: MC 0,3; ON 0,4
56: OC 0,3
61: CC 3; NC 1,3,4,8
62: NC 5,6; CD 1,3,4,8; CI 0
63: CC 3; NC 1,3,4,8; CD 5,6; C2 3; N2 1,3,4,8
64: CD 1,3,4,8; CI 0; N2 5,6; MC 3; MN 1,3,4,8
65: C2 3; N2 1,3,4,8; MN 5,6; OC 3; ON 1,3,4,8
66: MC 3; MN 1,3,4,8; ON 5,6
67: OC 3; ON 1,3,4,8
71: CC 3
72: NC 1,3,4,8
73: CI 0; C2 3
74: MC 3
75: MN 1,3,4,8; OC 3
76: ON 1,3,4,8
81: NC 6
82: CD 6; CI 0
83: N2 6
84: C2 4; MN 6
85: MC 4; ON 6
86: OC 4
"""

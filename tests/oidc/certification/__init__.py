"""The modules of the OpenID Foundation's conformance suite, told again as tests.

`suite.py` is the suite's side: its clients, what its browser does, what it looks at. The other
files hold one function for each module, under the module's own name.
"""

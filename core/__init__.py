"""Models, exact traces and the independent checks beside them: no web page, no pyplot, no
network.
"""

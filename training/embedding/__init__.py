"""The face embedding network: who is held back, the teacher, the training and the export.

In come photographs, out go weights that tell people apart; nobody's name is an output of the network.
"""

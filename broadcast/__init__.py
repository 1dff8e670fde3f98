"""Today's numbers and the state of the cameras, sent to an MQTT broker whenever they change.

Nothing is counted here: the numbers are those of dashboard.numbers. What is sent is retained, so that whoever
subscribes later has them at once.
"""

"""Gaps in moto's SQS.

    constant_time  calls whose time does not depend on a queue's depth
    hung_up        long polls whose consumer has disconnected

`constant_time` leaves FIFO queues to moto.
"""

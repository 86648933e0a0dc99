"""Sending what parked messages stand for: the events of records that the stream's function could not tell of."""

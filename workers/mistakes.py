"""Errors whose class says that the person at the terminal can mend them."""


class UserMistake(Exception):
    """Something the user can put right; its text says what is wrong, where, and what to do."""

"""Pages for support leads: who waits where, until when, and why."""

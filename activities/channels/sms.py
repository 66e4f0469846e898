"""SMS."""

from activities.channels.texting import Texting


class Sms(Texting):
    """Numbers as they are."""

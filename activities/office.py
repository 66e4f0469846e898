"""What every letter takes from the installation: its secret, and the web address of its links."""

from dataclasses import dataclass

from activities.dkim import Signer
from store.seal import Seal


@dataclass(frozen=True)
class Office:
    """``public_url``: where customers reach this Wayfare, without a slash at the end. ``dkim`` signs letters, unless
    the company's mail server does."""

    seal: Seal
    public_url: str
    dkim: Signer | None = None

    def stop_link(self, send_key: str) -> str:
        """Where the customer says, by a link in one message, what they want to hear."""
        return f"{self.public_url}/u/{self.seal.token('unsubscribe', send_key)}"

    def answer_link(self, send_key: str, score: int | None) -> str:
        """Where a score of the question in one message leads; None: where it is answered in words."""
        return f"{self.public_url}/a/{self.seal.token('answer', send_key, score)}"

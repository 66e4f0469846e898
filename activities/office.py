"""What every letter takes from the installation: its secret, and the web address of its links."""

from dataclasses import dataclass

from store.seal import Seal


@dataclass(frozen=True)
class Office:
    """``public_url``: where customers reach this Wayfare, without a slash at the end."""

    seal: Seal
    public_url: str

    def stop_link(self, send_key: str) -> str:
        """Where the customer says, by a link in one message, what they want to hear."""
        return f"{self.public_url}/u/{self.seal.token('unsubscribe', send_key)}"

"""What every letter takes from the installation: its secret, and the web address of its links."""

from dataclasses import dataclass

from activities.dkim import Signer
from journey.company import Company, address_of
from store.seal import Seal


@dataclass(frozen=True)
class Office:
    """``public_url``: where customers reach this Wayfare, without a slash at the end. ``dkim`` signs letters, unless
    the company's mail server does."""

    seal: Seal
    public_url: str
    dkim: Signer | None = None
    tag: str = ""
    """A header line that the provider gives back in its reports, with the letter's key; '' if it needs none."""

    def stop_link(self, send_key: str) -> str:
        """Where the customer says, by a link in one message, what they want to hear."""
        return f"{self.public_url}/u/{self.seal.token('unsubscribe', send_key)}"

    def return_path(self, company: Company, send_key: str) -> str:
        """The sender in the envelope of one message (RFC 5321), to which reports about it come."""
        return self.seal.address(send_key, company.returns) if company.returns else address_of(company.mail_from)

    def reply_to(self, company: Company, send_key: str) -> str | None:
        """Where answers to one message go: to an address of its own if replies come to our door, too."""
        if company.returns and company.reply_to in (None, company.returns):
            return self.seal.address(send_key, company.returns)
        return company.reply_to

    def click_link(self, send_key: str, number: int) -> str:
        """Where a tracked link of one message leads first."""
        return f"{self.public_url}/c/{self.seal.token('click', send_key, number)}"

    def picture(self, send_key: str) -> str:
        """The picture that tells that one message was opened."""
        return f"{self.public_url}/o/{self.seal.token('open', send_key)}.gif"

    def answer_link(self, send_key: str, score: int | None) -> str:
        """Where a score of the question in one message leads; None: where it is answered in words."""
        return f"{self.public_url}/a/{self.seal.token('answer', send_key, score)}"

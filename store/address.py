"""What counts as an e-mail address, one rule for the doors and for sending."""

import email_validator
from email_validator import EmailNotValidError, validate_email

# By this list the library refuses .test, .local, .invalid and the like. Shops put them in place of addresses they do
# not have, and internal networks use them; refusing the address would refuse the purchase. The mail server decides.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def ascii_address(value: str) -> str:
    """The address as mail servers take it (international domains as ASCII). Raises ValueError with a sentence."""
    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    if "." not in found.domain and found.domain != "localhost":
        raise ValueError("Its domain has no dot.")
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"

"""WhatsApp, by a provider that speaks as Twilio does.

Outside a conversation that the customer began within a day, WhatsApp takes only texts that it has approved; any other
is refused (63016), and the message goes by the next channel.
"""

from activities.channels.texting import Texting


class WhatsApp(Texting):
    """Numbers are marked."""

    mark = "whatsapp:"

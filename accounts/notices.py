"""Who hears of the acts of accounts."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import MailServer
from record.models import Act
from record.notices import Recipient, tells


@tells("mail_server.test")
def whoever_asked_for_it(act: Act, server: MailServer) -> Iterator[Recipient]:
    if act.actor_id is not None:
        yield Recipient(act.actor_id, "accounts/mail_test")

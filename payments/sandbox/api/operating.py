"""What an operator sets in the dashboard: endpoints, event destinations, the schedule of payouts. Only read here;
a control changes it.
"""

from django.conf import settings

from .. import params as read
from ..store import API_VERSION, settings_now, stamp

MADE = 1_767_225_600


def endpoints(request, found):
    read.known(found, {"limit", "starting_after", "ending_before", "expand"})
    how = settings_now()
    endpoint = {
        "id": "we_offline",
        "object": "webhook_endpoint",
        "api_version": how["endpoint_version"] or API_VERSION,
        "application": None,
        "created": MADE,
        "description": None,
        "enabled_events": how["endpoint_events"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": how["url"] or settings.WEBHOOK_URL,
    }
    return {"object": "list", "data": [endpoint], "has_more": False, "url": "/v1/webhook_endpoints"}


def destinations(request, found):
    read.known(found, {"limit", "include", "page"})
    how = settings_now()
    destination = {
        "id": "ed_offline",
        "object": "v2.core.event_destination",
        "created": stamp(MADE),
        "updated": stamp(MADE),
        "description": "",
        "enabled_events": how["destination_events"],
        "event_payload": "thin",
        "livemode": False,
        "name": "Accounts",
        "status": "enabled",
        "type": "webhook_endpoint",
    }
    return {"data": [destination], "next_page_url": None, "previous_page_url": None}


def balance_settings(request, found):
    read.known(found, {"expand"})
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": True,
            "payouts": {
                "minimum_balance_by_currency": None,
                "schedule": {"interval": settings_now()["payout_interval"]},
                "statement_descriptor": None,
                "status": "enabled",
            },
            "settlement_timing": {"delay_days": 2},
        },
    }

"""List the settings about gateways that fail: breaker, autopilot, limits of providers, stopped message templates."""

from secretary import env

__all__ = [
    "AUTOPILOT_AFTER_SECONDS",
    "AUTOPILOT_SHARES",
    "AUTOPILOT_STEP_SECONDS",
    "BREAKER_PAUSE_SECONDS",
    "BREAKER_RATE",
    "BREAKER_WINDOW",
    "GATEWAY_LIST_PAGES",
    "PROVIDER_DAILY",
    "PROVIDER_RATES",
    "TEMPLATE_VALUE_HOURS",
    "TEMPLATE_VALUE_RECORDS",
    "WRONG_NUMBERS_LEAST",
    "WRONG_NUMBERS_RATE",
]

BREAKER_WINDOW, BREAKER_RATE = env.integer("BREAKER_WINDOW", 100), env.number("BREAKER_RATE", 0.5)
BREAKER_PAUSE_SECONDS = env.integer("BREAKER_PAUSE_SECONDS", 30)
AUTOPILOT_AFTER_SECONDS = env.integer("AUTOPILOT_AFTER_SECONDS", 30, least=0)  # 0: no channel is rerouted by itself
AUTOPILOT_SHARES = env.whole_numbers("AUTOPILOT_SHARES", "5,25,50")  # percent of people, one step after the other
AUTOPILOT_STEP_SECONDS = env.integer("AUTOPILOT_STEP_SECONDS", 60)
GATEWAY_LIST_PAGES = env.integer("GATEWAY_LIST_PAGES", 5)  # of a gateway's list, read for one lost answer
PROVIDER_RATES, PROVIDER_DAILY = env.amounts("PROVIDER_RATES"), env.amounts("PROVIDER_DAILY")  # by gateway
TEMPLATE_VALUE_RECORDS = env.integer("TEMPLATE_VALUE_RECORDS", 5)  # of records, within TEMPLATE_VALUE_HOURS
TEMPLATE_VALUE_HOURS = env.integer("TEMPLATE_VALUE_HOURS", 24)
WRONG_NUMBERS_LEAST = env.integer("WRONG_NUMBERS_LEAST", 10)  # more wrong numbers in one batch than this, and
WRONG_NUMBERS_RATE = env.number("WRONG_NUMBERS_RATE", 0.1)  # more than this share of it, stop its message template

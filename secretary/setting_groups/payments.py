"""List what a payment may take: providers, billers, time-outs and limits. How they are used: docs/payments.md."""

from secretary import env

# The providers with which citizens pay, in the order in which they are shown; the names are modules of
# payments/providers.
PAYMENT_PROVIDERS = env.listing("PAYMENT_PROVIDERS", "toss_payments,kakaopay,naverpay")
# The payer's identity check is at most this old: a borrowed or lost phone pays nothing. Long enough to read
# a bill after signing in, short of the time a phone lies about unlocked.
PAYMENT_REAUTH_MINUTES = env.integer("PAYMENT_REAUTH_MINUTES", 5)
PAYMENT_TOTAL_SECONDS = env.number("PAYMENT_TOTAL_SECONDS", 15.0)  # of one call; KakaoPay gives up after 11 s
PAYMENT_BILLERS = env.pairs("PAYMENT_BILLERS", "knpa:http_biller")  # agency → module of payments/billers
# Agency → thousandths that are added where it is paid by card elsewhere; 15 at most (도로교통법 시행령 §89③).
PAYMENT_CARD_FEES = env.thousandths("PAYMENT_CARD_FEES", most=15)
PAYMENT_LEASE_SECONDS = env.integer("PAYMENT_LEASE_SECONDS", 60)  # longer than an agency and a provider may take
PAYMENT_STALE_MINUTES = env.integer("PAYMENT_STALE_MINUTES", 30)  # then an abandoned payment page is closed
PAYMENT_POLL_SECONDS = env.integer("PAYMENT_POLL_SECONDS", 10)  # first question about an unknown; doubles each time
PAYMENT_POLL_MAX_SECONDS = env.integer("PAYMENT_POLL_MAX_SECONDS", 900)
PAYMENT_EVENT_SECONDS = env.integer("PAYMENT_EVENT_SECONDS", 30)  # between questions that events about one order cause
PAYMENT_POLL_SETTLED_DAYS = env.whole_numbers("PAYMENT_POLL_SETTLED_DAYS", "1,3,7,14,30,60")  # after the payment
PAYMENT_UNKNOWN_ALARM_MINUTES = env.integer("PAYMENT_UNKNOWN_ALARM_MINUTES", 60)
POSTING_RETRY_SECONDS = env.integer("POSTING_RETRY_SECONDS", 30)  # telling an agency again; doubles each time
POSTING_RETRY_MAX_SECONDS = env.integer("POSTING_RETRY_MAX_SECONDS", 3600)
POSTING_ALARM_MINUTES = env.integer("POSTING_ALARM_MINUTES", 60)  # "paid here, unposted there"
RECONCILE_AFTER = env.clock_time("RECONCILE_AFTER", "07:00")  # KST; providers' files of the day before are there
PAYMENT_CALLBACK_MAX_BYTES = env.integer("PAYMENT_CALLBACK_MAX_BYTES", 65_536)

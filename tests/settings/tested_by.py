"""Name the test that changes each variable of `.env.example`: a new variable gets a line here."""

LINE, MONEY, SITE, VENDORS = (f"tests/settings/test_{name}.py" for name in ("pipeline", "money", "site", "vendors"))
ENVIRONMENT = "tests/settings/test_environment.py::test_the_variable_is_read"  # and there is nothing more to it
CHECKS, ENV = "tests/secretary/test_checks.py", "tests/secretary/test_env.py"
OFFICIALS = "tests/subscriptions/web/officials/test_official_pages.py"
ENROLMENT = "tests/subscriptions/web/staff/test_enrolment.py"
SENT = f"{VENDORS}::test_a_gateway_is_called_with_what_is_set"
PAID = f"{VENDORS}::test_a_payment_provider_is_called_with_what_is_set"
PROVED = f"{VENDORS}::test_identity_is_proved_with_what_is_set"
AUTOPILOT = "tests/notifications/outages/test_autopilot.py::test_its_settings"
WRONG = "tests/notifications/receipts/test_wrong_numbers.py"
VALUES = "tests/notifications/receipts/test_what_receipts_may_say.py::test_unfit_values_of_several_records_stop_it"
PROVIDERS = "tests/notifications/delivery/test_providers.py"
TOSS_LINK = "tests/end_to_end/test_toss_link.py"
PREFERENCES, CALM = "tests/subscriptions/web/test_preferences.py", "tests/notifications/delivery/test_calm.py"
TIMES = f"{LINE}::test_times_of_calls_reach_the_adapters"
LIMIT = f"{SITE}::test_limits_of_codes"
COMPOSE = "tests/settings/test_compose.py::test_compose_takes_it_from_the_environment"
ALARMS = "tests/settings/test_alarms.py"
HEAD, REPLICA = "tests/secretary/ops/test_audit_head.py", "tests/secretary/kernel/database/test_replica.py"
ROLES = "tests/secretary/ops/test_rights.py::test_the_command_makes_a_role_that_is_missing"
WAITS = "tests/secretary/test_time_limits.py::test_documented_variables_change_the_limits"
SHIPPED = "tests/subscriptions/message_templates/test_site_in_words.py"
ADDRESS = "test_every_notice_says_where_its_code_is_checked"
CALENDAR, FAMILY = "tests/citizens/calendar/test_feed.py", "tests/citizens/office_calls/test_family.py"
VERIFY = "tests/citizens/verify/test_verify.py"
CHECKS_LIMITED = "test_questions_are_limited_by_address_network_and_altogether"
KEPT = "tests/secretary/ops/test_retention.py::test_the_setting_says_how_many_days"

TESTED_BY: dict[str, str] = {
    "NAME_FILE": f"{ENV}::test_a_secret_may_come_from_a_file",
    "ENVIRONMENT": f"{CHECKS}::test_an_unsafe_value_is_named_with_its_remedy",
    "DEBUG": f"{CHECKS}::test_an_unsafe_value_is_named_with_its_remedy",
    "SECRET_KEY": f"{CHECKS}::test_an_unsafe_value_is_named_with_its_remedy",
    "FIELD_KEYS": f"{SITE}::test_field_keys_the_current_one_writes_and_old_ones_read",
    "INDEX_KEY": f"{SITE}::test_index_key",
    "CHECK_CODE_KEY": f"{LINE}::test_check_code_key",
    "OFFICIAL_SITE": f"{SITE}::test_official_site",
    "LOG_LEVEL": ENVIRONMENT,
    "PUBLIC_BASE_URL": f"{CHECKS}::test_an_unsafe_value_is_named_with_its_remedy",
    **dict.fromkeys(("SITE_IN_WORDS_KO", "SITE_IN_WORDS_EN"), f"{SHIPPED}::{ADDRESS}"),
    "CALLBACK_BASE_URL": f"{SITE}::test_callback_base_url",
    "ALLOWED_HOSTS": f"{SITE}::test_allowed_hosts",
    "CSRF_TRUSTED_ORIGINS": f"{SITE}::test_csrf_trusted_origins",
    "TRUSTED_PROXIES": f"{SITE}::test_trusted_proxies",
    "ALLOW_PRIVATE_ADDRESSES": "tests/notifications/sources/test_http_pull.py"
    "::test_an_address_of_our_own_network_is_refused_unless_allowed",
    "DATABASE_URL": f"{ENV}::test_a_database_url",
    "REDIS_URL": "tests/secretary/ops/test_health.py::test_not_ready_without_a_broker",
    "CONN_MAX_AGE": ENVIRONMENT,
    "REPLICA_URL": f"{REPLICA}::test_the_replica_answers_and_the_primary_is_back_afterwards",
    "REPLICA_LAG_SECONDS": f"{REPLICA}::test_a_replica_that_is_behind_is_not_read",
    "DATABASE_POOLED": "tests/secretary/kernel/database/test_prepared.py::test_behind_a_pooler_any_session_will_do",
    **dict.fromkeys(
        ("CHANNEL_SMS", "CHANNEL_KAKAOTALK", "CHANNEL_NAVER", "CHANNEL_TOSS"),
        f"{SITE}::test_a_channel_is_carried_by_the_module_that_is_set",
    ),
    **dict.fromkeys(("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_BASE_URL"), SENT),
    **dict.fromkeys(("NHN_APP_KEY", "NHN_SECRET_KEY", "NHN_SENDER_KEY", "NHN_BASE_URL"), SENT),
    "NHN_WEBHOOK_SECRET": "tests/notifications/receipts/test_receive.py"
    "::test_what_is_no_callback_is_refused_and_not_stored",
    **dict.fromkeys(
        ("SOLAPI_API_KEY", "SOLAPI_API_SECRET", "SOLAPI_TALK_ID", "SOLAPI_SENDER", "SOLAPI_BASE_URL"), SENT
    ),
    **dict.fromkeys(
        ("SOLAPI_WEBHOOK_SECRET", "SOLAPI_WEBHOOK_NETWORKS"),
        "tests/notifications/receipts/test_receive.py::test_callers_are_held_to_networks_by_the_address_that_our_proxies_saw",
    ),
    **dict.fromkeys(
        (
            *("NHN_SMS_APP_KEY", "NHN_SMS_SECRET_KEY", "NHN_SMS_SENDER", "NHN_SMS_BASE_URL", "SOLAPI_PF_ID"),
            *("SENS_ACCESS_KEY", "SENS_SECRET_KEY", "SENS_SMS_SERVICE_ID", "SENS_SENDER", "SENS_BASE_URL"),
            *("SENS_ALIMTALK_SERVICE_ID", "SENS_PLUS_FRIEND_ID"),
        ),
        "tests/sandbox/gateways/test_ways_out.py::test_what_is_set_is_what_the_gateways_are_called_with",
    ),
    "NHN_SMS_WEBHOOK_SECRET": "tests/notifications/channels/test_nhn_sms.py"
    "::test_a_hook_without_our_signature_is_forged_and_another_shape_unreadable",
    **dict.fromkeys(("APPS_IN_TOSS_CERT", "APPS_IN_TOSS_KEY", "APPS_IN_TOSS_CA", "APPS_IN_TOSS_BASE_URL"), SENT),
    "PAYMENT_PROVIDERS": f"{MONEY}::test_payment_providers_are_offered_in_their_order",
    "PAYMENT_TOTAL_SECONDS": f"{MONEY}::test_payment_total_seconds",
    **dict.fromkeys(
        (
            *("TOSS_PAYMENTS_SECRET_KEY", "TOSS_PAYMENTS_CLIENT_KEY", "TOSS_PAYMENTS_BASE_URL"),
            *("TOSS_PAYMENTS_SCRIPT_URL", "TOSS_PAYMENTS_ORIGINS"),
            *("KAKAOPAY_SECRET_KEY", "KAKAOPAY_CID", "KAKAOPAY_BASE_URL"),
            *("NAVERPAY_CLIENT_ID", "NAVERPAY_CLIENT_SECRET", "NAVERPAY_CHAIN_ID", "NAVERPAY_PARTNER_ID"),
            *("NAVERPAY_BASE_URL", "NAVERPAY_PAGE_URL"),
        ),
        PAID,
    ),
    "IDENTITY_CODE_SECONDS": "tests/subscriptions/web/test_code_page.py::test_how_long_it_counts_is_a_setting",
    "IDENTITY_CODE_TRIES": "tests/subscriptions/web/test_code_page.py::test_how_many_wrong_ones_are_taken_is_a_setting",
    "IDENTITY_PROVIDER": f"{CHECKS}::test_an_unknown_gateway_or_identity_provider_is_named",
    **dict.fromkeys(("PORTONE_API_SECRET", "PORTONE_STORE_ID", "PORTONE_CHANNEL_KEY", "PORTONE_BASE_URL"), PROVED),
    "DATA_GO_KR_SERVICE_KEY": f"{VENDORS}::test_the_service_key_of_data_go_kr_is_the_one_that_is_set",
    "DATA_GO_KR_BASE_URL": f"{SITE}::test_the_sample_agency_and_where_the_sample_feeds_are_pulled_from",
    "AGENCY_PUSH_KEY_ID": f"{SITE}::test_the_sample_agency_and_where_the_sample_feeds_are_pulled_from",
    "AGENCY_PUSH_SECRET": f"{SITE}::test_the_sample_agency_and_where_the_sample_feeds_are_pulled_from",
    "FILE_DROP_ROOT": f"{LINE}::test_ingest_batch_and_file_drop_root",
    **dict.fromkeys(
        ("BILLER_KNPA_URL", "BILLER_KNPA_SECRET"), f"{VENDORS}::test_an_agencys_biller_is_asked_with_what_is_set"
    ),
    "MAX_RECORDS_PER_PUSH": f"{LINE}::test_max_records_per_push",
    "INGEST_BATCH": f"{LINE}::test_ingest_batch_and_file_drop_root",
    "CLAIM_BATCH": f"{LINE}::test_claim_batch",
    "LEASE_SECONDS": f"{LINE}::test_lease_seconds",
    "MAX_ATTEMPTS": f"{LINE}::test_max_attempts",
    "MAX_CRASHES": f"{LINE}::test_max_crashes",
    **dict.fromkeys(("RETRY_BASE_SECONDS", "RETRY_MAX_SECONDS"), f"{LINE}::test_retry_base_and_max_seconds"),
    **dict.fromkeys(
        ("RECEIPT_WAIT_SECONDS", "UNKNOWN_WAIT_SECONDS"), f"{LINE}::test_unknown_wait_and_receipt_wait_seconds"
    ),
    "RECEIPT_GIVE_UP_HOURS": f"{LINE}::test_receipt_give_up_hours",
    "STAGE_GRACE_DAYS": f"{LINE}::test_stage_grace_days",
    "UNREACHED_ALARM_PEOPLE": f"{LINE}::test_unreached_alarm_people",
    "CALL_LIST_DAYS": "tests/citizens/office_calls/test_call_list.py::test_call_list_days",
    "FAMILY_ANSWER_DAYS": f"{FAMILY}::test_no_answer_in_time_ends_it",
    "FAMILY_SENIORS_PER_NUMBER": f"{FAMILY}::test_what_a_paper_form_may_not_say",
    **dict.fromkeys(
        ("FAMILY_TEXTS_PER_DAY", "FAMILY_TEXTS_PER_MONTH"),
        f"{FAMILY}::test_by_day_only_and_no_more_than_the_settings_allow",
    ),
    **dict.fromkeys(
        ("FAMILY_CODES_PER_ADDRESS", "FAMILY_CODES_OVERALL"), f"{FAMILY}::test_codes_are_guessed_a_few_times_only"
    ),
    "FAMILY_CODES_PER_SITE": f"{FAMILY}::test_family_codes_per_site",
    "FEED_STRANGERS_ALARM": (
        "tests/notifications/operations/test_strangers.py::test_a_feed_whose_people_are_all_strangers_raises_an_alarm"
    ),
    **dict.fromkeys(
        ("HOURS_EARLIEST", "HOURS_LATEST", "HOURS_AT_LEAST"), f"{PREFERENCES}::test_the_limits_of_own_hours"
    ),
    "TOSS_LINK_MINUTES": f"{TOSS_LINK}::test_no_other_person_is_linked_and_each_way_it_can_fail_says_so",
    **dict.fromkeys(
        ("APPS_IN_TOSS_DECRYPTION_KEY", "APPS_IN_TOSS_ORIGIN"),
        f"{TOSS_LINK}::test_no_other_person_is_linked_and_each_way_it_can_fail_says_so",
    ),
    **dict.fromkeys(
        ("APPS_IN_TOSS_AAD", "APPS_IN_TOSS_MINI_APP_URL"),
        f"{TOSS_LINK}::test_from_the_page_to_the_mini_app_to_a_notice_and_to_the_end",
    ),
    "APPS_IN_TOSS_CALLBACK_AUTH": f"{TOSS_LINK}::test_an_end_in_the_toss_app_is_obeyed_and_only_toss_can_say_so",
    "UNDO_MINUTES": f"{PREFERENCES}::test_undo_minutes",
    **dict.fromkeys(("DAY_STARTS", "DAY_ENDS"), f"{LINE}::test_day_starts_and_ends"),
    **dict.fromkeys(("YEARLY_MESSAGE_DAY", "YEARLY_MESSAGES_PER_MINUTE"), ENVIRONMENT),
    **dict.fromkeys(("CALM_AT", "CALM_GATHER_SECONDS", "CALM_DAYS_LEFT"), f"{CALM}::test_the_settings_of_calm_mode"),
    **dict.fromkeys(("HTTP_CONNECT_SECONDS", "HTTP_BATCH_SECONDS", "HTTP_PATIENCE_SECONDS"), TIMES),
    "HTTP_TOTAL_SECONDS": f"{LINE}::test_http_total_seconds",
    "SETTLE_SECONDS": f"{LINE}::test_settle_seconds",
    "GATEWAY_LIST_PAGES": "tests/notifications/channels/test_lost_answers.py"
    "::test_it_is_found_on_a_further_page_of_its_number",
    "CLOCK_TOLERANCE_SECONDS": f"{LINE}::test_clock_tolerance_seconds",
    "SWEEP_SECONDS": ENVIRONMENT,
    "REFERENCE_PREFIX": f"{LINE}::test_reference_prefix",
    "BREAKER_WINDOW": f"{LINE}::test_breaker_window",
    "PROVIDER_RATES": f"{PROVIDERS}::test_a_pace_is_kept_and_the_rest_goes_to_the_next",
    "PROVIDER_DAILY": f"{PROVIDERS}::test_a_cap_of_the_day_is_kept",
    **dict.fromkeys((f"AUTOPILOT_{each}" for each in ("AFTER_SECONDS", "SHARES", "STEP_SECONDS")), AUTOPILOT),
    "BREAKER_RATE": f"{LINE}::test_breaker_rate",
    "BREAKER_PAUSE_SECONDS": f"{LINE}::test_breaker_pause_seconds",
    **dict.fromkeys(("WRONG_NUMBERS_LEAST", "WRONG_NUMBERS_RATE"), f"{WRONG}::test_so_many_wrong_numbers_stop_it"),
    **dict.fromkeys(("TEMPLATE_VALUE_RECORDS", "TEMPLATE_VALUE_HOURS"), VALUES),
    "KAKAOTALK_VALUE_CHARS": "tests/notifications/delivery/test_fit.py::test_kakaotalk_value_chars",
    "PAYMENT_BILLERS": f"{CHECKS}::test_an_agencys_biller_without_its_settings_is_named",
    "PAYMENT_CARD_FEES": "tests/payments/web/test_bill_pages.py::test_paying_by_card_is_spoken_of_where_it_is_known",
    "PAYMENT_REAUTH_MINUTES": "tests/payments/web/test_signing_in.py"
    "::test_paying_asks_once_more_after_some_minutes_and_goes_on_there",
    "PAYMENT_LEASE_SECONDS": f"{MONEY}::test_payment_lease_seconds",
    "PAYMENT_STALE_MINUTES": f"{MONEY}::test_payment_stale_minutes",
    **dict.fromkeys(("PAYMENT_POLL_SECONDS", "PAYMENT_POLL_MAX_SECONDS"), f"{MONEY}::test_payment_poll_seconds"),
    "PAYMENT_POLL_SETTLED_DAYS": "tests/payments/checkout/test_poll_settled.py"
    "::test_each_day_of_the_setting_is_one_question",
    "PAYMENT_UNKNOWN_ALARM_MINUTES": f"{MONEY}::test_payment_unknown_alarm_minutes",
    **dict.fromkeys(("POSTING_RETRY_SECONDS", "POSTING_RETRY_MAX_SECONDS"), f"{MONEY}::test_posting_retry_seconds"),
    "POSTING_ALARM_MINUTES": f"{MONEY}::test_posting_alarm_minutes",
    "RECONCILE_AFTER": f"{MONEY}::test_reconcile_after",
    "PAYMENT_CALLBACK_MAX_BYTES": f"{MONEY}::test_payment_callback_max_bytes",
    "MAX_BODY_BYTES": f"{LINE}::test_max_body_bytes",
    "WEBHOOK_MAX_BYTES": f"{LINE}::test_webhook_max_bytes",
    "WEBHOOK_TOLERANCE_SECONDS": f"{LINE}::test_webhook_tolerance_seconds",
    "SESSION_SECONDS": f"{SITE}::test_session_seconds",
    "STAFF_SESSION_HOURS": f"{OFFICIALS}::test_a_working_session_ends_after_its_hours",
    "STAFF_ENROL_DAYS": f"{ENROLMENT}::test_the_password_alone_sets_nothing_up_when_the_time_is_over",
    "STAFF_TOTP_REQUIRED": f"{OFFICIALS}::test_where_a_second_factor_is_required_a_password_alone_opens_nothing",
    "LOGIN_FAILURE_LIMIT": f"{SITE}::test_login_failure_limit_and_cooloff",
    "LOGIN_COOLOFF_MINUTES": f"{SITE}::test_login_failure_limit_and_cooloff",
    **dict.fromkeys(
        ("OWN_DATA_EXPORT_HOURS", "OWN_DATA_EXPORTS_PER_DAY"),
        "tests/citizens/own_data/test_export.py::test_it_is_offered_for_a_time_then_deleted_and_not_made_too_often",
    ),
    "FULL_CHECK_MINUTES": "tests/subscriptions/web/test_levels.py"
    "::test_what_is_dangerous_asks_for_a_full_check_of_the_last_minutes",
    "CITIZEN_SESSION_HOURS": "tests/subscriptions/web/test_session_end.py"
    "::test_the_button_gives_thirty_minutes_more_and_keeps_what_was_typed",
    "DRAFT_KEPT_MINUTES": "tests/subscriptions/web/test_session_end.py"
    "::test_answers_outlive_the_thirty_minutes_and_are_kept_for_their_person_only",
    "PHONE_CODE_PROVED_DAYS": "tests/subscriptions/web/test_light_sign_in.py"
    "::test_only_who_may_sign_in_by_a_code_gets_one",
    "TEST_MESSAGES_PER_PERSON": "tests/citizens/trial/test_trial.py::test_only_so_many_a_day",
    "BOOKING_SITE_KEYS": "tests/subscriptions/web/test_booking_link.py"
    "::test_a_link_of_a_booking_site_chooses_its_kinds_and_nothing_else",
    "IDENTITY_APP_SECONDS": "tests/subscriptions/web/test_app_check.py"
    "::test_the_app_confirms_without_a_code_and_without_the_seven_digits",
    "PAYMENT_FULL_CHECK_WON": "tests/payments/web/test_signing_in.py"
    "::test_a_small_bill_is_paid_after_a_code_and_a_larger_one_after_the_full_check",
    **dict.fromkeys((f"PHONE_CODES_PER_{scope}" for scope in ("SESSION", "NUMBER", "ADDRESS", "SITE")), LIMIT),
    **dict.fromkeys((f"PHONE_TRIES_PER_{scope}" for scope in ("SESSION", "NUMBER", "ADDRESS")), LIMIT),
    **dict.fromkeys(("PHONE_CODES_OVERALL", "PHONE_TRIES_OVERALL"), LIMIT),
    "SENIOR_MINIMUM_AGE": f"{SITE}::test_senior_minimum_age",
    **dict.fromkeys(("CODES_PER_SESSION", "CODES_PER_NUMBER", "CODES_PER_ADDRESS", "CODES_OVERALL"), LIMIT),
    **dict.fromkeys(("TRIES_PER_SESSION", "TRIES_PER_NUMBER", "TRIES_PER_ADDRESS", "TRIES_OVERALL"), LIMIT),
    **dict.fromkeys(("CHECKS_PER_ADDRESS", "CHECKS_PER_SITE", "CHECKS_OVERALL"), f"{VERIFY}::{CHECKS_LIMITED}"),
    "SHORT_CHECKS_OVERALL": f"{VERIFY}::test_short_codes_have_a_limit_of_their_own",
    "CALENDAR_READS": f"{CALENDAR}::test_one_feed_is_read_so_often_in_an_hour",
    "CALENDAR_REFRESH_HOURS": f"{CALENDAR}::test_a_feed_says_when_to_come_again_and_is_sent_again_only_if_it_changed",
    "CALENDAR_CANCELLED_DAYS": f"{CALENDAR}::test_a_day_that_does_not_apply_any_more_is_cancelled_for_a_while",
    "CHECK_CODE_DAYS": f"{VERIFY}::test_an_old_code_is_called_old_and_nothing_is_shown_of_its_notice",
    "TOTP_TRIES_PER_ACCOUNT": LIMIT,
    **dict.fromkeys(("PASSWORD_TRIES_PER_ACCOUNT", "LOGIN_FAILURES_PER_ADDRESS", "LOGIN_FAILURES_PER_ACCOUNT"), LIMIT),
    **dict.fromkeys(("DETAILS_PER_SESSION", "DETAILS_PER_NUMBER_AND_ADDRESS", "DETAILS_PER_ADDRESS"), LIMIT),
    **dict.fromkeys(("DETAILS_PER_SITE", "DETAILS_OVERALL", "TRIES_PER_SITE"), LIMIT),
    "EXTRA_HOLIDAYS": "tests/notifications/intake/test_move_deadlines.py"
    "::test_extra_holidays_of_the_settings_count_as_well",
    "APPROVER_WAIT_HOURS": "tests/subscriptions/admin/test_second_person.py"
    "::test_a_changed_account_waits_before_it_approves_again",
    **dict.fromkeys(
        ("AUDIT_HEAD_FILE", "AUDIT_HEAD_URL"), f"{HEAD}::test_it_goes_to_log_file_and_address_once_an_hour"
    ),
    **dict.fromkeys(("ALARM_RECIPIENTS", "SMTP_URL", "MAIL_FROM"), f"{ALARMS}::test_who_hears_of_alarms_is_read"),
    **dict.fromkeys(("ALARM_REPEAT_HOURS", "ALARM_WEBHOOK_SECRET", "BEAT_PING_URL"), ENVIRONMENT),
    "AUDIT_SEAL_ALARM_MINUTES": f"{HEAD}::test_lines_that_wait_too_long_for_their_seal_raise_an_alarm",
    **dict.fromkeys(("DATABASE_OWNER_URL", "DATABASE_READER_ROLE", "DATABASE_READER_PASSWORD"), ROLES),
    **dict.fromkeys(("WEB_STATEMENT_SECONDS", "WEB_LOCK_SECONDS", "WORKER_STATEMENT_SECONDS"), WAITS),
    **dict.fromkeys(("WORKER_LOCK_SECONDS", "IDLE_IN_TRANSACTION_SECONDS"), WAITS),
    **dict.fromkeys(("KEEP_RECEIPTS_DAYS", "KEEP_PUSHES_DAYS", "KEEP_REFUSED_LINES_DAYS", "KEEP_FEED_RUNS_DAYS"), KEPT),
    **dict.fromkeys(
        (
            *("KEEP_WITHDRAWN_DAYS", "KEEP_OVER_DAYS", "KEEP_ERASED_PAYMENTS_DAYS", "KEEP_ERASED_CONSENTS_DAYS"),
            "KEEP_PAYMENTS_DAYS",
        ),
        "tests/citizens/own_data/test_promises.py::test_no_setting_makes_it_longer_than_promised",
    ),
    **dict.fromkeys(("KEEP_ALARMS_DAYS", "KEEP_ACCESS_LOGS_DAYS", "KEEP_PAYMENT_EVENTS_DAYS"), KEPT),
    "KEEP_AUDIT_DAYS": "tests/secretary/kernel/audit/test_end_audit.py"
    "::test_a_longer_time_can_be_set_and_a_shorter_one_cannot",
    "DATA_GO_KR_HOSTS": "tests/notifications/intake/test_read_feed.py"
    "::test_our_key_goes_to_no_host_that_it_does_not_belong_to",
    "PAYMENT_EVENT_SECONDS": "tests/payments/checkout/test_callbacks.py"
    "::test_a_flood_of_callbacks_about_ones_own_order_makes_us_poll_twice",
    "RUN_TOKEN": "tests/secretary/ops/test_health.py::test_it_names_the_start_to_which_it_belongs",
    **dict.fromkeys(("PRIVACY_CONTACT_KO", "PRIVACY_CONTACT_EN"), ENVIRONMENT),
    "SANDBOX_URL": "tests/subscriptions/web/test_look.py::test_the_demonstration_says_so",
    "TEMPLATE_CONSOLE_URL": "tests/notifications/operations/test_submit_templates.py"
    "::test_a_console_that_is_down_raises_an_alarm_and_is_tried_again",
    "LOCAL_ENV": f"{ENV}::test_local_values_are_not_read_in_production",
    **dict.fromkeys(("POSTGRES_PASSWORD", "POSTGRES_OWNER_PASSWORD", "REDIS_PASSWORD"), COMPOSE),
    **dict.fromkeys(("WEB_PORT", "RECEIVER_PORT"), COMPOSE),
}

"""Name what stands around every view, the outermost first."""

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "secretary.kernel.http.middleware.head_as_get",
    "secretary.kernel.http.middleware.KeptPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "secretary.kernel.http.middleware.programs_first",  # what follows is about pages
    "subscriptions.web.middleware.SeldomSaved",
    "secretary.kernel.database.replica.note_writes",
    "subscriptions.web.middleware.ChosenLanguageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "secretary.kernel.http.middleware.token_cookie",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "secretary.kernel.audit.audit.remember_request",
    "subscriptions.web.middleware.StaffSessions",
    "subscriptions.web.middleware.Redisplay",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "secretary.kernel.http.middleware.no_store",
    "subscriptions.web.middleware.page_for_buttons",
    "secretary.kernel.http.middleware.no_nul",
]
MESSAGE_STORAGE = "secretary.kernel.http.middleware.SeldomMessages"

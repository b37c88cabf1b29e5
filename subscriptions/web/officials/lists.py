"""Register a whole list of seniors: upload it, see how far its check is, compare the errors, confirm the valid rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import Busy
from secretary.kernel.language import language, moment
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import BulkRefusal, BulkUpload, Official
from subscriptions.models.bulk import AT_WORK, WRITING
from subscriptions.registration.bulk.columns import ERRORS, Column
from subscriptions.registration.bulk.read_file import MOST_BYTES
from subscriptions.registration.bulk.refused_file import FileRefused
from subscriptions.registration.bulk.staged import cells_of
from subscriptions.registration.bulk.template_file import csv_of, empty_list_csv, empty_list_xlsx
from subscriptions.registration.bulk.uploads import AtWork, TextsChanged, confirm, take_in, terms
from subscriptions.registration.scope import NotThisOffice, own, uploads_of
from subscriptions.web.forms import busy_words, posted, say_busy
from subscriptions.web.looks import look_of, looks_again
from subscriptions.web.officials.access import for_office, for_official, mark_of
from subscriptions.web.officials.list_words import file_words, time_left, wrong_of
from subscriptions.web.session.typed import ShowsTyped, errors_shown

PER_PAGE = 20
NEWEST, NEWEST_OF_OFFICE = 10, 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ListForm(ShowsTyped):
    file = forms.FileField(
        label=gettext_lazy("File with the list"),
        help_text=gettext_lazy("CSV or XLSX, at most 50,000 rows and 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        error_messages={
            "required": gettext_lazy("Please choose the file with the list."),
            "empty": gettext_lazy("There is no list in the file. Please fill in the template and upload it."),
        },
    )


@require_http_methods(["GET", "POST"])
@for_office
def lists(request: HttpRequest, official: Official) -> HttpResponse:
    """Upload a list, and find those that were uploaded before; to the manager show those of the office."""
    if official.manager:
        if request.method == "POST":
            raise PermissionDenied
        of_office = {"official": official, "here": "lists", "uploads": uploads_of(official)[:NEWEST_OF_OFFICE]}
        return render(request, "officials/lists_of_office.html", of_office)
    if request.method == "POST":
        return _uploaded(request, official)
    context = {"form": ListForm(posted(request)), "official": official, "here": "lists"}
    return render(request, "officials/lists.html", context | {"uploads": uploads_of(official)[:NEWEST]})


def _uploaded(request: HttpRequest, official: Official) -> HttpResponse:
    """Take the list in, and lead to its page; or back to the form, with the reason why it was not."""
    form = ListForm(request.POST, request.FILES)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:  # the file was read past: it is not in FILES
        form.fields["file"].error_messages["required"] = file_words("too_large", str(MOST_BYTES // 1_000_000))
    try:
        if form.is_valid():
            made = take_in(official=official, content=form.cleaned_data["file"].read(), now=clock_now())
            return redirect("officials:list_of_seniors", made.pk)
    except FileRefused as refused:
        form.add_error("file", file_words(refused.code, refused.detail))
    except AtWork:
        form.add_error(None, _("Your list before this one is still at work. Please wait until it is finished."))
    except Busy:
        say_busy(form)
    return errors_shown(request, form, owner=mark_of(official))


@require_GET
@for_official
def empty_list(request: HttpRequest, official: Official, kind: str) -> HttpResponse:
    """Download the list to fill in."""
    _type, _texts, columns = terms()
    if kind == "xlsx":
        return _file(empty_list_xlsx(columns, language()), XLSX, "list.xlsx")
    return _file(empty_list_csv(columns, language()), "text/csv; charset=utf-8", "list.csv")


@require_http_methods(["GET", "POST"])
@for_office
def list_of_seniors(request: HttpRequest, official: Official, upload_id: int) -> HttpResponse:
    """Show how far one list is; its errors; and the button that registers the valid rows."""
    upload = _own(official, upload_id)
    if request.method == "POST":
        _confirm(request, official, upload)
        return redirect("officials:list_of_seniors", upload.pk)
    _type, _texts, columns = terms()
    at_work = upload.state in AT_WORK
    refusals = BulkRefusal.objects.none() if at_work else BulkRefusal.objects.filter(upload=upload).order_by("row")
    page = Paginator(refusals, PER_PAGE).get_page(request.GET.get("page"))
    if len(page):
        _note_seen(official, upload, f"page:{page.number} rows:{len(page)}")
    done, total = (upload.written, upload.valid) if upload.state == WRITING else (upload.looked_at, upload.total)
    look = look_of(request.GET.get("look", ""))
    context: dict[str, Any] = {
        "official": official,
        "here": "lists",
        "upload": upload,
        "wrong": [wrong for refusal in page for wrong in wrong_of(refusal, columns)],
        "page": page,
        "done": done,
        "most": max(total, 1),
        "left": time_left(upload, now=clock_now()),
        "until": moment(upload.expires_at),
        "refusal": file_words(upload.refusal, upload.refusal_detail, columns) if upload.refusal else "",
        "look": look,
    }
    answer = render(request, "officials/list_of_seniors.html", context)
    return looks_again(answer, request, look) if at_work else answer


@require_GET
@for_office
def wrong_rows(request: HttpRequest, official: Official, upload_id: int) -> HttpResponse:
    """Download just the wrong rows, with what is wrong; corrected, the file can be uploaded as it is."""
    upload = _own(official, upload_id)
    if upload.state in AT_WORK or not BulkRefusal.objects.filter(upload=upload).exists():
        raise Http404
    _note_seen(official, upload, "file")
    _type, _texts, columns = terms()
    return _file(csv_of(_rows_with_errors(upload, columns)), "text/csv; charset=utf-8", f"errors-{upload.pk}.csv")


def _rows_with_errors(upload: BulkUpload, columns: Sequence[Column]) -> Iterator[Sequence[str]]:
    yield [*(column.heading(language()) for column in columns), ERRORS[1 if language() == "en" else 0]]
    for refusal in BulkRefusal.objects.filter(upload=upload).order_by("row").iterator(chunk_size=1000):
        cells = cells_of(refusal)
        words = " / ".join(f"{wrong.column}: {wrong.remedy}" for wrong in wrong_of(refusal, columns))
        yield [*(cells.get(column.key, "") for column in columns), words]


def _confirm(request: HttpRequest, official: Official, upload: BulkUpload) -> None:
    try:
        confirm(official=official, upload_id=upload.pk, now=clock_now())
    except TextsChanged:
        words = _("The consent text has changed since the check. Please compare the paper forms and upload it again.")
        messages.warning(request, words)
    except AtWork:
        messages.warning(request, _("Your list before this one is still at work. Please wait until it is finished."))
    except Busy:
        messages.warning(request, busy_words())


def _own(official: Official, upload_id: int) -> BulkUpload:
    try:
        return own(uploads_of(official), upload_id, by=official, refused="list.refused", now=clock_now())
    except NotThisOffice:
        raise Http404 from None


def _note_seen(official: Official, upload: BulkUpload, what: str) -> None:
    """Record that the official sees wrong rows in clear."""
    place = f"upload:{upload.pk} {what}"
    record_audit(now=clock_now(), actor=f"official:{official.id}", action="list.errors_seen", object=place)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer

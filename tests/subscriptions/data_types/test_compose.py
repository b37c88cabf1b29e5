"""Test how the short file of a draft becomes templates for each channel, with the stages that every kind has."""

import copy
from typing import Any

import pytest

from subscriptions.data_types.compose import composed
from subscriptions.data_types.format import read_file
from subscriptions.data_types.load import DRAFTS, FOLDER, FRAMES
from subscriptions.data_types.reading import SpecErrors

PASSPORT = read_file(DRAFTS / "passport_expiry.toml")
PARKING = read_file(DRAFTS / "parking_fine.toml")
OTHERS = {"traffic_fine": read_file(FOLDER / "traffic_fine.toml")}


def written(message: dict[str, Any], **changes: Any) -> dict[tuple[str, str], str]:
    """Channel and language → the text of a stage that says `message`."""
    draft = copy.deepcopy(PASSPORT) | changes
    draft["stages"][0]["message"] = {"title": {"ko": "제목", "en": "Title"}} | message
    [templates] = [
        stage["template"]
        for stage in composed(draft, read_file(FRAMES), "draft.toml", others={})["stages"]
        if stage["code"] == "d180"
    ]
    return {(channel, item["language"]): item["body"] for item in templates for channel in item["channels"]}


def both(text: str) -> dict[str, str]:
    return {"ko": f"{text} (한)", "en": text}


def test_a_message_is_laid_out_for_each_channel() -> None:
    texts = written({"list": ["expires_on"], "lead": both("it ends."), "act": both("Renew it."), "brief": both("Now.")})
    assert texts["kakaotalk", "en"].startswith(
        "#{이름}, it ends.\n\n- Expires on: #{만료일}\n\nRenew it.\n\nQuestions: "
    )
    assert texts["naver", "en"] == texts["kakaotalk", "en"]
    assert texts["sms", "en"].startswith("[Public Secretary] #{이름}, it ends.\nNow.\nQuestions: ")
    assert texts["toss", "en"].startswith("It ends.\nNow.\nCall #{문의}\nCode #{확인코드} at #{누리집}")
    assert texts["sms", "ko"].startswith("[국민비서] #{이름}님, it ends. (한)\nNow. (한)\n문의 ")


def test_what_is_left_out_leaves_no_gap_and_what_is_brief_is_what_is_to_do() -> None:
    texts = written({"lead": both("it ends."), "act": both("Renew it.")})
    assert texts["kakaotalk", "en"].startswith("#{이름}, it ends.\n\nRenew it.\n\nQuestions: ")
    assert texts["toss", "en"].startswith("It ends.\nRenew it.\nCall ")
    assert written({"lead": both("it ends.")})["toss", "en"].startswith("It ends.\nCall ")


def test_a_short_text_can_hold_the_list_and_toss_has_its_own_where_it_must() -> None:
    texts = written({"list": ["expires_on"], "lead": both("it ends."), "brief": both("{list}"), "toss": both("ends")})
    assert texts["sms", "en"].startswith("[Public Secretary] #{이름}, it ends.\nExpires on: #{만료일}\nQuestions: ")
    assert texts["toss", "en"].startswith("Ends\nCall ")


def test_a_condition_and_another_language_stand_before_the_opening() -> None:
    lead = {"ko": "It ends.\n{opening}끝납니다.", "en": "#{?남은일수 = 0} it ends."}
    texts = written({"lead": lead})
    assert texts["sms", "ko"].startswith("It ends.\n[국민비서] #{이름}님, 끝납니다.\n")
    assert texts["toss", "ko"].startswith("It ends.\n끝납니다.\n")
    assert texts["sms", "en"].startswith("#{?남은일수 = 0} [Public Secretary] #{이름}, it ends.\n")
    assert texts["toss", "en"].startswith("#{?남은일수 = 0} It ends.\n")


def test_the_common_stages_are_about_the_matter_and_none_is_written_over() -> None:
    draft = copy.deepcopy(PASSPORT)
    stages = {stage["code"]: stage for stage in composed(draft, read_file(FRAMES), "", others={})["stages"]}
    assert list(stages) == ["d180", "changed", "cancelled", "reopened", "not_yours"]
    assert stages["changed"]["expires"] == {"field": "expires_on", "days": 0}
    assert "our notice about your passport's expiry has changed." in stages["changed"]["template"][1]["body"]
    draft["stages"][0]["code"] = "cancelled"
    codes = [stage["code"] for stage in composed(draft, read_file(FRAMES), "", others={})["stages"]]
    assert codes == ["cancelled", "changed", "reopened", "not_yours"]
    del draft["fields"][0]["announce_changes"]
    codes = [stage["code"] for stage in composed(draft, read_file(FRAMES), "", others={})["stages"]]
    assert "changed" not in codes


def test_mistakes_are_named_with_their_place() -> None:
    with pytest.raises(SpecErrors) as raised:
        written({"list": ["nothing"], "colour": "red"}, matter={"ko": "여권"})
    assert [problem.where for problem in raised.value.problems] == [
        "draft.toml, matter",
        "draft.toml, stage d180, message",
        "draft.toml, stage d180, message",
        "draft.toml, stage d180, message, lead",
        "draft.toml, stage d180, message, lead",
        "draft.toml, stage d180, message",
    ]
    assert "“nothing” is no field" in str(raised.value)


def test_a_kind_like_another_follows_it_and_a_replacement_of_no_use_is_named() -> None:
    whole = composed(PARKING, read_file(FRAMES), "parking_fine.toml", others=OTHERS)
    assert (whole["payable"], whole["agency"]) == ("traffic_fine", "local")
    assert [item["name"] for item in whole["fields"]] == [item["name"] for item in OTHERS["traffic_fine"]["fields"]]
    stale = PARKING | {"replace": [*PARKING["replace"], ["a text that is gone", ""]]}
    with pytest.raises(SpecErrors, match="“a text that is gone” is nowhere in traffic_fine"):
        composed(stale, read_file(FRAMES), "parking_fine.toml", others=OTHERS)

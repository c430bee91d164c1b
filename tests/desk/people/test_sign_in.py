"""Signing in with a password, and the session that it begins."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import argon2
import pytest
from sqlalchemy import update

from seamline.desk.people import login
from seamline.desk.people.attempts import Attempts
from seamline.desk.people.dependencies import CSRF_HEADER
from seamline.desk.people.login import PasswordIdentities
from seamline.desk.people.person import Person
from seamline.desk.people.sessions import COOKIE
from seamline.desk.people.user import Role
from seamline.desk.people.users_format import people_changed, read_people
from seamline.desk.settings import DeskSettings
from seamline.desk.store.models import SignIn
from seamline.desk.store.types import now
from tests.support.desk import PASSWORD, DeskClient, desk_client, enter_person

WRONG = {"name": "lena", "password": "four buttons and a cuff"}
RIGHT = {"name": "lena", "password": PASSWORD}


@pytest.fixture
def stopped_clock(people_desk: DeskClient) -> DeskClient:
    """`people_desk`, where no try comes back however slow this machine is."""
    identities = people_desk.desk.identities
    assert isinstance(identities, PasswordIdentities)
    identities._of_names = Attempts(*login._OF_A_NAME, clock=lambda: 0.0)
    identities._of_addresses = Attempts(*login._OF_AN_ADDRESS, clock=lambda: 0.0)
    return people_desk


def test_a_person_signs_in_and_out(people_desk: DeskClient) -> None:
    assert people_desk.get("/api/presets").status_code == 401
    people_desk.sign_in("lena")
    assert people_desk.get("/api/presets").status_code == 200
    assert people_desk.get("/login").headers["location"] == "/"
    answer = people_desk.post("/api/sign-out")
    assert answer.status_code == 204
    assert answer.headers["clear-site-data"] == '"cache"'
    assert COOKIE not in people_desk.cookies
    assert people_desk.get("/api/presets").status_code == 401


def test_a_session_that_was_ended_does_not_come_back_with_its_cookie(people_desk: DeskClient) -> None:
    people_desk.sign_in("lena")
    token = people_desk.cookies[COOKIE]
    people_desk.change("/api/sign-out")
    people_desk.cookies.set(COOKIE, token)
    assert people_desk.get("/api/presets").status_code == 401


def test_pages_lead_somebody_unknown_to_the_login_and_scripts_are_told(people_desk: DeskClient) -> None:
    answer = people_desk.get("/cases?q=a&page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=%2Fcases%3Fq%3Da%26page%3D2")
    assert people_desk.get("/api/presets").json() == {"error": "sign in first; your session has ended or never began"}
    page = people_desk.get("/login")
    assert page.status_code == 200
    assert 'autocomplete="current-password"' in page.text


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(people_desk: DeskClient) -> None:
    answers = [
        people_desk.post("/api/sign-in", json=body)
        for body in (WRONG, WRONG | {"name": "nobody"}, WRONG | {"name": "../lena"}, WRONG | {"name": "lena\x00"})
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.text for answer in answers} == {'{"error":"the name or the password is not right"}'}
    assert COOKIE not in people_desk.cookies


def test_an_unknown_name_takes_as_long_as_a_wrong_password(people_desk: DeskClient) -> None:
    def seconds(name: str) -> float:
        begun = time.process_time()
        people_desk.post("/api/sign-in", json=WRONG | {"name": name})
        return time.process_time() - begun

    known, unknown = (min(seconds(name) for _ in range(6)) for name in ("lena", "nobody"))
    assert 0.5 < unknown / known < 2


def test_somebody_whom_a_proxy_signs_in_has_no_password_to_guess(people_desk: DeskClient, users: Path) -> None:
    with people_changed(users) as people:
        people["lena"] = replace(people["lena"], password=None)
    for password in (PASSWORD, "None", " "):
        assert people_desk.post("/api/sign-in", json=RIGHT | {"password": password}).status_code == 403


def test_the_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(people_desk: DeskClient) -> None:
    cookie = people_desk.post("/api/sign-in", json=RIGHT).headers["set-cookie"]
    name, *rest = [part.strip() for part in cookie.split(";")]
    assert name.startswith(f"{COOKIE}=")
    assert {part.lower() for part in rest} == {"httponly", "samesite=strict", "path=/", "max-age=43200"}


def test_over_tls_the_cookie_is_for_this_host_alone_and_for_tls_alone(tmp_path: Path, users: Path) -> None:
    origin = "https://desk.example.com"
    settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", users=users, origin=origin)
    with desk_client(settings, host="desk.example.com", origin=origin) as client:
        cookie = client.post("/api/sign-in", json=RIGHT).headers["set-cookie"]
        assert cookie.startswith(f"__Host-{COOKIE}=")
        assert "; Secure" in cookie
        assert "domain" not in cookie.lower()


def test_each_sign_in_begins_a_session_of_its_own_and_ends_the_one_before(people_desk: DeskClient) -> None:
    people_desk.sign_in("lena")
    first, csrf = people_desk.cookies[COOKIE], people_desk.headers[CSRF_HEADER]
    people_desk.sign_in("lena")
    assert people_desk.cookies[COOKIE] != first
    assert people_desk.headers[CSRF_HEADER] != csrf
    people_desk.cookies.clear()
    people_desk.cookies.set(COOKIE, first)
    assert people_desk.get("/api/presets").status_code == 401


def test_a_token_that_somebody_planted_is_no_session_after_the_sign_in_either(people_desk: DeskClient) -> None:
    people_desk.cookies.set(COOKIE, "planted")
    people_desk.change("/api/sign-in", RIGHT)
    people_desk.cookies.clear()
    people_desk.cookies.set(COOKIE, "planted")
    assert people_desk.get("/api/presets").status_code == 401


def test_the_token_of_another_session_does_not_change_anything(signed_in_as: Callable[..., DeskClient]) -> None:
    anna, ben = signed_in_as("anna"), signed_in_as("ben")
    for token in (ben.headers[CSRF_HEADER].encode(), b"", b"\xe4", b"0" * 10_000):
        answer = anna.post("/api/sign-out", headers={CSRF_HEADER.encode(): token})
        assert (answer.status_code, answer.json()["error"]) == (403, "this page is from another session; load it again")
    assert anna.get("/api/presets").status_code == 200


def test_a_session_ends_when_its_time_is_over_however_busy_it_was(people_desk: DeskClient) -> None:
    people_desk.sign_in("lena")
    with people_desk.desk.store.session() as session:
        row = session.query(SignIn).one()
        assert timedelta(hours=11.9) < row.expires_at - now() < timedelta(hours=12)
        ends = row.expires_at
    people_desk.get("/api/presets")
    with people_desk.desk.store.session() as session:
        assert session.query(SignIn).one().expires_at == ends
        session.execute(update(SignIn).values(expires_at=now()))
    assert people_desk.get("/api/presets").status_code == 401
    people_desk.sign_in("lena")
    with people_desk.desk.store.reading() as session:
        assert session.query(SignIn).count() == 1


def test_the_store_holds_nothing_that_signs_anybody_in(people_desk: DeskClient) -> None:
    people_desk.sign_in("lena")
    people_desk.desk.store.close()
    kept = b"".join(file.read_bytes() for file in people_desk.desk.settings.folder.rglob("*") if file.is_file())
    assert people_desk.headers[CSRF_HEADER].encode() in kept
    assert people_desk.cookies[COOKIE].encode() not in kept
    assert PASSWORD.encode() not in kept


def test_who_is_removed_or_gets_another_password_is_out_at_once(
    signed_in_as: Callable[..., DeskClient], users: Path
) -> None:
    anna, ben, cleo = signed_in_as("anna"), signed_in_as("ben"), signed_in_as("cleo")
    with people_changed(users) as people:
        del people["anna"]
    enter_person(users, "ben")  # the same password, with a new hash
    answers = [client.get("/api/presets").status_code for client in (anna, ben, cleo)]
    assert answers == [401, 401, 200]
    enter_person(users, "anna")
    assert anna.get("/api/presets").status_code == 401


def test_a_role_that_was_taken_away_is_gone_in_the_next_request(
    signed_in_as: Callable[..., DeskClient], users: Path
) -> None:
    anna = signed_in_as("anna", Role.LEAD)
    with people_changed(users) as people:
        people["anna"] = replace(people["anna"], user=replace(people["anna"].user, role=Role.READER))
    answer = anna.post("/api/presets", json={"name": "cuffs", "weights": {"left_sleeve": 1.0}})
    assert (answer.status_code, answer.json()["error"]) == (403, "this needs the role analyst; yours is reader")
    assert anna.get("/api/presets").status_code == 200


def test_a_name_is_guessed_ten_times_and_then_has_to_wait_right_password_or_not(stopped_clock: DeskClient) -> None:
    answers = [stopped_clock.post("/api/sign-in", json=WRONG).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    refused = stopped_clock.post("/api/sign-in", json=RIGHT | {"name": "LENA"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 30
    assert refused.json() == {"error": "signing in was tried too often; wait a little and try again"}


def test_an_unknown_name_has_to_wait_as_a_known_one(stopped_clock: DeskClient) -> None:
    answers = [stopped_clock.post("/api/sign-in", json=WRONG | {"name": "nobody"}).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]


def test_an_address_guesses_thirty_names_and_another_is_not_held_up(stopped_clock: DeskClient) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    answers = [
        stopped_clock.post("/api/sign-in", json=WRONG | {"name": f"name{number}"}, headers=forwarded).status_code
        for number in range(31)
    ]
    assert answers == [403] * 30 + [429]
    assert stopped_clock.post("/api/sign-in", json=RIGHT, headers=forwarded).status_code == 429
    stopped_clock.change("/api/sign-in", RIGHT)


def test_signing_in_rightly_again_and_again_is_not_held_up(stopped_clock: DeskClient) -> None:
    assert {stopped_clock.post("/api/sign-in", json=RIGHT).status_code for _ in range(12)} == {204}


def test_a_hash_of_older_parameters_is_made_anew_at_the_next_sign_in(people_desk: DeskClient, users: Path) -> None:
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8192)
    with people_changed(users) as people:
        people["lena"] = replace(people["lena"], password=older.hash(PASSWORD))
    people_desk.sign_in("lena")
    assert people_desk.get("/api/presets").status_code == 200
    found: Person = read_people(users)["lena"]
    assert found.password is not None
    assert "m=65536,t=3,p=4" in found.password


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "lena"},
        {"name": "lena", "password": None},
        {"name": ["lena"], "password": PASSWORD},
        {"name": "lena", "password": "x" * 1025},
        {"name": "x" * 129, "password": PASSWORD},
        {"name": " ", "password": PASSWORD},
        {"name": "lena", "password": ""},
        {"name": "lena", "password": PASSWORD, "role": "lead"},
        [],
        "lena",
    ],
)
def test_what_is_no_name_and_password_is_refused_without_a_word_of_it(people_desk: DeskClient, body: object) -> None:
    answer = people_desk.post("/api/sign-in", json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert "buttons" not in answer.text


def test_the_log_tells_who_came_and_holds_no_password_and_no_token(
    people_desk: DeskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    people_desk.post("/api/sign-in", json=WRONG)
    people_desk.post("/api/sign-in", json={"name": "my secret sentence", "password": "lena"})
    people_desk.sign_in("lena")
    assert "signing in as lena failed from 127.0.0.1" in caplog.text
    assert "signing in as an unknown name failed from 127.0.0.1" in caplog.text
    assert "lena has signed in from 127.0.0.1" in caplog.text
    secrets = (PASSWORD, WRONG["password"], "secret", people_desk.cookies[COOKIE], people_desk.headers[CSRF_HEADER])
    assert not [secret for secret in secrets if secret in caplog.text]

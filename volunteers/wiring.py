"""How the room of volunteers joins the application."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from accounts.models import Role
from accounts.rights import CHANGE_SETTINGS
from cases import panels as case_panels
from exchange.rights import IMPORT_FILES
from exchange.taking import Taker, register_taker
from record import jobs
from scheduler.calendar import desk, kinds
from volunteers import (  # noqa: F401 - declared and registered on import
    columns,
    correction_guards,
    correction_notices,
    end_settings,
    equipment_guards,
    guards,
    history,
    incident_guards,
    interest_guards,
    invariants,
    merging,
    notices,
    rights,
    settings,
    values,
    waits,
)
from volunteers.actions import intake, posts, sheet
from volunteers.actions.anomalies import find_anomalies
from volunteers.actions.archiving import archive_settled
from volunteers.actions.credit import append_due, close_settled
from volunteers.actions.portraits import drop_portraits
from volunteers.actions.series import keep_open
from volunteers.actions.unconfirmed import remind
from volunteers.desk import many_shifts, officer_waits, shift_link, shifts_of_day
from volunteers.models.shifts import KIND
from volunteers.rules.intake import INTAKE
from volunteers.rules.posts import POSTS
from volunteers.rules.sheet import SHEET
from volunteers.views import (
    anomalies,
    assessments,
    autoplan,
    board,
    booking,
    bookings,
    cancelling,
    confirmation,
    conflicts,
    corrections,
    counter,
    countersign,
    crossing,
    duty_plan,
    ending,
    equipment,
    evaluation,
    exports,
    hours,
    incidents,
    interests,
    on_behalf,
    opening,
    papers,
    portraits,
    preparing,
    proposing,
    resting,
    scan,
    schemes,
    school_breaks,
    series,
    shifts,
    steering,
    unconfirmed,
    walk_in,
)
from volunteers.views import posts as post_pages
from volunteers.views import sheet as sheet_pages

VOLUNTEERS = frozenset({Role.VOLUNTEER})
CORRECTING = frozenset({Role.COORDINATOR, Role.SQUAD_LEADER, Role.PROSECUTOR, Role.CHIEF})
SQUADS = frozenset({Role.SQUAD_LEADER, Role.TRAFFIC_OFFICER})


DESK = (
    post_pages,
    autoplan,
    opening,
    sheet_pages,
    shifts,
    duty_plan,
    resting,
    school_breaks,
    series,
    cancelling,
    on_behalf,
    board,
    assessments,
    portraits,
    preparing,
    ending,
    evaluation,
    papers,
    anomalies,
    exports,
    proposing,
    schemes,
    counter,
    corrections,
    countersign,
    interests,
    unconfirmed,
    incidents,
    equipment,
)


def _phones(app: Flask) -> None:
    """What volunteers and traffic officers hold in their hands, and what goes on by itself behind it."""
    phones = (hours.bp, booking.bp, bookings.bp, autoplan.wishes, crossing.bp, confirmation.bp, conflicts.bp)
    for bp in (
        *phones,
        scan.bp,
        scan.mine,
        steering.bp,
        walk_in.bp,
        walk_in.mine,
        incidents.noting,
        equipment.crossing,
    ):
        app.register_blueprint(bp)
    navigation.place(2, "crossing.mine", _l("At the crossing"), "traffic-lights", rights.TICK, crossing.count_waiting)
    navigation.place(3, "hours.mine", _l("My hours"), "clock", rights.BOOK_SHIFT, roles=VOLUNTEERS)
    navigation.place(4, "booking.choose", _l("Book"), "calendar-plus", rights.BOOK_SHIFT, roles=VOLUNTEERS)
    navigation.place(5, "bookings.index", _l("My bookings"), "list-check", rights.BOOK_SHIFT, roles=VOLUNTEERS)
    word, seen = _l("Notes from the crossing"), rights.SEE_INCIDENT
    navigation.place(
        49, "incidents.index", word, "alert-triangle", seen, incidents.count_waiting, roles=assessments.DESK
    )
    navigation.home_for(Role.TRAFFIC_OFFICER, "crossing.mine")
    navigation.home_for(Role.VOLUNTEER, "hours.mine")
    word = _l("Traffic volunteering")
    kinds.register_kind(
        kinds.Kind(KIND, word, "traffic-lights", link=shift_link, many=many_shifts, listing=shifts_of_day)
    )
    desk.waits("volunteers.crossing", officer_waits)
    jobs.every(timedelta(seconds=20), "service.credit", append_due)
    jobs.every(timedelta(hours=1), "service.close", close_settled)
    jobs.every(timedelta(days=1), "service.archive", archive_settled)
    jobs.every(timedelta(hours=1), "service.portraits", drop_portraits)
    jobs.every(timedelta(hours=1), "service.series", keep_open)
    jobs.every(timedelta(minutes=15), "service.remind", remind)


def _desk(app: Flask) -> None:
    """The pages of coordinator, squad leader and prosecutor."""
    app.register_blueprint(counter.desk)
    for chapter in DESK:
        app.register_blueprint(chapter.bp)
    navigation.place(45, "preparing.trainings", _l("Training"), "school", rights.RECORD_TRAINING, roles=SQUADS)
    navigation.place(49, "anomalies.index", _l("Unusual"), "eye", rights.CLOSE_ANOMALY)
    desk.waits("volunteers.unusual", anomalies.waiting)
    jobs.every(timedelta(hours=1), "service.unusual", find_anomalies)
    word = _l("Service to hand over")
    navigation.place(50, "exports.index", word, "upload", rights.EXPORT_NAMES, roles=assessments.DESK)
    navigation.place(91, "papers.index", _l("Templates of papers"), "file-text", CHANGE_SETTINGS)
    app.register_blueprint(evaluation.squads)
    word = _l("Remarks")
    navigation.place(47, "remarks.index", word, "pencil", rights.GIVE_REMARK, evaluation.count_waiting)
    navigation.place(44, "shifts.week", _l("Traffic shifts"), "calendar-event", rights.KEEP_SHIFTS)
    navigation.place(
        46, "board.show", _l("People under assessment"), "progress", rights.SEE_ASSESSMENT, roles=assessments.DESK
    )
    word = _l("Corrections of hours")
    navigation.place(
        47, "corrections.index", word, "pencil", rights.SEE_CORRECTION, corrections.count_waiting, roles=CORRECTING
    )
    word = _l("Countersign")
    navigation.place(43, "countersign.week", word, "clipboard-check", rights.COUNTERSIGN, countersign.count_waiting)
    desk.waits("volunteers.countersign", countersign.weeks_to_sign)
    desk.waits("volunteers.unconfirmed", unconfirmed.late_shifts)
    desk.waits("volunteers.interests", interests.needs_another_officer)
    desk.waits("volunteers.corrections", corrections.correction_waits)
    word = _l("Service schemes")
    navigation.place(48, "schemes.index", word, "clipboard-list", rights.SEE_SCHEME, schemes.count_drafts)
    case_panels.panel("assessments", 20, proposing.assessments_of_case)


def init_app(app: Flask) -> None:
    """Register blueprints, commands, notices, jobs and places of the navigation."""
    _phones(app)
    _desk(app)
    register_taker(
        Taker(
            "posts",
            _l("Traffic posts"),
            POSTS,
            IMPORT_FILES,
            posts.context,
            posts.store,
            posts.current,
            note=_l("Where volunteers stand, in which hours, how many, and under which officers."),
            page="posts.show",
            order=20,
        )
    )
    register_taker(
        Taker(
            "volunteers",
            _l("People under assessment"),
            INTAKE,
            IMPORT_FILES,
            intake.context,
            intake.store,
            intake.current,
            note=_l("Who serves until when, for how many hours, and in which case."),
            page="assessments.show",
            order=30,
        )
    )
    register_taker(
        Taker(
            sheet.SIGN_INS,
            _l("Sign-in sheets"),
            SHEET,
            IMPORT_FILES,
            sheet.context,
            sheet.store,
            sheet.current,
            note=_l("The paper sheets of a month. Nothing is confirmed by this: each sheet is put before its officer."),
            monthly=True,
            settled=sheet.settled,
            order=50,
        )
    )

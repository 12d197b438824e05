"""Publishing a rota: what it does to whom is said before, what stands in the way after."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.web import find, needs, now, person, see_other, today
from lawyers.actions.publishing import broken_demands, publish_rota
from lawyers.actions.rota import check_draft, in_force
from lawyers.forms.rota import PublishForm
from lawyers.grid import broken_in_words, grid_of, month_words
from lawyers.models import DutyState, Rota, RotaState
from lawyers.rights import PUBLISH_ROTA
from scheduler.timeline.timeline import Collision

bp = Blueprint("publication", __name__, url_prefix="/rotas/<uuid:public_id>/publication")


@bp.get("")
@needs(PUBLISH_ROTA)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    rota = find(Rota, public_id, may=PUBLISH_ROTA)
    check_draft(rota)
    return _page(rota, PublishForm(formdata=None))


def _page(rota: Rota, form: Any) -> str:
    grid = grid_of(rota, today(), full=True)
    standing = in_force(rota.station, rota.first_on, RotaState.PUBLISHED)
    so_far = [d for d in standing.duties if d.state != DutyState.CANCELLED] if standing else []
    before = {(d.serves_on, d.lawyer_id) for d in so_far if d.lawyer_id}
    after = {(d.serves_on, d.lawyer_id) for column in grid.columns for d in column.duties if d.lawyer_id}
    changed = {(on, who) for on, who in before ^ after if on >= today()}
    broken = [broken_in_words(one, grid.facts) for one in broken_demands(rota, grid.facts, today())]
    form.despite.flags.required = bool(broken)
    refusal = g.get("refusal")
    return render_template(
        "lawyers/publication.html",
        rota=rota,
        month=month_words(rota),
        form=form,
        standing=standing,
        duties=len(after),
        told=len({who for _, who in changed}),
        empty=[on for on in grid.empty_days if on not in grid.facts.problem.may_stay_uncovered],
        accepted=[on for on in grid.empty_days if on in grid.facts.problem.may_stay_uncovered],
        broken=broken,
        years=grid.facts.unofficial_years,
        refused=refusal,
        clashes=refusal.clashes if isinstance(refusal, Collision) else [],
    )


@bp.post("")
@needs(PUBLISH_ROTA)
def publish(public_id: uuid.UUID) -> ResponseReturnValue:
    rota = find(Rota, public_id, may=PUBLISH_ROTA)
    form = PublishForm.of(lambda form: _page(rota, form))
    publish_rota(rota, person(), now(), accept_empty=form.accept_empty.data, despite=(form.despite.data or "").strip())
    flash(gettext("%(month)s is published.", month=month_words(rota)), "good")
    return see_other("rota.show", public_id=public_id)

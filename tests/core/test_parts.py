from __future__ import annotations

from seamline.core.parts import WHOLE, Parts
from seamline.systems.psnet_lite.spec import lite_parts


def test_parts_of_the_whole_stand_beside_regions() -> None:
    parts = lite_parts(8)
    assert parts.whole == (5, 6)
    assert parts.regions == (0, 1, 2, 3, 4)
    assert parts.labels_for("skirt")[0] == "waistband"
    assert parts.labels_for("skirt")[5:] == parts.labels_for("vest")[5:] == ("whole garment", "details of the whole")


def test_a_garment_that_is_one_vector_has_no_part_beside_regions() -> None:
    assert (WHOLE.whole, WHOLE.regions) == ((), (0,))


def test_a_choice_of_parts_keeps_their_counterparts() -> None:
    chosen = lite_parts(8).only((0, 3, 4))
    assert chosen == Parts(("collar", "left_sleeve", "right_sleeve"), (0, 2, 1), 8)

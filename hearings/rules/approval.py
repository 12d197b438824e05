"""What the chief's word on a hearing must say (H-02, H-05)."""

from __future__ import annotations

from law import Verdict


def judge_approval(document: str) -> Verdict:
    """Refuse an approval without the number of its document.

    Source: 人民检察院审查案件听证工作规定 art. 4 ¶1; DOMAIN H-02.
    """
    return Verdict.ok() if document.strip() else Verdict.refuse("document")


def judge_words(words: str) -> Verdict:
    """Refuse a return without a remark, a refusal without reasons.

    Source: 人民检察院审查案件听证工作规定 art. 9; DOMAIN H-05.
    """
    return Verdict.ok() if words.strip() else Verdict.refuse("words")

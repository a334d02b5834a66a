"""Each kind of damage, planted in a healthy shop so that no other kind is there."""

from tests.moving.shop import OldShop, Plant, at, uid


def k01(shop: OldShop) -> None:
    session = shop.session("seed", 8, status="waiting")
    shop.request(session, 8, session_id=None, status="accepted", mechanic_id=shop.ann, accepted_at=at(4))


def k02(shop: OldShop) -> None:
    one = shop.session("two", 8)
    two = shop.session("two again", 9, customer_user_id=one["customer_user_id"])
    shop.request(two, 8, session_id=None)


def k03(shop: OldShop) -> None:
    shop.request(shop.session("lost", 8), 8, status="accepted", mechanic_id=shop.ann, accepted_at=at(4))


def k04(shop: OldShop) -> None:
    shop.request(None, 8, session_id=uid("gone"), status="accepted", mechanic_id=shop.ann, accepted_at=at(4))


def k05(shop: OldShop) -> None:
    shop.request(None, 8)


def k06(shop: OldShop) -> None:
    shop.session("unseen", 8)


def k07(shop: OldShop) -> None:
    shop.pending("nobody's", status="waiting")


def k08(shop: OldShop) -> None:
    shop.held("both", shop.ann, status="pending")


def k09(shop: OldShop) -> None:
    first = shop.session("first", 8)
    request = shop.request(None, 8, customer_id=first["customer_user_id"], status="accepted", mechanic_id=shop.ann,
                           accepted_at=at(4))  # fmt: skip
    shop.session("second", 4, customer_user_id=first["customer_user_id"], status="waiting", mechanic_id=shop.ann,
                 stripe_session_id=f"manual-{request['id']}")  # fmt: skip


def k10(shop: OldShop) -> None:
    shop.held("one", shop.ann)
    shop.held("other", shop.ann)


def k11(shop: OldShop) -> None:
    held = shop.held("one", shop.ann)
    other = shop.session("other", 7, customer_user_id=held["customer_user_id"])
    shop.request(other, 7)


def k12(shop: OldShop) -> None:
    shop.done("over")
    shop.tables["session_requests"][-1]["status"] = "accepted"


def k13(shop: OldShop) -> None:
    shop.done("over")
    shop.tables["session_assignments"][-1]["status"] = "offered"


def k14(shop: OldShop) -> None:
    shop.pending("went away")
    shop.tables["session_requests"][-1]["status"] = "cancelled"


def k15(shop: OldShop) -> None:
    shop.done("never")["started_at"] = None


def k16(shop: OldShop) -> None:
    shop.done("by whom")["mechanic_id"] = None
    shop.tables["mechanic_earnings"].pop()


def k17(shop: OldShop) -> None:
    shop.done("ran")["status"] = "cancelled"
    shop.tables["session_requests"][-1]["status"] = "cancelled"


def k18(shop: OldShop) -> None:
    shop.held("runs on", shop.ann, status="live", created_at=at(200), started_at=at(190))
    shop.tables["session_requests"][-1].update(created_at=at(200), accepted_at=at(195))


def k19(shop: OldShop) -> None:
    shop.pending("forgotten")["expires_at"] = at(2)
    shop.tables["session_requests"][-1]["expires_at"] = at(2)


def k20(shop: OldShop) -> None:
    session = shop.done("backwards")
    session["started_at"], session["ended_at"] = session["ended_at"], session["started_at"]


def k21(shop: OldShop) -> None:
    shop.done("word")["status"] = "finished"


def k22(shop: OldShop) -> None:
    shop.done("other id")["mechanic_id"] = uid("auth", "Ann")


def k23(shop: OldShop) -> None:
    shop.done("nobody")["customer_user_id"] = None


def k24(shop: OldShop) -> None:
    shop.done("no intake")["intake_id"] = None
    shop.tables["intakes"].pop()


def k25(shop: OldShop) -> None:
    shop.done("wrong page")["type"] = "chat"


def k26(shop: OldShop) -> None:
    shop.done("no plan")["plan"] = "platinum"


def k27(shop: OldShop) -> None:
    shop.done("urgent")
    shop.tables["intakes"][-1]["urgent"] = True


def k28(shop: OldShop) -> None:
    shop.assigned(shop.done("twice"), shop.ann, 2999, status="completed")


def k29(shop: OldShop) -> None:
    shop.done("other hands")
    shop.tables["session_assignments"][-1]["mechanic_id"] = shop.bob


def k30(shop: OldShop) -> None:
    shop.done("paid")
    shop.tables["mechanic_earnings"][-1]["mechanic_id"] = shop.bob


def k31(shop: OldShop) -> None:
    before = shop.done("before")
    shop.request(before, 100, session_id=None, parent_session_id=before["id"], status="cancelled")


def k32(shop: OldShop) -> None:
    shop.done("unpaid")
    shop.tables["session_extensions"][-1]["payment_intent_id"] = None


def k33(shop: OldShop) -> None:
    shop.done("rated")["rating"] = 1


def k34(shop: OldShop) -> None:
    session = shop.pending("again")
    shop.request(session, 4)


def k35(shop: OldShop) -> None:
    shop.done("empty")
    shop.tables["session_files"][-1]["storage_path"] = None


PLANTS: dict[int, Plant] = {
    int(name[1:]): made for name, made in list(globals().items()) if name[:1] == "k" and name[1:].isdigit()
}

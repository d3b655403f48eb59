"""Rooms with bookings that don't overlap and members whose e-mails differ, or one thing about it wrong.

    python studios.py FAULT
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402


class Studios(Service):
    rooms, bookings, members, ids = {}, {}, {}, itertools.count(1)
    do_PUT = Service.do_POST

    def answer(self, body):
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "rooms"]:
                return self.make(self.rooms, body)
            case ["POST", "bookings"]:
                return self.book(body)
            case ["PUT", "bookings", key]:
                return self.move(key, body)
            case ["DELETE", "bookings", key]:
                return self.delete(self.bookings, key, "keeps-bookings")
            case ["POST", "members"]:
                return self.join(body)
            case ["DELETE", "members", key]:
                return self.delete(self.members, key, "keeps-members")
        return error(404, "not-found")

    @property
    def fault(self):
        return self.options.what

    def make(self, kind, made):
        key = f"{len(kind)}-{next(self.ids)}"
        kind[key] = made
        return 201, {"id": key}

    def delete(self, kind, key, kept):
        if key not in kind or kind[key] is None:
            return error(404, "not-found")
        if self.fault != kept:
            del kind[key]
        return 200, {}

    def book(self, body):
        if body["room"] not in self.rooms:
            return error(422, "no-room")
        if body["from"] >= body["until"]:
            return error(400, "ends-later")
        if self.overlaps(body["room"], body):
            return error(409, "no-overlap")
        return self.make(self.bookings, dict(body))

    def move(self, key, body):
        if key not in self.bookings:
            return error(404, "not-found")
        if body["from"] >= body["until"]:
            return error(400, "ends-later")
        own = self.bookings[key]
        besides = None if self.fault == "meets-itself" else key
        if self.fault != "moves-anywhere" and self.overlaps(own["room"], body, besides):
            return error(409, "no-overlap")
        if self.fault != "stays":
            own.update(body)
        return 200, {}

    def overlaps(self, room, asked, besides=None):
        there = [(key, own) for key, own in self.bookings.items() if key != besides]
        match self.fault:
            case "overlaps-anything":
                return False
            case "only-the-latest":
                there = there[-1:]
            case "only-the-first":
                there = [one for one in there if one[1]["room"] == room][:1]
        for _, own in there:
            if own["room"] != room and self.fault != "any-room":
                continue
            ends, starts = own["until"] <= asked["from"], own["from"] >= asked["until"]
            match self.fault:
                case "touching":
                    ends, starts = own["until"] < asked["from"], own["from"] > asked["until"]
                case "compares-starts":
                    ends, starts = own["from"] != asked["from"], False
            if not (ends or starts):
                return True
        return False

    def join(self, body):
        if body["room"] not in self.rooms:
            return error(422, "no-room")
        if self.fault != "emails-twice" and any(own["email"] == body["email"] for own in self.members.values()):
            return error(409, "one-member-an-email")
        there = [own for own in self.members.values() if own["room"] == body["room"]]
        if len(there) >= {"three-members": 3, "one-member": 1}.get(self.fault, 2):
            return error(422, "two-members-a-room")
        taken = sum(own["seats"] for own in there)
        match self.fault:
            case "latest-seats":
                taken = there[-1]["seats"] if there else 0
            case "own-seats-free":
                taken -= body["seats"]
        if taken + body["seats"] > self.rooms[body["room"]]["seats"]:
            return error(422, "seats-of-the-room")
        return self.make(self.members, dict(body))


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Studios.rooms, Studios.bookings, Studios.members = {}, {}, {}
    serving.serve(Studios, [], what=what)

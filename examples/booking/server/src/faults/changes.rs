//! Mistakes about moving bookings and giving them up.

use rust_decimal::RoundingStrategy::{MidpointAwayFromZero, MidpointNearestEven};

use super::{Fault, Wrong};
use crate::api::change::Reason;
use crate::rules::changes::*;

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "length-of-the-move-unchecked",
        rule: "move-keeps-the-length",
        about: "forgets the check",
        wrong: Wrong::Move(|_| true),
    },
    Fault {
        name: "moves-what-is-cancelled",
        rule: "no-move-after-cancelling",
        about: "forgets the check",
        wrong: Wrong::Move(|_| true),
    },
    Fault {
        name: "cancels-twice",
        rule: "is-cancelled",
        about: "forgets the check",
        wrong: Wrong::Cancel(|_| true),
    },
    Fault {
        name: "fee-rounds-half-up",
        rule: "fee-by-notice",
        about: "rounds half a cent up",
        wrong: Wrong::Cancel(|cancel| {
            cancel.request.fee == share(cancel, percent(cancel), MidpointAwayFromZero)
        }),
    },
    Fault {
        name: "notice-of-exactly-a-day-is-late",
        rule: "fee-by-notice",
        about: "takes 24 hours for too late",
        wrong: Wrong::Cancel(|cancel| {
            let is_a_day =
                cancel.request.notice_hours == 24 && cancel.request.reason != Reason::RoomUnusable;
            let percent = if is_a_day { 80 } else { percent(cancel) };
            cancel.request.fee == share(cancel, percent, MidpointNearestEven)
        }),
    },
    Fault {
        name: "fee-for-a-broken-room",
        rule: "fee-by-notice",
        about: "takes a fee for a room that can't be used",
        wrong: Wrong::Cancel(|cancel| {
            cancel.request.fee
                == share(
                    cancel,
                    kept_percent(cancel.request.notice_hours),
                    MidpointNearestEven,
                )
        }),
    },
];

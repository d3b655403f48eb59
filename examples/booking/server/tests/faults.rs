//! Every fault shows: there is a sequence of requests that the faulty server answers
//! differently from the right one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod support;

use std::collections::BTreeSet;

use booking_server::faults::Faults;
use serde_json::{Value, json};
use support::*;

/// A sequence whose last request tells the faulty server from the right one.
fn scenario(fault: &str) -> Vec<Step> {
    let steps = rooms(fault)
        .or_else(|| bookings(fault))
        .or_else(|| food(fault))
        .or_else(|| changes(fault))
        .or_else(|| access(fault))
        .or_else(|| existence(fault))
        .or_else(|| repeats(fault))
        .or_else(|| overlaps(fault))
        .or_else(|| moves(fault))
        .or_else(|| quotas(fault))
        .or_else(|| windows(fault));
    steps.unwrap_or_else(|| panic!("{fault} has no scenario"))
}

fn rooms(fault: &str) -> Option<Vec<Step>> {
    let days = |lists: &[&[&str]]| {
        let entry = |days: &&[&str]| json!({"days": days, "opens": 8, "closes": 17});
        json!({"opening_hours": lists.iter().map(entry).collect::<Vec<_>>()})
    };
    Some(vec![room(match fault {
        "capacity-of-the-first-layout" => json!({"layouts": {"theatre": 14, "boardroom": 36}}),
        "capacity-of-all-layouts-together" => json!({}),
        "weekdays-within-each-entry-only" => days(&[&["MO", "TU"], &["TU"]]),
        _ => return None,
    })])
}

fn guests(number: usize, presence: &str) -> Vec<Value> {
    let guest = |i| json!({"email": format!("g{i}@supplier.example"), "role": "guest", "presence": presence});
    (0..number).map(guest).collect()
}

/// So many guests, and somebody with a role at a place among them.
fn among(number: usize, others: &[(usize, &str)]) -> Value {
    let mut all = guests(number, "remote");
    for (place, role) in others {
        let other = json!({"email": "x@quayside.example", "role": role, "presence": "remote"});
        all.insert(*place, other);
    }
    json!({"attendees": all})
}

fn with(mut one: Value, other: Value) -> Value {
    let members = one.as_object_mut().unwrap();
    members.extend(other.as_object().unwrap().clone());
    one
}

fn bookings(fault: &str) -> Option<Vec<Step>> {
    let pause = |from: &str, until: &str| {
        let at = |time: &str| format!("2031-06-12T{time}:00Z");
        json!({"from": at(from), "until": at(until)})
    };
    let on = |date: &str, from: &str, until: &str| json!({"starts_at": format!("{date}T{from}:00Z"), "ends_at": format!("{date}T{until}:00Z")});
    let crowd = |layout: &str, people: usize, setup: i64| {
        let all = with(among(people - 1, &[(0, "host")]), json!({"layout": layout}));
        with(all, json!({"setup_minutes": setup}))
    };
    let approved = json!({"weekend_approval": "WE-0412"});
    let asked = booking(match fault {
        "ends-when-it-starts" => times("12:30", "12:30"),
        "length-with-the-break" => with(
            times("06:00", "16:30"),
            json!({"breaks": [pause("10:00", "10:45")]}),
        ),
        "opening-hours-in-utc" => times("05:30", "08:00"),
        "open-until-the-start-of-the-last-hour" => times("15:00", "18:00"),
        "opening-hours-of-the-start-only" => times("15:00", "18:45"),
        // Half past midnight on Saturday in Berlin.
        "weekend-in-utc" => {
            return Some(vec![
                room(json!({"zone": "Asia/Singapore"})),
                booking(with(on("2031-06-13", "23:30", "23:59"), approved)),
            ]);
        }
        "sunday-is-no-weekend" => on("2031-06-15", "09:00", "11:00"),
        "approval-on-any-day" => approved,
        "break-after-the-end" => json!({"breaks": [pause("14:00", "15:00")]}),
        "breaks-may-overlap" => {
            json!({"breaks": [pause("13:00", "13:30"), pause("13:15", "13:45")]})
        }
        "remote-attendees-need-seats" => crowd("boardroom", 15, 0),
        "seats-of-the-capacity" => {
            let mut all = guests(15, "onsite");
            all[0]["role"] = json!("host");
            json!({"attendees": all})
        }
        "large-classes-as-fast-as-small-ones" => crowd("theatre", 40, 15),
        "setup-without-default" => with(crowd("classroom", 9, 0), json!({"setup_minutes": null})),
        "no-host-needed" => among(2, &[]),
        "invitations-of-six" => among(5, &[(5, "host")]),
        "first-speaker-on-the-invitation" => {
            among(4, &[(0, "host"), (1, "speaker"), (6, "speaker")])
        }
        _ => return None,
    });
    Some(vec![room(json!({})), asked])
}

fn food(fault: &str) -> Option<Vec<Step>> {
    let meal = |at: &str, final_at: &str, diets: Value| {
        json!({
            "served_at": format!("2031-05-20T{at}Z"), "final_at": format!("{final_at}:00Z"),
            "portions": 7, "portion_price": 4.35, "diets": diets,
        })
    };
    let meals = |meals: &[Value]| {
        booked(
            "workshop",
            json!({"catering": {"contact": "m@quayside.example", "meals": meals}}),
        )
    };
    let plain = |at: &str| meal(at, "2031-05-16T12:00", json!({}));
    let steps = |steps: &[(i64, i64)]| {
        let step =
            |(hours, percent): &(i64, i64)| json!({"hours_before": hours, "fee_percent": percent});
        booking(json!({"cancellation": steps.iter().map(step).collect::<Vec<_>>()}))
    };
    let asked = match fault {
        "portions-final-two-days-before-the-first-meal" => meals(&[
            plain("09:30:00"),
            meal("11:45:00", "2031-05-18T11:00", json!({})),
        ]),
        "meals-to-the-minute" => meals(&[plain("09:30:20")]),
        "meals-in-any-order" => meals(&[plain("11:45:00"), plain("09:30:00")]),
        "meal-at-the-end" => meals(&[plain("13:30:00")]),
        "diets-counted-once-each" => meals(&[meal(
            "09:30:00",
            "2031-05-16T12:00",
            json!({"vegan": 4, "halal": 5}),
        )]),
        "steps-compared-with-the-first" => steps(&[(168, 20), (72, 45), (24, 40)]),
        "same-share-again" => steps(&[(168, 20), (72, 20)]),
        _ => return None,
    };
    Some(vec![room(json!({})), asked])
}

fn changes(fault: &str) -> Option<Vec<Step>> {
    let mut steps = vec![room(json!({})), booking(json!({"price": 96.50}))];
    let fee = |reason: &str, hours: i64, fee: f64| {
        cancelled(
            1,
            json!({"reason": reason, "notice_hours": hours, "fee": fee}),
        )
    };
    steps.extend(match fault {
        "length-of-the-move-unchecked" => vec![moved(1, "09:00", "10:00")],
        "moves-what-is-cancelled" => vec![cancelled(1, json!({})), moved(1, "09:00", "11:15")],
        "cancels-twice" => vec![cancelled(1, json!({})), cancelled(1, json!({}))],
        // A quarter is 24.125.
        "fee-rounds-half-up" => vec![fee("illness", 30, 24.12)],
        "notice-of-exactly-a-day-is-late" => vec![fee("illness", 24, 24.12)],
        "fee-for-a-broken-room" => vec![fee("room_unusable", 30, 0.0)],
        _ => return None,
    });
    Some(steps)
}

fn access(fault: &str) -> Option<Vec<Step>> {
    let mut steps = vec![room(json!({})), booking(json!({}))];
    let look = Step {
        method: "GET",
        ..post("/bookings/{1}", Value::Null)
    };
    steps.push(match fault {
        "rooms-by-anybody" => room(json!({})).by("oskar"),
        "rooms-closed-by-anybody" => close(),
        "anybody-moves" => moved(1, "09:00", "11:15").by("mira"),
        "anybody-cancels" => cancelled(1, json!({})).by("mira"),
        "bookings-looked-up-by-anybody" => look.by("mira"),
        "managers-own-nothing" => look.by("manager"),
        "bookings-belong-to-managers" => look,
        _ => return None,
    });
    Some(steps)
}

fn close() -> Step {
    Step {
        method: "DELETE",
        ..post("/rooms/{0}", Value::Null)
    }
}

fn existence(fault: &str) -> Option<Vec<Step>> {
    let nowhere = json!({"room_id": "room_0000"});
    Some(match fault {
        "bookings-of-no-room" => vec![booking(nowhere)],
        "series-of-no-room" => vec![series(nowhere)],
        "closed-rooms-stay" => vec![room(json!({})), close().by("manager"), booking(json!({}))],
        _ => return None,
    })
}

fn repeats(fault: &str) -> Option<Vec<Step>> {
    Some(vec![
        room(json!({})),
        series(match fault {
            "count-beside-until" => json!({"count": 9}),
            "weeks-begin-on-monday" => json!({"first_on": "2031-03-03", "weekdays": ["MO"]}),
            "weeks-without-interval" => json!({"until": "2031-10-07"}),
            "any-budget" => json!({"budget_year": 2032}),
            _ => return None,
        }),
    ])
}

fn overlaps(fault: &str) -> Option<Vec<Step>> {
    let first = || taken("09:00", "11:00");
    let mut steps = vec![room(json!({}))];
    steps.extend(match fault {
        "back-to-back-is-overlap" => vec![first(), taken("11:00", "12:00")],
        "overlap-of-equal-starts-only" => vec![first(), taken("10:00", "12:00")],
        "overlap-of-the-start-only" => vec![first(), taken("08:00", "10:00")],
        "cancelled-bookings-block" => vec![first(), cancelled(1, json!({})), first()],
        "overlap-in-any-room" => {
            let mut elsewhere = first();
            elsewhere.body["room_id"] = json!("{1}");
            vec![room(json!({})), elsewhere, first()]
        }
        "overlap-with-the-latest-only" => vec![first(), taken("13:00", "14:00"), first()],
        "overlap-with-own-bookings-only" => vec![first(), first().by("mira")],
        _ => return None,
    });
    Some(steps)
}

fn moves(fault: &str) -> Option<Vec<Step>> {
    let (first, second) = (taken("09:00", "11:00"), taken("12:00", "14:00"));
    let mut steps = vec![room(json!({})), first, second];
    steps.extend(match fault {
        "moves-may-overlap" => vec![moved(2, "10:00", "12:00")],
        "moves-overlap-themselves" => vec![moved(2, "13:00", "15:00")],
        "moves-overlap-the-latest-only" => {
            vec![taken("15:00", "16:00"), moved(2, "10:00", "12:00")]
        }
        "moved-bookings-stay" => vec![moved(2, "14:00", "16:00"), taken("12:00", "13:00")],
        _ => return None,
    });
    Some(steps)
}

fn quotas(fault: &str) -> Option<Vec<Step>> {
    let mut steps = vec![
        room(json!({})),
        taken("07:00", "08:00"),
        taken("08:00", "09:00"),
    ];
    let (third, fourth) = (taken("09:00", "10:00"), taken("10:00", "11:00"));
    steps.extend(match fault {
        "fourth-booking-of-a-room" => vec![third, fourth],
        "quota-counts-cancelled" => vec![third, cancelled(1, json!({})), fourth],
        "quota-of-everybody" => vec![third.by("mira"), fourth],
        "quota-over-all-rooms" => {
            let mut elsewhere = third.clone();
            elsewhere.body["room_id"] = json!("{3}");
            vec![room(json!({})), elsewhere, third]
        }
        _ => return None,
    });
    Some(steps)
}

/// The booking is from 12:30 to 14:45.
fn windows(fault: &str) -> Option<Vec<Step>> {
    let mut steps = vec![room(json!({})), booking(json!({}))];
    let at = match fault {
        "cancelled-until-the-start" => "2031-06-12T10:31:00Z",
        "cancelled-until-the-end" => "2031-06-12T12:35:00Z",
        "window-of-the-first-start" => {
            steps.push(moved(1, "14:30", "16:45"));
            "2031-06-12T12:00:00Z"
        }
        "no-excuse-for-a-broken-room" => "2031-06-12T12:00:00Z",
        _ => return None,
    };
    let reason = if fault == "no-excuse-for-a-broken-room" {
        "room_unusable"
    } else {
        "illness"
    };
    steps.push(cancelled(1, json!({"reason": reason})).at(at));
    Some(steps)
}

#[tokio::test]
async fn every_fault_shows() {
    let mut names = BTreeSet::new();
    for fault in Faults::known() {
        let name = fault.name;
        assert!(names.insert(name), "{name} is there twice");
        let steps = scenario(name);
        let right = play(&server(&[]), &steps).await;
        let wrong = play(&server(&[name]), &steps).await;
        let before = steps.len() - 1;
        assert_eq!(right[..before], wrong[..before], "{name}");
        assert!(
            right[..before].iter().all(|(status, _)| *status < 300),
            "{name}: {right:?}"
        );
        let codes = [&right[before], &wrong[before]];
        let accepted = codes.iter().filter(|(status, _)| *status < 300).count();
        assert_eq!(accepted, 1, "{name}: {codes:?}");
        let (_, refused) = codes.iter().find(|(status, _)| *status >= 300).unwrap();
        let of_existence = refused == "no-such-room" && fault.rule.ends_with("-exists");
        assert!(refused == fault.rule || of_existence, "{name}: {codes:?}");
    }
}

#[test]
fn unknown_faults_are_told() {
    let message = Faults::named(&["cancelled-twice".to_owned()])
        .err()
        .unwrap();
    assert!(message.contains("no fault named cancelled-twice"));
}

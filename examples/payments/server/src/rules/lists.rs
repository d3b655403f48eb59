//! Filters of lists that only make sense together.

use crate::api::payment::ListQuery;
use crate::faults::Fault::*;
use crate::faults::Faults;
use crate::problem::{Problem, rule};

pub fn check(query: &ListQuery, faults: &Faults) -> Result<(), Problem> {
    dates_in_order(query, faults)?;
    let by_maximum = query.max_amount.is_some() && !faults.on(MaximumWithoutCurrency);
    let by_amount = query.min_amount.is_some() || by_maximum;
    let holds = query.currency.is_some() || !by_amount;
    rule(
        "list-amounts-name-a-currency",
        holds,
        "an amount needs a currency",
    )
}

fn dates_in_order(query: &ListQuery, faults: &Faults) -> Result<(), Problem> {
    if faults.on(ListDatesUncheckedWithStatus) && query.status.is_some() {
        return Ok(());
    }
    let holds = match (query.created_from, query.created_to) {
        (Some(from), Some(to)) if faults.on(OneDayListRefused) => from < to,
        (Some(from), Some(to)) => from <= to,
        _ => true,
    };
    rule(
        "list-dates-in-order",
        holds,
        "the list ends before it starts",
    )
}

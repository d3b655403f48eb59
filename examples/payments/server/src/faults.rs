//! Mistakes that can be switched on, one by one: what hurried teams get wrong.

use std::collections::BTreeSet;

/// A mistake, as it is listed and switched on.
pub struct Entry {
    pub fault: Fault,
    pub name: &'static str,
    /// The rule that it breaks, as named in the rule file.
    pub rule: &'static str,
    pub about: &'static str,
}

macro_rules! faults {
    ($($fault:ident, $name:literal, $rule:literal, $about:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault { $($fault),+ }

        /// All mistakes, in the order of the rules.
        pub const FAULTS: &[Entry] = &[
            $(Entry { fault: Fault::$fault, name: $name, rule: $rule, about: $about }),+
        ];
    };
}

faults! {
    TotalIgnoresLineDiscounts, "total-ignores-line-discounts", "payment-amount-matches-lines",
        "adds the lines up without their discounts";
    TotalSkipsServiceLines, "total-skips-service-lines", "payment-amount-matches-lines",
        "adds up goods and gift cards, but no services";
    TotalForgetsShipping, "total-forgets-shipping", "payment-amount-matches-lines",
        "compares the amount with the lines alone";
    TotalCheckedForUnderpaymentOnly, "total-checked-for-underpayment-only", "payment-amount-matches-lines",
        "refuses too small an amount, accepts too large a one";
    DiscountAgainstUnitPrice, "discount-against-unit-price", "line-discount-below-line-price",
        "compares the discount with the price of one piece";
    DiscountUpToWholePrice, "discount-up-to-whole-price", "line-discount-below-line-price",
        "lets a discount take the whole price off";
    DiscountOfFirstLineOnly, "discount-of-first-line-only", "line-discount-below-line-price",
        "checks the first line only";
    YenChecksTheFee, "yen-checks-the-fee", "yen-has-no-decimals",
        "looks for decimals in the platform fee instead of the amount";
    GrowthFeeAtStarterShare, "growth-fee-at-starter-share", "fee-within-tier-share",
        "has the starter share in the table for growth";
    FeeUncheckedWithoutTier, "fee-unchecked-without-tier", "fee-within-tier-share",
        "checks nothing where the tier is left to its default";
    FeeCapRoundsDown, "fee-cap-rounds-down", "fee-within-tier-share",
        "cuts the cap off after the cent, and refuses a fee at the cap";
    SplitsForgetThePlatformFee, "splits-forget-the-platform-fee", "splits-share-out-the-amount",
        "shares out the whole amount, fee included";
    SplitsMayStayBelow, "splits-may-stay-below", "splits-share-out-the-amount",
        "refuses only splits that exceed what there is to share";
    CommissionCountsAsSeller, "commission-counts-as-seller", "split-pays-a-seller",
        "takes a commission for a seller";
    SellerMustComeFirst, "seller-must-come-first", "split-pays-a-seller",
        "looks at the first split only";
    RateWithoutSettlementCurrency, "rate-without-settlement-currency", "rate-with-settlement-currency",
        "accepts a conversion rate to no currency";
    DelayHoursNotDemanded, "delay-hours-not-demanded", "delay-hours-with-delayed-capture",
        "accepts a delayed capture that doesn't say when";
    DelayHoursAllowedForManual, "delay-hours-allowed-for-manual", "delay-hours-with-delayed-capture",
        "accepts delay hours of a manual capture";
    WalletDelayedLikeCard, "wallet-delayed-like-card", "delay-within-method-window",
        "gives wallets the window of cards";
    LastHourOfWindowRefused, "last-hour-of-window-refused", "delay-within-method-window",
        "refuses the last hour of the window";
    DebitMayBeDelayed, "debit-may-be-delayed", "debit-captures-at-once",
        "refuses manual capture of debits, but not delayed capture";
    CardDetailsOptional, "card-details-optional", "card-details-exactly-for-cards",
        "accepts a card payment without card details";
    CardDetailsWithWallet, "card-details-with-wallet", "card-details-exactly-for-cards",
        "accepts card details with wallet payments";
    CompaniesNeedNoMandate, "companies-need-no-mandate", "debit-needs-mandate",
        "lets companies pay by debit without a mandate";
    AccountWithoutMandate, "account-without-mandate", "mandate-comes-with-account",
        "accepts a bank account without a mandate";
    DebitInOtherSepaCountries, "debit-in-other-sepa-countries", "debit-in-euro",
        "takes the currencies of other SEPA countries, too";
    MandateOfSameDayRefused, "mandate-of-same-day-refused", "mandate-signed-by-order-date",
        "refuses a mandate that was signed on the day of the order";
    RecurringMandateDateUnchecked, "recurring-mandate-date-unchecked", "mandate-signed-by-order-date",
        "checks the date only for first and final debits";
    LowValueLimitInEurosForAll, "low-value-limit-in-euros-for-all", "low-value-exemption-limit",
        "compares with 30 in whatever currency";
    LowValueInOtherCurrencies, "low-value-in-other-currencies", "low-value-exemption-limit",
        "exempts any amount in a currency without a limit";
    LowValueWithoutShipping, "low-value-without-shipping", "low-value-exemption-limit",
        "leaves the shipping cost out of the amount";
    MandatedChallengeStopsLowValueOnly, "mandated-challenge-stops-low-value-only", "no-exemption-from-mandated-challenge",
        "refuses no exemption but low value";
    TerminalTakenForPhone, "terminal-taken-for-phone", "no-3ds-by-phone",
        "refuses 3-D Secure at terminals, too";
    PhoneAuthenticatedForEnterprise, "phone-authenticated-for-enterprise", "no-3ds-by-phone",
        "skips the check for enterprise merchants";
    PayLaterInstallmentsRefused, "pay-later-installments-refused", "installments-for-card-and-pay-later",
        "knows installments of cards only";
    WalletInstallments, "wallet-installments", "installments-for-card-and-pay-later",
        "accepts installments of wallets";
    GrowthInstallmentsLikeEnterprise, "growth-installments-like-enterprise", "installments-within-tier",
        "has the enterprise number in the table for growth";
    InstallmentMinimumWithoutShipping, "installment-minimum-without-shipping", "installment-minimum",
        "divides what the lines cost, without shipping";
    InstallmentRoundedToWholeUnits, "installment-rounded-to-whole-units", "installment-minimum",
        "rounds the installment to whole units before comparing";
    InstallmentMinimumExclusive, "installment-minimum-exclusive", "installment-minimum",
        "refuses installments of exactly 25.00";
    InstallmentDueOnOrderDay, "installment-due-on-order-day", "first-installment-after-order",
        "accepts an installment on the day of the order";
    GiftCardOnFirstLineOnly, "gift-card-on-first-line-only", "no-gift-cards-in-installments",
        "looks for a gift card on the first line only";
    GiftCardsOnlyAmongThemselves, "gift-cards-only-among-themselves", "no-gift-cards-in-installments",
        "refuses only orders of nothing but gift cards";
    VatNumberNotNeededAbroad, "vat-number-not-needed-abroad", "company-has-vat-number",
        "excuses companies in Switzerland, Britain and America";
    VatNumberRefusedForPersons, "vat-number-refused-for-persons", "company-has-vat-number",
        "refuses a person who has a VAT number";
    KeyIgnored, "key-ignored", "idempotency-key-keeps-its-payment",
        "takes a new payment whenever a key is sent again";
    KeyReplaysAnything, "key-replays-anything", "idempotency-key-keeps-its-payment",
        "gives the first answer to whatever comes with its key";
    KeyIgnoresMethod, "key-ignores-method", "idempotency-key-keeps-its-payment",
        "compares all of a repeat but the method";
    KeyIgnoresAmount, "key-ignores-amount", "idempotency-key-keeps-its-payment",
        "compares all of a repeat but the amount";
    KeyComparesReference, "key-compares-reference", "idempotency-key-keeps-its-payment",
        "compares nothing of a repeat but the reference";
    RepeatRefused, "repeat-refused", "idempotency-key-keeps-its-payment",
        "refuses a repeat as it refuses another request";
    RefusedPaymentTakesKey, "refused-payment-takes-key", "idempotency-key-keeps-its-payment",
        "lets a request that was refused keep its key";
    OnlyLastCaptureCounts, "only-last-capture-counts", "capture-within-authorised",
        "adds only the latest capture to this one";
    FinalCaptureUnlimited, "final-capture-unlimited", "capture-within-authorised",
        "checks no limit for a final capture";
    PartialCaptureNotRecorded, "partial-capture-not-recorded", "capture-within-authorised",
        "adds a capture to the total only when it is final";
    FullCaptureRefused, "full-capture-refused", "capture-within-authorised",
        "refuses the capture of all that was authorised";
    CapturesIgnoreDiscounts, "captures-ignore-discounts", "capture-within-authorised",
        "captures up to the amount without its discounts";
    OnlyLastDiscountCounts, "only-last-discount-counts", "capture-within-authorised",
        "takes only the latest discount off the limit";
    ConversionForgetsDiscounts, "conversion-forgets-discounts", "capture-within-authorised",
        "forgets the discounts when the currency changes";
    CaptureInSettlementCurrency, "capture-in-settlement-currency", "capture-in-payment-currency",
        "accepts the settlement currency as well";
    ConversionKeepsCurrency, "conversion-keeps-currency", "capture-in-payment-currency",
        "goes on in the old currency after a conversion";
    SecondFinalCapture, "second-final-capture", "no-capture-after-final",
        "checks the final flag only for captures that aren't final";
    FinalOnlyWhenAllIsCaptured, "final-only-when-all-is-captured", "no-capture-after-final",
        "forgets the final flag while something is left";
    EveryCaptureIsFinal, "every-capture-is-final", "no-capture-after-final",
        "ends the payment with its first capture";
    CaptureAfterVoid, "capture-after-void", "no-capture-after-void",
        "forgets the check";
    VoidHitsEveryPayment, "void-hits-every-payment", "no-capture-after-void",
        "marks all payments as voided";
    DiscountsComparedAlone, "discounts-compared-alone", "discounts-at-most-a-fifth",
        "compares each discount alone with the fifth";
    DiscountsOfOthersCounted, "discounts-of-others-counted", "discounts-at-most-a-fifth",
        "adds up the discounts of all payments";
    WholeFifthRefused, "whole-fifth-refused", "discounts-at-most-a-fifth",
        "refuses discounts of exactly a fifth";
    DiscountAfterCapture, "discount-after-capture", "no-discount-after-capture",
        "forgets the check";
    DiscountAfterConversion, "discount-after-conversion", "no-discount-after-conversion",
        "forgets the check";
    DiscountAfterVoid, "discount-after-void", "no-discount-after-void",
        "forgets the check";
    UnknownPaymentDiscounted, "unknown-payment-discounted", "discount-of-a-known-payment",
        "accepts a discount on a payment that it doesn't know";
    ConvertedTwice, "converted-twice", "convert-once",
        "accepts a second conversion";
    ConversionAfterCapture, "conversion-after-capture", "no-conversion-after-capture",
        "forgets the check";
    ConversionAfterVoid, "conversion-after-void", "no-conversion-after-void",
        "forgets the check";
    VoidAfterPartialCapture, "void-after-partial-capture", "void-before-capture",
        "voids what isn't captured in full";
    VoidTwice, "void-twice", "void-once",
        "accepts a second void";
    VoidNoteNotDemanded, "void-note-not-demanded", "void-other-has-note",
        "accepts another reason without a note";
    EarlierRefundsIgnored, "earlier-refunds-ignored", "refund-within-captured",
        "compares each refund alone with what was captured";
    RefundUpToAuthorised, "refund-up-to-authorised", "refund-within-captured",
        "compares with the authorised amount";
    LastCentNotRefundable, "last-cent-not-refundable", "refund-within-captured",
        "refuses the refund of all that was captured";
    AutomaticCaptureNotCounted, "automatic-capture-not-counted", "refund-within-captured",
        "counts nothing as captured for automatic payments";
    RefundRepeatBooked, "refund-repeat-booked", "refund-within-captured",
        "gives the first answer to a repeat, but books it again";
    RefundCurrencyUncheckedForFullRefund, "refund-currency-unchecked-for-full-refund", "refund-in-payment-currency",
        "skips the check when everything is refunded";
    FraudRefundMayBePartial, "fraud-refund-may-be-partial", "fraud-refund-returns-the-rest",
        "forgets the check";
    FraudRefundOfAllThatWasCaptured, "fraud-refund-of-all-that-was-captured", "fraud-refund-returns-the-rest",
        "forgets what was refunded before";
    RefundCountsFirstLineOnly, "refund-counts-first-line-only", "refund-lines-add-up",
        "compares with the first line only";
    RestockingFeeForgotten, "restocking-fee-forgotten", "refund-lines-add-up",
        "doesn't take the restocking fee off";
    ReturnsNeedNoLines, "returns-need-no-lines", "returned-goods-are-listed",
        "accepts returned goods without lines";
    RefundKeyIgnored, "refund-key-ignored", "idempotency-key-keeps-its-refund",
        "makes a new refund whenever a key is sent again";
    RefundKeyReplaysAnything, "refund-key-replays-anything", "idempotency-key-keeps-its-refund",
        "gives the first answer to whatever comes with its key";
    RefundKeyForAllPayments, "refund-key-for-all-payments", "idempotency-key-keeps-its-refund",
        "takes the keys of all payments for the same";
    RefundKeyIgnoresAmount, "refund-key-ignores-amount", "idempotency-key-keeps-its-refund",
        "compares all of a repeat but the amount";
    RefundRepeatRefused, "refund-repeat-refused", "idempotency-key-keeps-its-refund",
        "refuses a repeat as it refuses another request";
    RefundRepeatCheckedAgain, "refund-repeat-checked-again", "idempotency-key-keeps-its-refund",
        "applies the other rules to a repeat, too";
    PayoutToSeveralAccounts, "payout-to-several-accounts", "payout-goes-to-one-account",
        "checks that there is an account, not that it is the only one";
    WalletNotCountedAsAccount, "wallet-not-counted-as-account", "payout-goes-to-one-account",
        "doesn't know wallets as accounts";
    InstantWithoutIban, "instant-without-iban", "euro-payout-needs-iban",
        "demands an IBAN for SEPA only";
    BicNotDemanded, "bic-not-demanded", "bic-exactly-for-swift",
        "accepts a SWIFT payout without BIC";
    BicToleratedForSepa, "bic-tolerated-for-sepa", "bic-exactly-for-swift",
        "accepts a BIC for SEPA payouts";
    RoutingNumberOptional, "routing-number-optional", "account-number-with-routing-number",
        "accepts an account number without routing number";
    PoundsAtTheEuroLimit, "pounds-at-the-euro-limit", "instant-payout-limit",
        "has the limit in euro in the table for pounds";
    InstantLimitExclusive, "instant-limit-exclusive", "instant-payout-limit",
        "refuses a payout of exactly the limit";
    InstantInAnyCurrency, "instant-in-any-currency", "instant-payout-limit",
        "pays any currency out instantly, without a limit";
    SepaNeedsFeeBearerSent, "sepa-needs-fee-bearer-sent", "sepa-costs-are-shared",
        "forgets that costs are shared by default";
    SepaOnlyRefusesBeneficiaryPays, "sepa-only-refuses-beneficiary-pays", "sepa-costs-are-shared",
        "accepts that the sender bears the costs";
    NullRemittanceAccepted, "null-remittance-accepted", "swift-says-what-for",
        "takes null for a remittance text";
    PayoutOnRequestDayRefused, "payout-on-request-day-refused", "payout-not-before-request",
        "refuses execution on the day of the request";
    InstantPayoutDateUnchecked, "instant-payout-date-unchecked", "payout-not-before-request",
        "skips the check for instant payouts";
    PayoutNeedsDateOrRepetition, "payout-needs-date-or-repetition", "payout-date-or-repetition",
        "refuses a payout that has neither";
    PayoutRepeatsAfterDate, "payout-repeats-after-date", "payout-date-or-repetition",
        "accepts monthly repetition beside a date";
    PayoutContactNeedsEmail, "payout-contact-needs-email", "payout-contact-reachable",
        "refuses a contact who has only a phone";
    PayoutContactUnchecked, "payout-contact-unchecked", "payout-contact-reachable",
        "accepts a contact who can't be reached";
    WalletPayoutAnnouncedByPhone, "wallet-payout-announced-by-phone", "wallet-payout-is-announced",
        "takes a phone number for the email address";
    QuoteForgetsMarkup, "quote-forgets-markup", "quote-target-is-converted",
        "takes no markup off";
    QuoteAddsMarkup, "quote-adds-markup", "quote-target-is-converted",
        "adds the markup instead of taking it off";
    QuoteCutsCents, "quote-cuts-cents", "quote-target-is-converted",
        "cuts fractions of a cent off instead of rounding";
    QuoteCountsWholeDays, "quote-counts-whole-days", "quote-valid-at-most-72-hours",
        "compares whole days, so that hours of a fourth day pass";
    QuoteMayEndBeforeItStarts, "quote-may-end-before-it-starts", "quote-valid-at-most-72-hours",
        "doesn't compare start and end";
    EarlierConversionsIgnored, "earlier-conversions-ignored", "conversion-within-quote",
        "compares each conversion alone with the quote";
    ConversionBeforeQuoteStarts, "conversion-before-quote-starts", "conversion-while-quote-valid",
        "checks the end only";
    QuoteEndsAtMidnight, "quote-ends-at-midnight", "conversion-while-quote-valid",
        "lets a quote live on to the end of its last day";
    LastSecondOfQuoteRefused, "last-second-of-quote-refused", "conversion-while-quote-valid",
        "refuses a conversion at the moment of the quote's end";
    SettlementOnNextCalendarDay, "settlement-on-next-calendar-day", "conversion-settles-a-day-later",
        "is content with the next day of the calendar";
    OrderDiscountOnListPrices, "order-discount-on-list-prices", "link-net-is-discounted-lines",
        "takes the percentage of prices before the lines' discounts";
    HalfCentsGoToEven, "half-cents-go-to-even", "link-net-is-discounted-lines",
        "rounds half cents to even";
    BooksTaxedAsReduced, "books-taxed-as-reduced", "link-tax-on-net",
        "has the reduced rate in the table for books";
    TaxBeforeOrderDiscount, "tax-before-order-discount", "link-tax-on-net",
        "taxes what the lines cost before the order's discount";
    LinkTotalOffByACent, "link-total-off-by-a-cent", "link-total-is-net-and-tax",
        "tolerates a cent either way";
    LinkOpenForALongMonth, "link-open-for-a-long-month", "link-open-at-most-30-days",
        "takes a month for 31 days";
    LinkMayExpireBeforeItStarts, "link-may-expire-before-it-starts", "link-open-at-most-30-days",
        "doesn't compare start and end";
    MaxUsesOfSingleUseLink, "max-uses-of-single-use-link", "max-uses-for-reusable-links",
        "forgets the check";
    SmallestQuantityRefused, "smallest-quantity-refused", "quantity-within-adjustable-range",
        "refuses the smallest quantity that is allowed";
    LargestQuantityUnchecked, "largest-quantity-unchecked", "quantity-within-adjustable-range",
        "checks the smallest quantity only";
    QuantityOfFirstLineOnly, "quantity-of-first-line-only", "quantity-within-adjustable-range",
        "checks the first line only";
    OneDayListRefused, "one-day-list-refused", "list-dates-in-order",
        "refuses a list of a single day";
    ListDatesUncheckedWithStatus, "list-dates-unchecked-with-status", "list-dates-in-order",
        "skips the check when a status is given";
    MaximumWithoutCurrency, "maximum-without-currency", "list-amounts-name-a-currency",
        "demands a currency for a smallest amount only";
}

/// The mistakes that are switched on.
#[derive(Default)]
pub struct Faults(BTreeSet<Fault>);

impl Faults {
    /// The mistakes of these names, or a message about a name that isn't known.
    pub fn named(names: &[String]) -> Result<Self, String> {
        names
            .iter()
            .map(|name| find(name))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub fn on(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}

fn find(name: &str) -> Result<Fault, String> {
    let known = FAULTS.iter().find(|entry| entry.name == name);
    known
        .map(|entry| entry.fault)
        .ok_or_else(|| format!("there is no fault named {name}; --list-faults prints them all"))
}

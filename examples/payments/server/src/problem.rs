//! What is answered instead of success.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error answer: `{"error": {"code": ..., "message": ...}}`.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

/// What checking a rule comes to.
pub type Verdict = Result<(), Problem>;

impl Problem {
    /// The request doesn't match its schema.
    pub fn invalid(message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_request",
            message,
        }
    }

    pub fn unauthorized() -> Self {
        let message = "a valid bearer token is needed".to_owned();
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "unauthorized",
            message,
        }
    }

    pub fn no_such_payment() -> Self {
        let message = "there is no such payment".to_owned();
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not_found",
            message,
        }
    }

    pub fn no_such_quote() -> Self {
        let message = "there is no such quote".to_owned();
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "quote_not_found",
            message,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        (self.status, Json(body)).into_response()
    }
}

/// A rule about the request alone: where it doesn't hold, the answer is 422.
pub fn rule(id: &'static str, holds: bool, message: &str) -> Verdict {
    refuse_unless(holds, StatusCode::UNPROCESSABLE_ENTITY, id, message)
}

/// A rule about what happened before: where it doesn't hold, the answer is 409.
pub fn state_rule(id: &'static str, holds: bool, message: &str) -> Verdict {
    refuse_unless(holds, StatusCode::CONFLICT, id, message)
}

fn refuse_unless(holds: bool, status: StatusCode, code: &'static str, message: &str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Problem {
            status,
            code,
            message: message.to_owned(),
        })
    }
}

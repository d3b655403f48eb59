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

impl Problem {
    /// The request doesn't match its schema.
    pub fn invalid(message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_request",
            message,
        }
    }

    /// Nobody says who asks, or nobody who is known.
    pub fn unauthorized() -> Self {
        let message = "a valid bearer token is needed".to_owned();
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "unauthorized",
            message,
        }
    }

    /// What the path names isn't there.
    pub fn not_found(message: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not_found",
            message: message.to_owned(),
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
pub fn rule(id: &'static str, holds: bool, message: &str) -> Result<(), Problem> {
    refuse_unless(holds, StatusCode::UNPROCESSABLE_ENTITY, id, message)
}

/// A rule about what happened before: where it doesn't hold, the answer is 409.
pub fn state_rule(id: &'static str, holds: bool, message: &str) -> Result<(), Problem> {
    refuse_unless(holds, StatusCode::CONFLICT, id, message)
}

/// Refuses with a status, an error code and a message what doesn't hold.
pub fn refuse_unless(
    holds: bool,
    status: StatusCode,
    code: &'static str,
    message: &str,
) -> Result<(), Problem> {
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

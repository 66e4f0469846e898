"""What providers of mail report."""

from typing import Any

from gateway.openapi.parts import POSTED, answers, good, ref

TAG = "mail"

SCHEMAS: dict[str, Any] = {
    "Reports": {
        "type": "object",
        "required": ["state"],
        "properties": {
            "state": {"enum": ["taken", "confirmed", "ignored"]},
            "told": {"type": "integer", "description": "Reports that were news and are events now."},
            "unknown": {"type": "integer", "description": "Reports of letters that are not ours."},
        },
    }
}

PATHS: dict[str, Any] = {
    "/v1/mail/{provider}": {
        "post": {
            "tags": [TAG],
            "operationId": "postReports",
            "summary": "Report what became of letters.",
            "description": """The webhook of a provider of mail: SES (by an SNS topic), Postmark or SendGrid (the signed
                           event webhook). Deliveries, bounces, complaints, opened letters and followed links become
                           events; each report is told once.""",
            "parameters": [
                {
                    "name": "provider",
                    "in": "path",
                    "required": True,
                    "schema": {"enum": ["ses", "postmark", "sendgrid"]},
                    "example": "sendgrid",
                }
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
            "responses": answers({"200": good("Kept, or nothing to keep.", ref("Reports"))}, *POSTED, 404),
        }
    }
}

"""Sign-in with Google: GET /auth/login, GET /auth/callback, POST /auth/logout."""

from datetime import timedelta

from session_store.oidc import OidcSignIn, SecretsManagerSecret, StepUp, sign_in_handler

SIGN_IN = OidcSignIn(
    issuer="https://accounts.google.com",
    client_id="1234.apps.googleusercontent.com",
    client_secret=SecretsManagerSecret("oidc/google"),
    redirect_uri="https://shop.example.com/auth/callback",
    customer_prefix="google:",
    step_ups={"pay": StepUp(max_age=timedelta(minutes=5))},
)
handler = sign_in_handler(SIGN_IN, carry_data=True)
